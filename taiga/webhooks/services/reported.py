"""Issues of a forge, which are issues here as well, and what is said about them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.bodies import Fields
from taiga.base.database import writing
from taiga.projects.models import IssueStatus, Kind, WorkItem
from taiga.projects.services import integrations, workitems
from taiga.webhooks.forges import words
from taiga.webhooks.forges.events import Action, Comment, Issue
from taiga.webhooks.services.incoming import Source, Writer, locked

Values = dict[str, Any]
COMMENTED = (Kind.ISSUE, Kind.TASK, Kind.USERSTORY)


def apply(told: Issue, source: Source) -> None:
    """A new issue, or a change of the one that is known; what is not known yet is made. Raises BadRequest."""
    if not told.subject or not told.url:
        raise errors.BadRequest(_("Invalid issue information"))
    with writing():
        writer = source.writer(told.person)
        reference = [source.forge.key, told.url]
        issue = None
        if told.action is not Action.CREATE:
            issue = locked(source.project_id, kind=Kind.ISSUE, external_reference=reference)
        if issue is None:
            create(told, source, writer)
            return
        values = CHANGES[told.action](told, source, writer)
        if values is not None:
            writer.change(issue, **values, comment=words.issue(source.forge, told))


def create(told: Issue, source: Source, writer: Writer) -> None:
    """A new issue, and a comment that tells where it is from."""
    values: Values = {
        "subject": told.subject,
        "description": description(told, source),
        "external_reference": [source.forge.key, told.url],
    }
    if told.is_closed:
        values["status"] = closed_status(source)
    sent: Fields[Any] = Fields(None, values, {}, values)
    issue = workitems.create(Kind.ISSUE, sent, access=writer.access, by=writer.by).item
    made = replace(told, action=Action.CREATE)
    writer.change(issue, comment=words.issue(source.forge, made))


def update(told: Issue, source: Source, writer: Writer) -> Values | None:
    """What an issue is about."""
    return {"subject": told.subject, "description": description(told, source)}


def close(told: Issue, source: Source, writer: Writer) -> Values | None:
    """The status that the project chose for it, or its first closed one; nothing if there is none."""
    status = closed_status(source)
    return {"status": status} if status is not None else None


def reopen(told: Issue, source: Source, writer: Writer) -> Values | None:
    """The project's default status; nothing if there is none."""
    status = writer.access.project.default_issue_status_id
    return {"status": status} if status is not None else None


CHANGES: dict[Action, Callable[[Issue, Source, Writer], Values | None]] = {
    Action.UPDATE: update,
    Action.CLOSE: close,
    Action.REOPEN: reopen,
}


def description(told: Issue, source: Source) -> str:
    """The text of an issue, its references leading back to the forge."""
    return words.with_links(source.forge, told.description, told.project_url)


def closed_status(source: Source) -> int | None:
    """The status of issues that are closed there."""
    chosen = source.config.get("close_status")
    if isinstance(chosen, int) and IssueStatus.objects.filter(pk=chosen, project_id=source.project_id).exists():
        return chosen
    return integrations.close_status(source.project_id)


def comment(told: Comment, source: Source) -> None:
    """What was said, below everything in the project that came from the issue. Raises BadRequest."""
    if not told.text or not told.issue_url or not told.url:
        raise errors.BadRequest(_("Invalid issue comment information"))
    rows = WorkItem.objects.filter(
        project_id=source.project_id, kind__in=COMMENTED, external_reference=[source.forge.key, told.issue_url]
    )
    for key in rows.order_by("id").values_list("pk", flat=True):
        with writing():
            item = locked(source.project_id, pk=key)
            if item is not None:
                source.writer(told.person).change(item, comment=words.comment(source.forge, told))
