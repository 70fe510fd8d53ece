"""The text version of a mail, made from its HTML."""

import re
from html.parser import HTMLParser

PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "blockquote", "hr", "div", "section"}
LINES = {"br", "li", "tr"}
SILENT = {"head", "style", "script", "title"}
KEPT = "\0"
"""Stands for a space that must stay, until the text is complete."""
Attributes = list[tuple[str, str | None]]


class Reader(HTMLParser):
    """Collects the text of an HTML document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0
        self.verbatim = 0
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        values = dict(attrs)
        if tag in SILENT:
            self.silent += 1
        elif tag == "a":
            self.links.append((values.get("href") or "", len(self.parts)))
        elif tag == "img":
            self.parts.append(values.get("alt") or "")
        elif tag in PARAGRAPHS:
            self.parts.append("\n\n")
            self.verbatim += tag == "pre"
        elif tag in LINES:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent -= 1
        elif tag == "a" and self.links:
            self.end_link(*self.links.pop())
        elif tag in PARAGRAPHS:
            self.parts.append("\n\n")
            self.verbatim -= tag == "pre"
        elif tag == "td":
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data.replace(" ", KEPT) if self.verbatim else re.sub(r"\s+", " ", data))

    def end_link(self, address: str, start: int) -> None:
        """Append the address of a link to its text, unless they are the same."""
        words = "".join(self.parts[start:]).strip()
        if address and address.removeprefix("mailto:") != words and not address.startswith("#"):
            self.parts.append(f": {address}" if words else address)


def of(html: str) -> str:
    """The text of an HTML document."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    lines = [line.strip(" ") for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().replace(KEPT, " ") + "\n"
