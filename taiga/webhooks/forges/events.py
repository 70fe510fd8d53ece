"""The events of forges, in a common format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.webhooks.forges.calls import Call, Config, at, text


class Action(Enum):
    """What happened to an issue."""

    CREATE = "create"
    UPDATE = "update"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Person:
    """Who caused an event, as far as the forge says; `id` is the one by which a linked account is found."""

    id: str | None = None
    name: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Commit:
    """One commit of a push."""

    id: str
    url: str
    message: str
    author: Person

    @property
    def summary(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0].strip()


def commit(fields: Any, author: Person, *, id: str | None = None, url: str | None = None) -> Commit:
    """A commit in the format that most forges use. Raises BadRequest for one without a message."""
    message = at(fields, "message")
    if not isinstance(message, str):
        raise errors.BadRequest(_("Invalid commit information"))
    return Commit(id or text(fields, "id") or "", url or text(fields, "url") or "", message.strip(), author)


@dataclass(frozen=True)
class Push:
    """Commits that were pushed."""

    commits: Sequence[Commit]


@dataclass(frozen=True)
class Issue:
    """An issue of the forge that was opened, edited, closed or reopened. `url` is by which the issue here refers to
    it.
    """

    action: Action
    number: str | None
    subject: str | None
    url: str | None
    description: str
    is_closed: bool
    person: Person
    project_url: str


@dataclass(frozen=True)
class Comment:
    """A comment on an issue of the forge."""

    number: str | None
    issue_url: str | None
    url: str | None
    text: str | None
    person: Person
    project_url: str


Event = Push | Issue | Comment


@dataclass(frozen=True)
class Forge:
    """A forge: how its requests are authenticated, and how they are read (None: an event that is ignored).

    `headers` are the request headers of its own that are read.
    """

    key: str
    label: str
    colour: str
    is_genuine: Callable[[Call, Config], bool]
    event: Callable[[Call], Event | None]
    headers: tuple[str, ...] = ()
