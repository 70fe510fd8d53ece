"""Inline patterns of the dialect: addresses, mentions, references, wiki links, emojis."""

import re
from functools import cache
from importlib.resources import files
from urllib.parse import quote
from xml.etree.ElementTree import Element

from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

from taiga.base.markdown.pattern import NOT_FOUND, Found, Pattern
from taiga.base.slugs import slugify

# \x02…\x03 is the placeholder of a former match; that of a backslash escape belongs to the address.
_PIECE = r"\x02klzzwxh:(\d+)\x03"
WEB_ADDRESS = rf"(?i)(?<!\w)(?:(?:https?|ftp)://|www\.)(?:[^\s<>)\x02\x03]|{_PIECE})*(?:[^\s<>).,\x02\x03]|{_PIECE})"
MAIL_ADDRESS = r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
WIKI_LINK = r"\[\[([\w -]+)(?:\|([^\[\]\n]+))?\]\]"
EMOJI = r":([a-z0-9_+-]+):"
_FOLDERS = {"epic": "epic", "userstory": "us", "task": "task", "issue": "issue"}


class WebAddress(Pattern):
    """A web address. It ends before a placeholder of more than a character, such as code or a tag."""

    def found(self, match: re.Match[str], data: str) -> Found:
        end = match.end()
        for piece in re.finditer(_PIECE, match[0]):
            if not self._is_character(piece[1]):
                end = match.start() + piece.start()
                break
        whole = self.compiled_re.fullmatch(data[match.start() : end].rstrip(".,"))
        if not whole:
            return None, match.start(), match.end()
        address = self.unescape(whole[0])
        href = address if "://" in address else "http://" + address
        return link(href, AtomicString(address)), match.start(), match.start() + whole.end()

    def _is_character(self, piece: str) -> bool:
        stashed = self.dialect.stashed.get(piece)
        if not isinstance(stashed, str):
            return False
        raw = HTML_PLACEHOLDER_RE.search(stashed)
        return raw is None or not str(self.dialect.htmlStash.rawHtmlBlocks[int(raw[1])]).startswith("<")


class MailAddress(Pattern):
    """An e-mail address."""

    def found(self, match: re.Match[str], data: str) -> Found:
        return link("mailto:" + match[0], AtomicString(match[0])), match.start(), match.end()


class Mention(Pattern):
    """`@username` of a member of the project."""

    def found(self, match: re.Match[str], data: str) -> Found:
        name = match[1]
        full_name = self.dialect.members.get(name)
        if full_name is None:
            return None, match.start(), match.end()
        self.dialect.mentioned.add(name)
        href = f"{self.dialect.place.front}/profile/{name}"
        attributes = {"class": "mention", "title": literal(full_name)}
        return link(href, AtomicString(match[0]), attributes), match.start(), match.end()


class Reference(Pattern):
    """`#7`; the digits stay as they were typed, with leading zeros."""

    def found(self, match: re.Match[str], data: str) -> Found:
        ref = match[1]
        kind, subject = self.dialect.items.get(int(ref), ("", ""))
        if kind not in _FOLDERS:
            return None, match.start(), match.end()
        href = f"{self.dialect.place.front}/project/{self.dialect.place.slug}/{_FOLDERS[kind]}/{ref}"
        css_class = "reference " + ("user-story" if kind == "userstory" else kind)
        attributes = {"class": css_class, "title": literal(f"#{ref} {subject}")}
        return link(href, AtomicString(f"&num;{ref}"), attributes), match.start(), match.end()


class WikiLink(Pattern):
    """`[[page]]` or `[[page|title]]`."""

    def found(self, match: re.Match[str], data: str) -> Found:
        label, title = match[1], match[2] or match[1]
        slug = slugify(label)
        if not slug or not self.dialect.place.slug:
            return NOT_FOUND
        attributes = {"class": "reference wiki", "title": self.unescape(title)}
        return link(self.dialect.wiki_page(slug), title, attributes), match.start(), match.end()


class Emoji(Pattern):
    """`:name:` of an emoji."""

    def found(self, match: re.Match[str], data: str) -> Found:
        name = match[1]
        if name not in emoji_names() or not self.dialect.place.static:
            return None, match.start(), match.end()
        src = f"{self.dialect.place.static}img/emojis/{quote(name, safe='')}.png"
        return Element("img", {"alt": name, "src": src}), match.start(), match.end()


def link(href: str, text: str, attributes: dict[str, str] | None = None) -> Element:
    """A link element."""
    element = Element("a", {"href": href, **(attributes or {})})
    element.text = text
    return element


def literal(text: str) -> str:
    """Plain text as the value of an attribute: character references in it are escaped."""
    return text.replace("&", "&amp;").replace("\x02", "").replace("\x03", "")


@cache
def emoji_names() -> frozenset[str]:
    """The names of the emojis."""
    return frozenset((files("taiga.base.markdown") / "emoji.txt").read_text(encoding="ascii").split())
