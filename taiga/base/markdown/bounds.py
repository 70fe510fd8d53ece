"""Keeps the cost of a text in bounds, however hostile it is.

The library's parsers look at the rest of a text again and again, so some texts cost the square of their length.
Every look is paid from a ration here; when it is used up, what is left of the text is shown as it was typed.
The ration is counted in characters looked at, not in seconds: the same text gives the same HTML on any machine.
"""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from taiga.base.markdown.pattern import NOT_FOUND, Found

LONGEST = 100_000
"""Longer texts are shown as they were typed."""

DEEPEST = 40
"""Quotes and lists within each other."""

BLOCK_RATION = 3_000_000
COST_OF_BLOCK = 300
INLINE_RATION = 3_000_000
COST_OF_MATCH = 50

MOST_BRACKETS = 30
"""Brackets within each other in the text of a link."""

_BRACKETS = re.compile(r"[\[\]]")
_BRACKET_COST = 5


class Ration:
    def __init__(self) -> None:
        self.left = 0

    def spend(self, cost: int) -> bool:
        self.left -= cost
        return self.left > 0


class TooMuch(BlockProcessor):
    """Asked before all others. Blocks that are nested too deep or for which nothing is left stay plain text."""

    def __init__(self, parser: BlockParser, ration: Ration) -> None:
        super().__init__(parser)
        self.ration = ration

    def test(self, parent: Element, block: str) -> bool:
        return not self.ration.spend(COST_OF_BLOCK + len(block)) or len(self.parser.state) > DEEPEST

    def run(self, parent: Element, blocks: list[str]) -> None:
        SubElement(parent, "p").text = AtomicString("\n\n".join(blocks).strip("\n"))
        blocks.clear()


class Rationed(InlineProcessor):
    """An inline pattern that pays for each look at what it has found: a small part of the length of the text."""

    def __init__(self, pattern: InlineProcessor, ration: Ration, share: int) -> None:
        super().__init__(pattern.pattern)
        self.compiled_re = pattern.getCompiledRegExp()
        self.inner = pattern
        self.ration = ration
        self.share = share

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]  # noqa: N802
        paid = self.ration.spend(COST_OF_MATCH + len(data) // self.share)
        return self.inner.handleMatch(m, data) if paid else NOT_FOUND


class RationedBrackets(Rationed):
    """A link or picture. The library looks for its end letter by letter, so that is done here first, and paid for."""

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]  # noqa: N802
        end = self._closing_bracket(data, m.end())
        if end is None or not self.ration.spend(COST_OF_MATCH + end - m.start()):
            return NOT_FOUND
        found = self.inner.handleMatch(m, data)
        if found[0] is None and data.startswith("(", end):
            self.ration.spend(2 * (len(data) - end))
        return found

    def _closing_bracket(self, data: str, start: int) -> int | None:
        depth = 1
        for bracket in _BRACKETS.finditer(data, start):
            depth += 1 if bracket[0] == "[" else -1
            if depth == 0:
                return bracket.end()
            if depth > MOST_BRACKETS or not self.ration.spend(_BRACKET_COST):
                break
        return None
