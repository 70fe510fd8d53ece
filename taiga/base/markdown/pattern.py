"""The base class of our inline patterns."""

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.inlinepatterns import InlineProcessor

if TYPE_CHECKING:
    from taiga.base.markdown.dialect import Dialect

Found = tuple[Element | str | None, int | None, int | None]
"""What replaces a match, and the start and end of the text that it replaces."""

NOT_FOUND: Found = (None, None, None)


class Pattern(InlineProcessor):
    """An inline pattern, found by a regular expression."""

    def __init__(self, regex: str, dialect: "Dialect") -> None:
        super().__init__(regex, dialect)
        self.dialect = dialect

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]  # noqa: N802
        return self.found(m, data)

    def found(self, match: re.Match[str], data: str) -> Found:
        """The element, and the start and end of the text it replaces. No element but two numbers skip the match."""
        raise NotImplementedError
