"""Issues of a forge, each of which has an issue here, and comments on them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.bodies import Fields
from taiga.base.database import writing
from taiga.projects.models import IssueStatus, Kind, WorkItem
from taiga.projects.services import integrations, workitems
from taiga.webhooks.forges import comments
from taiga.webhooks.forges.events import Action, Comment, Issue
from taiga.webhooks.services.incoming import Source, Writer, locked

Values = dict[str, Any]
COMMENTED = (Kind.ISSUE, Kind.TASK, Kind.USERSTORY)


def apply(event: Issue, source: Source) -> None:
    """Create an issue, or change the one that refers to it; if there is none, it is created as well. Raises
    BadRequest.
    """
    if not event.subject or not event.url:
        raise errors.BadRequest(_("Invalid issue information"))
    with writing():
        writer = source.writer(event.person)
        reference = [source.forge.key, event.url]
        issue = None
        if event.action is not Action.CREATE:
            issue = locked(source.project_id, kind=Kind.ISSUE, external_reference=reference)
        if issue is None:
            create(event, source, writer)
            return
        values = CHANGES[event.action](event, source, writer)
        if values is not None:
            writer.change(issue, **values, comment=comments.issue(source.forge, event))


def create(event: Issue, source: Source, writer: Writer) -> None:
    """Create an issue, with a comment that says where it comes from."""
    values: Values = {
        "subject": event.subject,
        "description": description(event, source),
        "external_reference": [source.forge.key, event.url],
    }
    if event.is_closed:
        values["status"] = closed_status(source)
    sent: Fields[Any] = Fields(None, values, {}, values)
    issue = workitems.create(Kind.ISSUE, sent, access=writer.access, by=writer.by).item
    made = replace(event, action=Action.CREATE)
    writer.change(issue, comment=comments.issue(source.forge, made))


def update(event: Issue, source: Source, writer: Writer) -> Values | None:
    """The subject and the description."""
    return {"subject": event.subject, "description": description(event, source)}


def close(event: Issue, source: Source, writer: Writer) -> Values | None:
    """The status that the project has configured, or its first closed one; None if there is none."""
    status = closed_status(source)
    return {"status": status} if status is not None else None


def reopen(event: Issue, source: Source, writer: Writer) -> Values | None:
    """The project's default status; None if there is none."""
    status = writer.access.project.default_issue_status_id
    return {"status": status} if status is not None else None


CHANGES: dict[Action, Callable[[Issue, Source, Writer], Values | None]] = {
    Action.UPDATE: update,
    Action.CLOSE: close,
    Action.REOPEN: reopen,
}


def description(event: Issue, source: Source) -> str:
    """The description, with references to issues of the forge as links."""
    return comments.with_links(source.forge, event.description, event.project_url)


def closed_status(source: Source) -> int | None:
    """The status for issues that were closed at the forge; None if there is none."""
    chosen = source.config.get("close_status")
    if isinstance(chosen, int) and IssueStatus.objects.filter(pk=chosen, project_id=source.project_id).exists():
        return chosen
    return integrations.close_status(source.project_id)


def comment(event: Comment, source: Source) -> None:
    """Add a comment to everything in the project that was created from the issue. Raises BadRequest."""
    if not event.text or not event.issue_url or not event.url:
        raise errors.BadRequest(_("Invalid issue comment information"))
    rows = WorkItem.objects.filter(
        project_id=source.project_id, kind__in=COMMENTED, external_reference=[source.forge.key, event.issue_url]
    )
    for key in rows.order_by("id").values_list("pk", flat=True):
        with writing():
            item = locked(source.project_id, pk=key)
            if item is not None:
                source.writer(event.person).change(item, comment=comments.comment(source.forge, event))
