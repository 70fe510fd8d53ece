"""Parts of the library, changed for the dialect: older rules, linear time."""

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.blockprocessors import ReferenceProcessor
from markdown.extensions.abbr import AbbrBlockprocessor, AbbrExtension
from markdown.extensions.footnotes import FootnoteBlockProcessor, FootnoteExtension
from markdown.extensions.md_in_html import HTMLExtractorExtra
from markdown.extensions.tables import TableProcessor
from markdown.extensions.toc import TocExtension, TocTreeprocessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString, code_escape

from taiga.base.markdown.pattern import Found, Pattern

if TYPE_CHECKING:
    from taiga.base.markdown.dialect import Dialect


MOST_ABBREVIATIONS = 100
MOST_CELLS = 20_000
MOST_TABLES_OF_CONTENTS = 10

# A tag, a comment, a processing instruction or a CDATA section.
HTML = (
    r"(<(\/?[a-zA-Z][^<>@ ]*( [^<>]*)?|!--(?:(?!<!--|-->).)*--|[?](?:(?!<[?]|[?]>).)*[?]|"
    r"!\[CDATA\[(?:(?!<!\[CDATA\[|\]\]>).)*\]\])>)"
)
LONE_DELIMITER = r"((?:^|(?<=\s))(?:\*{1,3}|_{1,3})(?=\s|$))"
STRIKE = r"(~{2})(.+?)\1"
FOOTNOTE = r"\[\^([^\[\]]*)\]"
BACKTICKS = r"(?<!\\)(?:((?:\\{2})+)(?=`)|(`+))"
_RUN_OF_BACKTICKS = re.compile("`+")
_COST_OF_RUN = 5


class RawHtml(Preprocessor):
    """Stores blocks of HTML away. As before version 3.11, a comment inside a line is a block, too."""

    def __init__(self, dialect: "Dialect") -> None:
        super().__init__(dialect)
        self.dialect = dialect

    def run(self, lines: list[str]) -> list[str]:
        source = "\n".join(lines)
        if "<" not in source:
            return lines
        extractor = _Extractor(self.dialect)
        # No tag ends behind the last >, but the library's parser would search for the end of each that begins there.
        tags, end, rest = source.rpartition(">")
        text, start, unfinished = rest.partition("<")
        extractor.feed(tags + end + text)
        extractor.goahead(end=True)
        extractor.handle_data(start + unfinished)
        extractor.close()
        return "".join(extractor.cleandoc).split("\n")


class _Extractor(HTMLExtractorExtra):
    """The library's parser of blocks of HTML."""

    def inline_close_follows(self, text: str) -> bool:
        return False


class Backticks(Pattern):
    """`` `code` ``. An opening run of backticks is closed by the longest run behind it that is not longer than
    itself.
    """

    def found(self, match: re.Match[str], data: str) -> Found:
        if match[1]:
            return match[1].replace("\\\\", "\x0292\x03"), match.start(), match.end()
        ending = self._ending(match, data)
        if ending is None:
            return None, match.start(), match.end()
        element = Element("code")
        inside = data[match.start() + len(ending[0]) : ending.start()]
        element.text = AtomicString(code_escape(inside.strip()))
        return element, match.start(), ending.end()

    def _ending(self, match: re.Match[str], data: str) -> re.Match[str] | None:
        longest = len(match[2])
        best: re.Match[str] | None = None
        for run in _RUN_OF_BACKTICKS.finditer(data, match.end()):
            size = len(run[0])
            if size <= longest and (best is None or size > len(best[0])):
                best = run
            if size == longest or not self.dialect.looks.spend(_COST_OF_RUN):
                break
        return best


class AddressDefinitions(ReferenceProcessor):
    """`[label]: address "title"`, found in linear time."""

    RE = re.compile(
        r'^[ ]{0,3}\[([^\[\]]*)\]:[ ]*+(?:\n[ ]*+)?([^\s]++)[ ]*+(?:\n[ ]*+)?((["\'])(.*)\4[ ]*+|\((.*)\)[ ]*+)?$',
        re.MULTILINE,
    )


class FootnoteDefinitions(FootnoteBlockProcessor):
    """`[^label]: text`, found in linear time."""

    RE = re.compile(r"^[ ]{0,3}\[\^([^\[\]\n]*)\]:[ ]*+(.*)$", re.MULTILINE)


class Footnotes(FootnoteExtension):
    """Footnotes whose definitions are found in linear time. Their references are among the inline patterns."""

    def extendMarkdown(self, md: "Dialect") -> None:  # type: ignore[override]  # noqa: N802
        super().extendMarkdown(md)
        md.parser.blockprocessors.register(FootnoteDefinitions(self), "footnote", 17)


class AbbreviationDefinitions(AbbrBlockprocessor):
    """`*[abbreviation]: title`, found in linear time, up to a number of them."""

    RE = re.compile(r"^[*]\[(?P<abbr>[^\\\n]*?)\][ ]?:[ ]*+(?:\n[ ]*+)?(?P<title>.*)$", re.MULTILINE)

    def test(self, parent: Element, block: str) -> bool:
        return "*[" in block and len(self.abbrs) < MOST_ABBREVIATIONS


class Abbreviations(AbbrExtension):
    """Abbreviations with these definitions."""

    abbrs: dict[str, str]

    def extendMarkdown(self, md: "Dialect") -> None:  # type: ignore[override]  # noqa: N802
        super().extendMarkdown(md)
        md.parser.blockprocessors.register(AbbreviationDefinitions(md.parser, self.abbrs), "abbr", 16)


class Tables(TableProcessor):
    """Tables whose rows are split in linear time, up to a number of cells."""

    def test(self, parent: Element, block: str) -> bool:
        header, _, rows = block.partition("\n")
        if "|" not in header or header.count("|") * (rows.count("\n") + 1) > MOST_CELLS:
            return False
        return super().test(parent, block)

    def _split(self, row: str) -> list[str]:
        """The cells of a row, split at each pipe that is neither escaped nor inside of code."""
        tokens = [m for m in self.RE_CODE_PIPES.finditer(row) if not (m[1] or m[4])]
        closings = _closing_ticks(tokens)
        cells, written, at = [], 0, 0
        while at < len(tokens):
            if tokens[at][5]:
                cells.append(row[written : tokens[at].start()])
                written = tokens[at].end()
            at = closings.get(at, at) + 1
        return [*cells, row[written:]]


def _closing_ticks(tokens: list[re.Match[str]]) -> dict[int, int]:
    """Which token closes the code that a token opens, by index. A backslash hides one backtick of an opening run
    only.
    """
    closings: dict[int, int] = {}
    next_of_size: dict[int, int] = {}
    for at in range(len(tokens) - 1, -1, -1):
        escaped, plain = tokens[at][2], tokens[at][3]
        if not (escaped or plain):
            continue
        opening_size = len(escaped) - 2 if escaped else len(plain)
        if opening_size and opening_size in next_of_size:
            closings[at] = next_of_size[opening_size]
        next_of_size[len(escaped) - 1 if escaped else len(plain)] = at
    return closings


class TableOfContents(TocTreeprocessor):
    """Replaces the first few `[TOC]`s: many of them with many headings would make a huge document."""

    def replace_marker(self, root: Element, elem: Element) -> None:
        replaced = 0
        for parent, child in list(self.iterparent(root)):
            if replaced == MOST_TABLES_OF_CONTENTS:
                break
            if child.tag not in {"td", "th"} and not len(child) and (child.text or "").strip() == self.marker:
                parent[list(parent).index(child)] = elem
                replaced += 1


class Headings(TocExtension):
    """Headings with ids, and the table of contents."""

    TreeProcessorClass = TableOfContents
