"""Code in texts: fenced and indented blocks, and their syntax highlighting."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.extensions.attr_list import get_attrs_and_remainder
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, guess_lexer
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from taiga.base.markdown.bounds import COST_OF_BLOCK

if TYPE_CHECKING:
    from taiga.base.markdown.dialect import Dialect

COLOURED = 20_000
"""The budget for highlighting the code of a text. Some lexers need quadratic time for hostile input, so a block costs
the square of its length, in thousands; code beyond the budget is not highlighted.
"""

_COST_OF_COLOURS = 100
_COST_OF_GUESS = 500
LONGEST_GUESSED = 4_000

_OPENING = re.compile(
    r"(?P<fence>~{3,}+|`{3,}+)[ ]*+"
    r"(?:\{(?P<attributes>[^\n]{0,500})\}|"
    r"(?:\.?(?P<language>[\w#.+-]*+)[ ]*+)(?:hl_lines=(?P<quote>[\"'])(?P<lines>[\d ]*)(?P=quote)[ ]*+)?)"
)
_CLOSING = re.compile(r"(~{3,}+|`{3,}+)[ ]*+")
_LANGUAGE_LINE = re.compile(
    r"(?:::+|(?P<shebang>#!))(?P<path>(?:/\w+)*[/ ])?(?P<language>[\w#.+-]*)"
    r"\s*(?:hl_lines=(?P<quote>[\"'])(?P<lines>[\d ]*)(?P=quote))?"
)
_CSS_CLASS = re.compile(r"[\w-]+")


class Coloured(str):
    """HTML that was made here, with allowed tags only."""

    __slots__ = ()


@dataclass
class Options:
    """What the first line of a block says about it; other words there are ignored."""

    language: str | None = None
    css_classes: list[str] = field(default_factory=list)
    numbered: bool = False
    marked_lines: list[int] = field(default_factory=list)


class Fences(Preprocessor):
    """Stores fenced blocks away before the other preprocessors run, in one pass over the lines."""

    def __init__(self, dialect: "Dialect") -> None:
        super().__init__(dialect)
        self.dialect = dialect

    def run(self, lines: list[str]) -> list[str]:
        closings = _Closings(lines)
        kept: list[str] = []
        at = 0
        while at < len(lines):
            opening = _OPENING.fullmatch(lines[at]) if lines[at][:3] in {"```", "~~~"} else None
            options = opening and _options(opening)
            end = closings.after(at, opening["fence"]) if opening and options else None
            if not self.dialect.blocks.spend(COST_OF_BLOCK if opening else 0):
                return kept + lines[at:]
            if options is None or end is None:
                kept.append(lines[at])
                at += 1
            else:
                html = self.dialect.coloured("\n".join(lines[at + 1 : end]).strip("\n"), options)
                kept += ["", self.dialect.htmlStash.store(html), ""]
                at = end + 1
        return kept


class IndentedCode(Treeprocessor):
    """Highlights the blocks that the block parser found by their indentation."""

    def __init__(self, dialect: "Dialect") -> None:
        super().__init__(dialect)
        self.dialect = dialect

    def run(self, root: Element) -> None:
        for block in root.iter("pre"):
            if len(block) != 1 or block[0].tag != "code" or block[0].text is None:
                continue
            code = block[0].text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            code, options = _read_language(code.strip("\n"))
            stored = self.dialect.htmlStash.store(self.dialect.coloured(code, options))
            block.clear()
            block.tag = "p"
            block.text = stored


class _Closings:
    """The lines that could close a fence."""

    def __init__(self, lines: list[str]) -> None:
        self._lines: defaultdict[str, list[int]] = defaultdict(list)
        for number in range(len(lines) - 1, -1, -1):
            if lines[number][:3] in {"```", "~~~"} and (closing := _CLOSING.fullmatch(lines[number])):
                self._lines[closing[1]].append(number)

    def after(self, line: int, fence: str) -> int | None:
        """The next line that closes this fence. Lines have to be passed in ascending order, since earlier ones are
        dropped.
        """
        candidates = self._lines[fence]
        while candidates and candidates[-1] <= line:
            candidates.pop()
        return candidates[-1] if candidates else None


def _options(opening: re.Match[str]) -> Options | None:
    """The options of a fence; None if its braces are no attribute list, so that it is no fence."""
    if opening["attributes"] is None:
        return Options(language=opening["language"] or None, marked_lines=_numbers(opening["lines"] or ""))
    attributes, remainder = get_attrs_and_remainder(opening["attributes"])
    if remainder:
        return None
    options = Options()
    classes = [value for name, value in attributes if name == "." and value]
    if classes:
        options.language = classes[0]
        options.css_classes = [name for name in classes[1:] if _CSS_CLASS.fullmatch(name)]
    for name, value in attributes:
        if name == "hl_lines":
            options.marked_lines = _numbers(value or "")
        elif name == "linenums":
            options.numbered = (value or name).lower() in {"linenums", "true", "yes", "y", "on", "1"}
    return options


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split()[:100] if number.isdecimal() and len(number) < 10]


def _read_language(code: str) -> tuple[str, Options]:
    """The code and its options. `:::python` and `#!python` name the language and are removed; `#!/usr/bin/python`
    stays. A shebang numbers the lines.
    """
    first, _, rest = code.partition("\n")
    said = _LANGUAGE_LINE.match(first)
    if not said:
        return code, Options()
    options = Options(
        language=said["language"].lower(), numbered=bool(said["shebang"]), marked_lines=_numbers(said["lines"] or "")
    )
    return (code if said["path"] else rest.strip("\n")), options


class _Formatter(HtmlFormatter[str]):
    """Pygments up to 2.19 escaped quotes too, and clients compare the HTML of revisions."""

    def _translate_parts(self, value: str) -> list[str]:
        return _escaped(value).split("\n")


def coloured(code: str, options: Options, *, plain: bool) -> str:
    """The block as HTML; not highlighted if `plain`."""
    if plain:
        return Coloured(f'<div class="codehilite"><pre><span></span><code>{_escaped(code)}\n</code></pre></div>\n')
    lexer = _lexer(code, options.language)
    formatter = _Formatter(
        cssclass=" ".join([*options.css_classes, "codehilite"]),
        wrapcode=True,
        linenos=options.numbered or None,
        hl_lines=options.marked_lines,
    )
    html = highlight(code, lexer, formatter)
    return html if options.numbered else Coloured(html)


def _escaped(text: str) -> str:
    return escape(text).replace("&#x27;", "&#39;")


def cost(code: str, options: Options) -> int:
    """The cost of highlighting a block."""
    return len(code) ** 2 // 1000 + (_COST_OF_COLOURS if options.language else _COST_OF_GUESS)


def _lexer(code: str, language: str | None) -> Lexer:
    try:
        return get_lexer_by_name(language or "")
    except ClassNotFound:
        return guess_lexer(code) if len(code) <= LONGEST_GUESSED else TextLexer()
