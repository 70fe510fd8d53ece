"""Hooks of Bitbucket."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from taiga.webhooks.forges.calls import Call, Config, at, has_key, listed, text
from taiga.webhooks.forges.events import Action, Comment, Event, Forge, Issue, Person, Push, commit


def is_genuine(call: Call, config: Config) -> bool:
    """The address contains the project's secret."""
    return has_key(call, config, settings.BITBUCKET_VALID_ORIGIN_IPS)


def event(call: Call) -> Event | None:
    """The event that the header names; None for others."""
    name = call.header("X-Event-Key")
    return EVENTS[name](call) if name in EVENTS else None


def person(fields: Any) -> Person:
    """The person of a user object."""
    return Person(text(fields, "uuid"), text(fields, "nickname"), link(fields))


def link(fields: Any) -> str | None:
    """The address of an object's page."""
    return text(fields, "links", "html", "href")


def push(call: Call) -> Push:
    """The commits of all branches that were pushed."""
    commits = [one for change in listed(call.payload, "push", "changes") for one in listed(change, "commits")]
    return Push(
        [commit(one, person(at(one, "author", "user")), id=text(one, "hash"), url=link(one)) for one in commits]
    )


def issue(call: Call) -> Issue:
    """A new issue."""
    fields = at(call.payload, "issue")
    return Issue(
        Action.CREATE,
        number=text(fields, "id"),
        subject=text(fields, "title"),
        url=link(fields),
        description=text(fields, "content", "raw") or "",
        is_closed=False,
        person=person(at(call.payload, "actor")),
        project_url=link(at(call.payload, "repository")) or "",
    )


def comment(call: Call) -> Comment:
    """A new comment. Its address is that of the issue, with a fragment."""
    fields = at(call.payload, "issue")
    issue_url, key = link(fields), text(call.payload, "comment", "id")
    return Comment(
        number=text(fields, "id"),
        issue_url=issue_url,
        url=f"{issue_url}#comment-{key}" if issue_url and key else None,
        text=text(call.payload, "comment", "content", "raw"),
        person=person(at(call.payload, "actor")),
        project_url=link(at(call.payload, "repository")) or "",
    )


EVENTS: dict[str, Callable[[Call], Event | None]] = {
    "repo:push": push,
    "issue:created": issue,
    "issue:comment_created": comment,
}
BITBUCKET = Forge("bitbucket", "BitBucket", "#0052cc", is_genuine, event, ("X-Event-Key",))
