"""Targets of links and images: wiki pages, pages of the front, uploaded files; other sites open in a new window."""

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor

from taiga.base.markdown.surroundings import REFRESH

if TYPE_CHECKING:
    from taiga.base.markdown.dialect import Dialect

_PAGE_SLUG = re.compile(r"[A-Za-z0-9_-]+")


class Links(Treeprocessor):
    """Runs after all links have been made, and before the table of contents, whose links stay as they are."""

    def __init__(self, dialect: "Dialect") -> None:
        super().__init__(dialect)
        self.dialect = dialect

    def run(self, root: Element) -> None:
        for picture in root.iter("img"):
            picture.set("src", self._fresh(picture.get("src", "")))
        for link in root.iter("a"):
            self._lead(link)

    def _lead(self, link: Element) -> None:
        place = self.dialect.place
        href = self._fresh(link.get("href", ""))
        if place.slug and _PAGE_SLUG.fullmatch(href):
            href = self.dialect.wiki_page(href)
            link.set("class", "reference wiki")
        elif href.startswith("/"):
            href = place.front + href
        link.set("href", href)
        if not href.removesuffix("/").startswith(f"{place.front}/"):
            link.set("target", "_blank")

    def _fresh(self, url: str) -> str:
        """The present address of an uploaded file: the token of the one in the text may have expired."""
        media = self.dialect.place.media
        if not media or not url.startswith(media):
            return url
        fragment = REFRESH.search(url)
        current = fragment and self.dialect.attachments.get((fragment[1], int(fragment[2])))
        return current.partition("#")[0] + fragment[0] if fragment and current else url
