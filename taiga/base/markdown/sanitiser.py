"""The allow-list of HTML, and the only place where HTML is written.

Whatever the parsers have done: the result has only these tags, these attributes, addresses of these schemes, and text.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import unescape
from html.entities import html5
from xml.etree.ElementTree import Element

TAGS = frozenset(
    {"a", "abbr", "acronym", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "hr", "i", "img"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "input", "ins", "label", "li", "ol", "p", "pre", "span", "strong", "sup"}
    | {"table", "tbody", "td", "th", "thead", "tr", "ul"}
)
VOID = frozenset({"br", "hr", "img", "input"})
ATTRIBUTES = {
    "a": frozenset({"href", "title", "alt", "target"}),
    "img": frozenset({"alt", "src"}),
    "input": frozenset({"type", "checked"}),
    "abbr": frozenset({"title"}),
    "acronym": frozenset({"title"}),
}
EVERYWHERE = frozenset({"class", "id", "style"})
SCHEMES = frozenset({"http", "https", "ftp", "mailto"})

_REFERENCE = re.compile(r"&(?:(#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|[a-zA-Z][a-zA-Z0-9]{1,31};))?")
_PLACEHOLDER = re.compile(r"\x02[^\x03]*\x03?")
_IGNORED_IN_ADDRESSES = re.compile(r"[`\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060\ufeff\ufffd\s]+")
_SCHEME = re.compile(r"([^:/?#]*):")
_CSS_ADDRESS = re.compile(r"url\s*+\([^)]*\)")
_CSS_HARMLESS = re.compile(r"(?:[/:,#%!.\s\w;]|(?<=\w)-(?=\w)|'[\s\w]++'|\"[\s\w]++\"|\([\d,%.\s]++\))*+")
_LONGEST_CSS = 1000


class NeedsRepair(Exception):
    """The tree is one that no HTML parser makes, since it has a link within a link or an unknown tag."""


def write(root: Element, *, parsed: bool) -> str:
    """The content of the root as HTML. Raises NeedsRepair for a tree that was not `parsed` from HTML and is not
    valid.
    """
    parts = [escaped(root.text or "")]
    pending: list[Element | str] = list(reversed(root))
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        if not parsed and (node.tag not in TAGS or (node.tag == "a" and len(list(node.iter("a"))) > 1)):
            raise NeedsRepair
        parts.append(f"<{node.tag}{_attributes(node.tag, node.items()) if node.attrib else ''}>")
        if node.text:
            parts.append(escaped(node.text))
        if node.tail:
            pending.append(escaped(node.tail))
        if node.tag not in VOID:
            pending.append(f"</{node.tag}>")
            pending.extend(reversed(node))
    return "".join(parts)


def escaped(text: str) -> str:
    """Text as HTML: known character references stay, everything else is escaped."""
    if "&" in text:
        text = _REFERENCE.sub(_kept, text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _kept(reference: re.Match[str]) -> str:
    return reference[0] if reference[1] and _is_known(reference[1]) else "&amp;" + (reference[1] or "")


def _is_known(name: str) -> bool:
    if name[0] != "#":
        return name in html5
    code = int(name[2:-1], 16) if name[1] in "xX" else int(name[1:-1])
    return 0 < code < 0x110000


def _attributes(tag: str, items: Iterable[tuple[str, str | None]]) -> str:
    allowed = ATTRIBUTES.get(tag, EVERYWHERE)
    parts = []
    for name, value in sorted(items, key=_name):
        if name not in allowed and name not in EVERYWHERE:
            continue
        if name == "checked":
            parts.append(" checked")
        elif (safe := _safe_value(name, _PLACEHOLDER.sub("", value or ""))) is not None:
            parts.append(f' {name}="{escaped(safe).replace(chr(34), "&quot;")}"')
    return "".join(parts)


def _name(item: tuple[str, str | None]) -> str:
    return item[0]


def _safe_value(name: str, value: str) -> str | None:
    if name in {"href", "src"}:
        return value if _may_lead(value) else None
    return _safe_style(value) if name == "style" else value


@lru_cache(maxsize=1024)
def _may_lead(address: str) -> bool:
    """Whether an address has an allowed scheme, as the most lenient browser reads it: without what it skips, with
    references resolved.
    """
    bare = _IGNORED_IN_ADDRESSES.sub("", unescape(address))
    scheme = _SCHEME.match(bare)
    return not scheme or scheme[1].lower() in SCHEMES


def _safe_style(css: str) -> str:
    """Only backgrounds; nothing if any part of the style is unusual."""
    css = _CSS_ADDRESS.sub(" ", unescape(css))
    declarations = [part.split(":") for part in css.split(";") if part.strip()]
    if len(css) > _LONGEST_CSS or not _CSS_HARMLESS.fullmatch(css) or any(len(parts) != 2 for parts in declarations):
        return ""
    backgrounds = [
        (name.strip(), value.lstrip()) for name, value in declarations if name.strip().lower() == "background"
    ]
    return " ".join(f"{name}: {value};" for name, value in backgrounds if value)
