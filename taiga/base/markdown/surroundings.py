"""What the HTML of a text depends on besides the text: its place, and the members, items and files it names."""

import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

Attachment = tuple[str, int]
"""What an attachment hangs on (`epic`, `userstory`, `task`, `issue`, `wikipage`) and its id."""

MENTION = re.compile(r"(?<!\w)@([\w.-]+)\b")
REFERENCE = re.compile(r"(?<![^\W_])(?<![-\[])#([0-9]{1,18})(?![0-9])")
_MAYBE_MENTION = re.compile(r"@([\w.-]+)\b")
_MAYBE_REFERENCE = re.compile(r"#([0-9]{1,18})(?![0-9])")
REFRESH = re.compile(r"#_taiga-refresh=([a-z]+):([0-9]{1,18})")

T = TypeVar("T", bound=Hashable)

MOST_NAMES = 1000
"""A text may name so many members, items and files; the rest stays as it was typed."""


class ProjectText(Protocol):
    """What the renderer asks of the project a text belongs to: each question once per text, and only if needed."""

    @property
    def slug(self) -> str:
        """The project's slug; empty where wiki links are to stay text."""

    @property
    def front(self) -> str:
        """Address of the front, without a slash at its end."""

    @property
    def media(self) -> str:
        """Where the addresses of uploaded files begin, with a slash at its end."""

    @property
    def static(self) -> str:
        """Where the addresses of the emojis begin, with a slash at its end."""

    def member_names(self, usernames: Collection[str]) -> Mapping[str, str]:
        """Username → full name, of those that are members."""

    def items(self, refs: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """Reference → kind (`epic`, `userstory`, `task`, `issue`) and subject, of those that exist."""

    def attachment_urls(self, attachments: Collection[Attachment]) -> Mapping[Attachment, str]:
        """Attachment → its address of today (what follows a `#` is ignored), of those that exist."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The answers to one text. Hashable, so that the text and this are the whole key of its HTML."""

    slug: str = ""
    front: str = ""
    media: str = ""
    static: str = ""
    members: tuple[tuple[str, str], ...] = ()
    items: tuple[tuple[int, tuple[str, str]], ...] = ()
    attachments: tuple[tuple[Attachment, str], ...] = ()


NOWHERE = Surroundings()


def look_up(text: str, project: ProjectText | None) -> Surroundings:
    """Asks the project about whatever looks like a mention, a reference or an uploaded file (in code too)."""
    if project is None:
        return NOWHERE
    names = mentionable(text)
    refs = {int(digits) for digits in _first(_MAYBE_REFERENCE.findall(text) if "#" in text else [])}
    files = {(kind, int(digits)) for kind, digits in _first(REFRESH.findall(text) if "_taiga-refresh" in text else [])}
    return Surroundings(
        slug=project.slug,
        front=project.front,
        media=project.media,
        static=project.static,
        members=tuple(sorted(project.member_names(names).items())) if names else (),
        items=tuple(sorted(project.items(refs).items())) if refs else (),
        attachments=tuple(sorted(project.attachment_urls(files).items())) if files else (),
    )


def mentionable(text: str) -> list[str]:
    """What may be names, in the order of the text, each once. The last `_` of `_@name_` may be emphasis."""
    if "@" not in text:
        return []
    names = _MAYBE_MENTION.findall(text)
    return _first([shorter for name in names for shorter in dict.fromkeys((name, name.rstrip("_")))])


def _first(found: Collection[T]) -> list[T]:
    return list(dict.fromkeys(found))[:MOST_NAMES]
