"""Hooks of GitHub."""

from collections.abc import Callable

from taiga.webhooks.forges.calls import Call, Config, at, is_signed, listed, text
from taiga.webhooks.forges.events import Action, Comment, Event, Forge, Issue, Person, Push, commit

ACTIONS = {"opened": Action.CREATE, "edited": Action.UPDATE, "closed": Action.CLOSE, "reopened": Action.REOPEN}


def is_genuine(call: Call, config: Config) -> bool:
    """The body is signed with the project's secret."""
    algorithm, _, signature = call.header("X-Hub-Signature").partition("=")
    return algorithm == "sha1" and is_signed(call, signature, config.get("secret"), "sha1")


def event(call: Call) -> Event | None:
    """The event that the header names; None for others."""
    name = call.header("X-GitHub-Event")
    return EVENTS[name](call) if name in EVENTS else None


def person(call: Call) -> Person:
    """The sender of the event."""
    sender = at(call.payload, "sender")
    return Person(text(sender, "id"), text(sender, "login"), text(sender, "html_url"))


def push(call: Call) -> Push:
    """Commits."""
    author = person(call)
    return Push([commit(one, author) for one in listed(call.payload, "commits")])


def issue(call: Call) -> Issue | None:
    """An issue."""
    action = ACTIONS.get(text(call.payload, "action") or "")
    fields = at(call.payload, "issue")
    if action is None:
        return None
    return Issue(
        action,
        number=text(fields, "number"),
        subject=text(fields, "title"),
        url=text(fields, "html_url"),
        description=text(fields, "body") or "",
        is_closed=text(fields, "state") == "closed",
        person=person(call),
        project_url=text(call.payload, "repository", "html_url") or "",
    )


def comment(call: Call) -> Comment | None:
    """A new comment; later changes of it are ignored."""
    if text(call.payload, "action") != "created":
        return None
    return Comment(
        number=text(call.payload, "issue", "number"),
        issue_url=text(call.payload, "issue", "html_url"),
        url=text(call.payload, "comment", "html_url"),
        text=text(call.payload, "comment", "body"),
        person=person(call),
        project_url=text(call.payload, "repository", "html_url") or "",
    )


EVENTS: dict[str, Callable[[Call], Event | None]] = {"push": push, "issues": issue, "issue_comment": comment}
GITHUB = Forge("github", "GitHub", "#24292f", is_genuine, event, ("X-GitHub-Event", "X-Hub-Signature"))
