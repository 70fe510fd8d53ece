"""A project for the renderer, and the files with texts and their HTML."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from taiga.base.markdown.surroundings import Attachment

FRONT = "http://front.test"
MEDIA = "http://api.test/media/"
STATIC = "http://api.test/static/"


class Project:
    """Counts the questions of the renderer."""

    front = FRONT
    media = MEDIA
    static = STATIC

    def __init__(
        self,
        slug: str = "demo",
        members: Mapping[str, str] | None = None,
        items: Mapping[int, tuple[str, str]] | None = None,
        files: Mapping[Attachment, str] | None = None,
    ) -> None:
        self.slug = slug
        self.members = {"dev": "Dev User"} if members is None else members
        self.stock = ITEMS if items is None else items
        self.files = files or {}
        self.asked: list[str] = []

    def member_names(self, usernames: Collection[str]) -> Mapping[str, str]:
        self.asked.append("members")
        return {name: self.members[name] for name in usernames if name in self.members}

    def items(self, refs: Collection[int]) -> Mapping[int, tuple[str, str]]:
        self.asked.append("items")
        return {ref: self.stock[ref] for ref in refs if ref in self.stock}

    def attachment_urls(self, attachments: Collection[Attachment]) -> Mapping[Attachment, str]:
        self.asked.append("attachments")
        return {attachment: self.files[attachment] for attachment in attachments if attachment in self.files}


ITEMS = {
    1: ("userstory", "Story one"),
    2: ("epic", "Epic one"),
    4: ("issue", "Issue one"),
    7: ("task", "Task one"),
}


class Example(NamedTuple):
    name: str
    text: str
    html: str


def examples(file: str) -> Iterator[Example]:
    """The examples of a file: `name`, `IN …` and `OUT …`, a line each."""
    lines = [line for line in _lines(file) if not line.startswith("## ")]
    for name, text, html in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        assert text.startswith("IN  ")
        assert html.startswith("OUT ")
        yield Example(name, _plain(text[4:]), _plain(html[4:]))


def vectors() -> list[str]:
    return [_plain(line) for line in _lines("xss_vectors.txt")]


def _lines(file: str) -> list[str]:
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("# ")]


def _plain(line: str) -> str:
    text = re.sub(r"\\(u([0-9a-f]{4})|.)", _character, line)
    return text.replace("{FRONT}", FRONT).replace("{STATIC}", STATIC)


def _character(escape: re.Match[str]) -> str:
    if escape[2]:
        return chr(int(escape[2], 16))
    return {"n": "\n", "t": "\t", "r": "\r"}.get(escape[1], escape[1])
