"""Hooks of GitLab."""

from collections.abc import Callable

from django.conf import settings

from taiga.webhooks.forges.calls import Call, Config, at, has_key, listed, text
from taiga.webhooks.forges.events import Action, Comment, Event, Forge, Issue, Person, Push, commit

ACTIONS = {"open": Action.CREATE, "update": Action.UPDATE, "close": Action.CLOSE, "reopen": Action.REOPEN}


def is_genuine(call: Call, config: Config) -> bool:
    """The address contains the project's secret."""
    return has_key(call, config, settings.GITLAB_VALID_ORIGIN_IPS)


def event(call: Call) -> Event | None:
    """The event that the payload names, by default a push; None for others."""
    if call.payload is None:
        return None
    name = call.payload.get("object_kind", "push") if isinstance(call.payload, dict) else None
    return EVENTS[name](call) if isinstance(name, str) and name in EVENTS else None


def push(call: Call) -> Push:
    """Commits. Of their authors only the names are known."""
    commits = listed(call.payload, "commits")
    return Push([commit(one, Person(name=text(one, "author", "name"))) for one in commits])


def person(call: Call) -> Person:
    """The user of the event."""
    name = text(call.payload, "user", "username")
    homepage = text(call.payload, "repository", "homepage")
    return Person(name=name, url=profile_url(homepage, name))


def profile_url(repository: str | None, name: str | None) -> str | None:
    """The address of a user's page, which is two levels above that of a repository."""
    site = repository.rstrip("/").rsplit("/", 2)[0] if repository else ""
    return f"{site}/{name}" if site and name else None


def issue(call: Call) -> Issue | None:
    """An issue."""
    fields = at(call.payload, "object_attributes")
    action = ACTIONS.get(text(fields, "action") or "")
    if action is None:
        return None
    return Issue(
        action,
        number=text(fields, "iid"),
        subject=text(fields, "title"),
        url=text(fields, "url"),
        description=text(fields, "description") or "",
        is_closed=text(fields, "state") == "closed",
        person=person(call),
        project_url=text(call.payload, "repository", "homepage") or "",
    )


def note(call: Call) -> Comment | None:
    """A comment on an issue; None for other comments."""
    fields = at(call.payload, "object_attributes")
    if text(fields, "noteable_type") != "Issue":
        return None
    return Comment(
        number=text(call.payload, "issue", "iid"),
        issue_url=text(call.payload, "issue", "url"),
        url=text(fields, "url"),
        text=text(fields, "note"),
        person=person(call),
        project_url=text(call.payload, "repository", "homepage") or "",
    )


EVENTS: dict[str, Callable[[Call], Event | None]] = {"push": push, "issue": issue, "note": note}
GITLAB = Forge("gitlab", "GitLab", "#e24329", is_genuine, event)
