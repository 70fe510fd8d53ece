"""What hooks tell of, in our own words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.webhooks.forges.calls import Call, Config, at, text


class Action(Enum):
    """What became of an issue."""

    CREATE = "create"
    UPDATE = "update"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Person:
    """Who did it, as far as the forge tells; `id` is the one by which a linked account here is found."""

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


def commit(told: Any, author: Person, *, id: str | None = None, url: str | None = None) -> Commit:
    """A commit as most forges tell of it. Raises BadRequest for one without a message."""
    message = at(told, "message")
    if not isinstance(message, str):
        raise errors.BadRequest(_("Invalid commit information"))
    return Commit(id or text(told, "id") or "", url or text(told, "url") or "", message.strip(), author)


@dataclass(frozen=True)
class Push:
    """Commits that arrived."""

    commits: Sequence[Commit]


@dataclass(frozen=True)
class Issue:
    """An issue of the forge that was opened, edited, closed or opened again. `url` is how it is known here."""

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
    """Somebody said something about an issue of the forge."""

    number: str | None
    issue_url: str | None
    url: str | None
    text: str | None
    person: Person
    project_url: str


Event = Push | Issue | Comment


@dataclass(frozen=True)
class Forge:
    """One of the forges: how its calls prove where they come from, and how they are read (None: not for us)."""

    key: str
    label: str
    colour: str
    is_genuine: Callable[[Call, Config], bool]
    event: Callable[[Call], Event | None]
