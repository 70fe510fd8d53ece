"""Limits for the cost of rendering a text, whatever it contains.

The library's parsers scan the rest of a text again and again, so that some texts cost the square of their length. Here
each scan spends a part of a budget; when it is exhausted, the rest of the text is shown as it was typed. The budget
counts characters that are scanned, not seconds, so that a text has the same HTML on every machine.
"""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from taiga.base.markdown.pattern import NOT_FOUND, Found

LONGEST = 100_000
"""Characters; longer texts are shown as they were typed."""

DEEPEST = 40
"""How deep quotes and lists may be nested."""

BLOCK_BUDGET = 3_000_000
COST_OF_BLOCK = 300
INLINE_BUDGET = 3_000_000
COST_OF_MATCH = 50

MOST_BRACKETS = 30
"""How deep brackets may be nested in the text of a link."""

_BRACKETS = re.compile(r"[\[\]]")
_BRACKET_COST = 5


class Budget:
    """The characters that may still be scanned."""

    def __init__(self) -> None:
        self.left = 0

    def spend(self, cost: int) -> bool:
        """Subtract a cost; returns whether something is left."""
        self.left -= cost
        return self.left > 0


class TooMuch(BlockProcessor):
    """The first block processor. A block that is nested too deep, or for which the budget is exhausted, stays plain
    text.
    """

    def __init__(self, parser: BlockParser, budget: Budget) -> None:
        super().__init__(parser)
        self.budget = budget

    def test(self, parent: Element, block: str) -> bool:
        return not self.budget.spend(COST_OF_BLOCK + len(block)) or len(self.parser.state) > DEEPEST

    def run(self, parent: Element, blocks: list[str]) -> None:
        SubElement(parent, "p").text = AtomicString("\n\n".join(blocks).strip("\n"))
        blocks.clear()


class Budgeted(InlineProcessor):
    """An inline pattern that spends a `share`-th of the text's length for each match it examines."""

    def __init__(self, pattern: InlineProcessor, budget: Budget, share: int) -> None:
        super().__init__(pattern.pattern)
        self.compiled_re = pattern.getCompiledRegExp()
        self.inner = pattern
        self.budget = budget
        self.share = share

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]  # noqa: N802
        paid = self.budget.spend(COST_OF_MATCH + len(data) // self.share)
        return self.inner.handleMatch(m, data) if paid else NOT_FOUND


class BudgetedBrackets(Budgeted):
    """A link or image. The library looks for the closing bracket character by character; here it is found first, at a
    cost.
    """

    def handleMatch(self, m: re.Match[str], data: str) -> Found:  # type: ignore[override]  # noqa: N802
        end = self._closing_bracket(data, m.end())
        if end is None or not self.budget.spend(COST_OF_MATCH + end - m.start()):
            return NOT_FOUND
        found = self.inner.handleMatch(m, data)
        if found[0] is None and data.startswith("(", end):
            self.budget.spend(2 * (len(data) - end))
        return found

    def _closing_bracket(self, data: str, start: int) -> int | None:
        depth = 1
        for bracket in _BRACKETS.finditer(data, start):
            depth += 1 if bracket[0] == "[" else -1
            if depth == 0:
                return bracket.end()
            if depth > MOST_BRACKETS or not self.budget.spend(_BRACKET_COST):
                break
        return None
