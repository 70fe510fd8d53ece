"""Finds what HTML could execute, with two independent parsers."""

import re
from html.parser import HTMLParser

from justhtml import JustHTML

TAGS = {"a", "abbr", "acronym", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "hr", "i", "img"}
TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "input", "ins", "label", "li", "ol", "p", "pre", "span", "strong", "sup"}
TAGS |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}
ATTRIBUTES = {"class", "style", "id", "href", "title", "alt", "target", "src", "type", "checked"}
EXECUTABLE = {"script", "iframe", "frame", "frameset", "object", "embed", "applet", "svg", "math", "base", "link"}
EXECUTABLE |= {"form", "button", "template", "noscript", "portal", "audio", "video", "source", "isindex", "keygen"}
ADDRESSES = {"href", "src", "action", "formaction", "background", "data", "poster", "xlink:href", "srcset", "cite"}
CSS = re.compile(r"expression|javascript|behaviou?r|-moz-binding|@import|vbscript|url\(", re.IGNORECASE)


class Inspector(HTMLParser):
    """A parser that is independent of the renderer's. It lists what a page contains."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.complaints: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.complaints.append(f"tag {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.complaints.append(f"attribute {name}")
            if name in {"href", "src"}:
                self._check_address(value or "")
            if name == "style" and not re.fullmatch(r"(background: ?[\w #%,.'\"!-]*;? ?)*", value or ""):
                self.complaints.append(f"style {value}")

    def _check_address(self, address: str) -> None:
        bare = re.sub(r"[^!-~]+", "", address).lower()
        scheme = re.match(r"([a-z][a-z0-9+.-]*|):", bare)
        if scheme and scheme[1] not in {"http", "https", "ftp", "mailto"}:
            self.complaints.append(f"address {address}")

    def handle_comment(self, data: str) -> None:
        self.complaints.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.complaints.append(f"declaration {decl}")

    def unknown_decl(self, data: str) -> None:
        self.complaints.append(f"declaration {data}")

    def handle_pi(self, data: str) -> None:
        self.complaints.append(f"instruction {data}")


def complaints(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.complaints


def executables(html: str) -> list[str]:
    """What a browser would execute in a page or a fragment. The tags of a page itself are allowed."""
    found: list[str] = []
    pending = [JustHTML(html, sanitize=False).root]
    while pending:
        node = pending.pop()
        if node.name in EXECUTABLE:
            found.append(f"tag {node.name}")
        for name, value in (getattr(node, "attrs", None) or {}).items():
            found += [f"{name} {value}"] if does_something(node.name, name.lower(), value or "") else []
        pending += node.children or ()
    return found


def does_something(tag: str, name: str, value: str) -> bool:
    """Whether an attribute executes something or fetches code."""
    bare = re.sub(r"[^!-~]+", "", value).lower()
    return (
        name.startswith("on")
        or name in ("srcdoc", "http-equiv")
        or (name == "style" and bool(CSS.search(value)))
        or (name in ADDRESSES and re.match(r"(javascript|vbscript|data|livescript|mocha):", bare) is not None)
    )
