"""GitLab's hooks."""

from collections.abc import Callable

from django.conf import settings

from taiga.webhooks.forges.calls import Call, Config, at, has_key, listed, text
from taiga.webhooks.forges.events import Action, Comment, Event, Forge, Issue, Person, Push, commit

ACTIONS = {"open": Action.CREATE, "update": Action.UPDATE, "close": Action.CLOSE, "reopen": Action.REOPEN}


def is_genuine(call: Call, config: Config) -> bool:
    """The address holds the project's secret."""
    return has_key(call, config, settings.GITLAB_VALID_ORIGIN_IPS)


def event(call: Call) -> Event | None:
    """By the name in the payload; without one it is a push."""
    if call.payload is None:
        return None
    name = call.payload.get("object_kind", "push") if isinstance(call.payload, dict) else None
    return EVENTS[name](call) if isinstance(name, str) and name in EVENTS else None


def push(call: Call) -> Push:
    """Commits; of their authors only the name is known."""
    commits = listed(call.payload, "commits")
    return Push([commit(one, Person(name=text(one, "author", "name"))) for one in commits])


def person(call: Call) -> Person:
    """Who did it; his page is two levels above the repository."""
    name = text(call.payload, "user", "username")
    homepage = text(call.payload, "repository", "homepage")
    return Person(name=name, url=beside(homepage, name))


def beside(repository: str | None, name: str | None) -> str | None:
    """The page of somebody at the forge that has a repository."""
    site = repository.rstrip("/").rsplit("/", 2)[0] if repository else ""
    return f"{site}/{name}" if site and name else None


def issue(call: Call) -> Issue | None:
    """An issue."""
    told = at(call.payload, "object_attributes")
    action = ACTIONS.get(text(told, "action") or "")
    if action is None:
        return None
    return Issue(
        action,
        number=text(told, "iid"),
        subject=text(told, "title"),
        url=text(told, "url"),
        description=text(told, "description") or "",
        is_closed=text(told, "state") == "closed",
        person=person(call),
        project_url=text(call.payload, "repository", "homepage") or "",
    )


def note(call: Call) -> Comment | None:
    """A comment, if it is about an issue."""
    told = at(call.payload, "object_attributes")
    if text(told, "noteable_type") != "Issue":
        return None
    return Comment(
        number=text(call.payload, "issue", "iid"),
        issue_url=text(call.payload, "issue", "url"),
        url=text(told, "url"),
        text=text(told, "note"),
        person=person(call),
        project_url=text(call.payload, "repository", "homepage") or "",
    )


EVENTS: dict[str, Callable[[Call], Event | None]] = {"push": push, "issue": issue, "note": note}
GITLAB = Forge("gitlab", "GitLab", "#e24329", is_genuine, event)
