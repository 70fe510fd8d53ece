"""`*emphasis*` and `__strong emphasis__` as Python-Markdown 3.10 parses them.

Later versions of the library follow CommonMark, which pairs unbalanced stars differently from how Taiga has always
rendered them. The two or three delimiters of each form are searched for one after the other, so that a form costs one
pass over the text.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from taiga.base.markdown.elements import append_text
from taiga.base.markdown.pattern import NOT_FOUND, Found, Pattern

if TYPE_CHECKING:
    from taiga.base.markdown.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Form:
    """`***a* b**` has an opening, a text, a middle, a text and an ending; a form without a middle is one element."""

    opening: re.Pattern[str]
    ending: re.Pattern[str]
    tags: tuple[str, ...]
    middle: re.Pattern[str] | None = None
    inner_first: bool = False
    """Whether the inner of the two elements holds the first text (`***a* b**`) or the second (`**a *b***`)."""

    def spans(self, data: str, begin: int) -> "Spans | None":
        """The spans of the texts after an opening that ends at `begin`; None if the form does not match."""
        first_end, second, ending_from = None, begin, begin + 1
        if self.middle:
            middle = self.middle.search(data, begin + 1)
            if not middle:
                return None
            first_end, second = middle.span()
            ending_from = second if self.inner_first else second + 1
        ending = self.ending.search(data, ending_from)
        return ending and Spans(begin, first_end, second, ending.start(), ending.end())


@dataclass(frozen=True, slots=True)
class Spans:
    """Where the texts of a form begin and end."""

    begin: int
    first_end: int | None
    second: int
    second_end: int
    end: int


def _form(opening: str, ending: str, tags: str, middle: str | None = None, *, inner_first: bool = False) -> Form:
    return Form(
        re.compile(opening),
        re.compile(ending),
        tuple(tags.split()),
        re.compile(middle) if middle else None,
        inner_first,
    )


_SHARE_OF_SEARCH = 4
"""A search without a match costs this fraction of the characters it scanned: one in four."""

STARS = (
    _form(r"\*{3}", r"\*\*", "strong em", r"\*", inner_first=True),
    _form(r"\*{3}", r"\*", "em strong", r"\*\*", inner_first=True),
    _form(r"\*\*(?!\*)(?=[^*]+\*(?!\*))", r"\*{3}", "strong em", r"\*(?!\*)"),
    _form(r"\*\*", r"\*\*", "strong"),
    _form(r"\*(?!\*)", r"\*", "em"),
)
UNDERSCORES = (
    _form(r"_{3}", r"__", "strong em", r"_", inner_first=True),
    _form(r"_{3}", r"_", "em strong", r"__", inner_first=True),
    _form(r"(?<!\w)__(?!_)", r"___(?!\w)", "strong em", r"(?<!\w)_(?!_)"),
    _form(r"(?<!\w)__(?!_)", r"(?<!_)__(?!\w)", "strong"),
    _form(r"(?<!\w)_(?!_)", r"(?<!_)_(?!\w)", "em"),
)


class Emphasis(Pattern):
    """One of the two delimiters, `*` or `_`, with its forms, the longest first."""

    def __init__(self, delimiter: str, forms: tuple[Form, ...], dialect: "Dialect") -> None:
        super().__init__(re.escape(delimiter), dialect)
        self.delimiter = delimiter
        self.forms = forms

    def found(self, match: re.Match[str], data: str) -> Found:
        for index, form in enumerate(self.forms):
            if spans := self._find(form, data, match.start()):
                return self._element(data, spans, index), match.start(), spans.end
        return NOT_FOUND

    def _find(self, form: Form, data: str, start: int) -> Spans | None:
        opened = form.opening.match(data, start)
        if not opened or self.dialect.looks.left <= 0:
            return None
        spans = form.spans(data, opened.end())
        if spans is None:
            self.dialect.looks.spend((len(data) - start) // _SHARE_OF_SEARCH)
        return spans

    def _element(self, data: str, spans: Spans, index: int) -> Element:
        form = self.forms[index]
        outer = Element(form.tags[0])
        if spans.first_end is None:
            self._fill(outer, data[spans.begin : spans.second_end], index)
            return outer
        inner = Element(form.tags[1])
        first, second = data[spans.begin : spans.first_end], data[spans.second : spans.second_end]
        if form.inner_first:
            self._fill(inner, first, index)
            outer.append(inner)
            self._fill(outer, second, index)
        else:
            self._fill(outer, first, index)
            outer.append(inner)
            self._fill(inner, second, index)
        return outer

    def _fill(self, parent: Element, data: str, used: int) -> None:
        """Append a text, in which the shorter forms of the same delimiter are elements."""
        written = position = 0
        while (position := data.find(self.delimiter, position)) != -1 and self.dialect.looks.left > 0:
            start = position
            for index in range(used + 1, len(self.forms)):
                if spans := self._find(self.forms[index], data, position):
                    append_text(parent, data[written:position])
                    parent.append(self._element(data, spans, index))
                    written = position = spans.end
            position += position == start
        append_text(parent, data[written:])
