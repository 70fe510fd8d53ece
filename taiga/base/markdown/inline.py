"""What is recognised inside a line: addresses, mentions, references, wiki links, emojis."""

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree.ElementTree import Element

from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from taiga.base.markdown.bounds import NOT_FOUND, Found
from taiga.base.slugs import slugify

if TYPE_CHECKING:
    from taiga.base.markdown.dialect import Dialect

# \x02…\x03 is a piece that was recognised before; of those only backslash escapes (digits alone) belong to an address.
WEB_ADDRESS = r"(?i)(?<!\w)(?:(?:https?|ftp)://|www\.)(?:[^\s<>)\x02\x03]|\x02\d+\x03)*(?:[^\s<>).,\x02\x03]|\x02\d+\x03)"
MAIL_ADDRESS = r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
WIKI_LINK = r"\[\[([\w -]+)(?:\|([^\[\]\n]+))?\]\]"
EMOJI = r":([a-z0-9_+-]+):"
_FOLDERS = {"epic": "epic", "userstory": "us", "task": "task", "issue": "issue"}


class TaigaPattern(InlineProcessor):
    """A pattern that may look at the dialect's surroundings."""

    def __init__(self, pattern: str, dialect: "Dialect") -> None:
        super().__init__(pattern, dialect)
        self.dialect = dialect


class WebAddress(TaigaPattern):
    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # noqa: N802 (the library's name)
        address = m[0]
        href = address if "://" in address else "http://" + address
        return link(href, AtomicString(address)), m.start(), m.end()


class MailAddress(TaigaPattern):
    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # noqa: N802
        return link("mailto:" + m[0], AtomicString(m[0])), m.start(), m.end()


class Mention(TaigaPattern):
    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # noqa: N802
        name = m[1]
        full_name = self.dialect.members.get(name)
        if full_name is None:
            return None, m.start(), m.end()
        self.dialect.mentioned.add(name)
        href = f"{self.dialect.place.front}/profile/{name}"
        attributes = {"class": "mention", "title": literal(full_name)}
        return link(href, AtomicString(m[0]), attributes), m.start(), m.end()


class Reference(TaigaPattern):
    """`#7`; the digits stay as they were typed, zeros in front included."""

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # noqa: N802
        ref = m[1]
        kind, subject = self.dialect.items.get(int(ref), (None, ""))
        if kind is None:
            return None, m.start(), m.end()
        href = f"{self.dialect.place.front}/project/{self.dialect.place.slug}/{_FOLDERS[kind]}/{ref}"
        css_class = "reference " + ("user-story" if kind == "userstory" else kind)
        attributes = {"class": css_class, "title": literal(f"#{ref} {subject}")}
        return link(href, AtomicString(f"&num;{ref}"), attributes), m.start(), m.end()


class WikiLink(TaigaPattern):
    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # noqa: N802
        label, title = m[1], m[2] or m[1]
        slug = slugify(label)
        if not slug or not self.dialect.place.slug:
            return NOT_FOUND
        attributes = {"class": "reference wiki", "title": self.unescape(title)}
        return link(self.dialect.wiki_page(slug), title, attributes), m.start(), m.end()


class Emoji(TaigaPattern):
    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # noqa: N802
        name = m[1]
        if name not in emoji_names() or not self.dialect.place.static:
            return None, m.start(), m.end()
        src = f"{self.dialect.place.static}img/emojis/{quote(name, safe='')}.png"
        return Element("img", {"alt": name, "src": src}), m.start(), m.end()


def link(href: str, text: str, attributes: dict[str, str] | None = None) -> Element:
    element = Element("a", {"href": href, **(attributes or {})})
    element.text = text
    return element


def literal(text: str) -> str:
    """Text that is no markup, as an attribute: what looks like a character reference in it is none."""
    return text.replace("&", "&amp;").replace("\x02", "").replace("\x03", "")


@cache
def emoji_names() -> frozenset[str]:
    return frozenset((files("taiga.base.markdown") / "emoji.txt").read_text(encoding="ascii").split())
