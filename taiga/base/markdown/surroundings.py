"""What the HTML of a text depends on besides the text: the project, and the members, items and files that it names."""

import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

Attachment = tuple[str, int]
"""The kind of object that has the attachment (`epic`, `userstory`, `task`, `issue`, `wikipage`), and the id of the
attachment.
"""

MENTION = re.compile(r"(?<!\w)@([\w.-]+)\b")
REFERENCE = re.compile(r"(?<![^\W_])(?<![-\[])#([0-9]{1,18})(?![0-9])")
_MAYBE_MENTION = re.compile(r"@([\w.-]+)\b")
_MAYBE_REFERENCE = re.compile(r"#([0-9]{1,18})(?![0-9])")
REFRESH = re.compile(r"#_taiga-refresh=([a-z]+):([0-9]{1,18})")

T = TypeVar("T", bound=Hashable)

MOST_NAMES = 1000
"""How many members, items and files a text may name; further names stay text."""


class ProjectText(Protocol):
    """What the renderer asks about the project of a text: each question at most once per text."""

    @property
    def slug(self) -> str:
        """The project's slug; empty if wiki links should stay text."""

    @property
    def front(self) -> str:
        """The address of the front, without a slash at the end."""

    @property
    def media(self) -> str:
        """The address below which uploaded files are, with a slash at the end."""

    @property
    def static(self) -> str:
        """The address below which the emojis are, with a slash at the end."""

    def member_names(self, usernames: Collection[str]) -> Mapping[str, str]:
        """Full names by username, of those who are members."""

    def items(self, refs: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """Kind (`epic`, `userstory`, `task`, `issue`) and subject by reference, of the items that exist."""

    def attachment_urls(self, attachments: Collection[Attachment]) -> Mapping[Attachment, str]:
        """The present address of each attachment that exists; a fragment of it is ignored."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The answers for a text. Hashable, since the text and this are the key under which its HTML is cached."""

    slug: str = ""
    front: str = ""
    media: str = ""
    static: str = ""
    members: tuple[tuple[str, str], ...] = ()
    items: tuple[tuple[int, tuple[str, str]], ...] = ()
    attachments: tuple[tuple[Attachment, str], ...] = ()


NOWHERE = Surroundings()


def look_up(text: str, project: ProjectText | None) -> Surroundings:
    """Ask the project about everything in a text that could be a mention, a reference or an uploaded file, also in
    code.
    """
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
    """What could be usernames, in the order of the text, each once. The last `_` of `_@name_` may belong to
    emphasis.
    """
    if "@" not in text:
        return []
    names = _MAYBE_MENTION.findall(text)
    return _first([shorter for name in names for shorter in dict.fromkeys((name, name.rstrip("_")))])


def _first(found: Collection[T]) -> list[T]:
    return list(dict.fromkeys(found))[:MOST_NAMES]
