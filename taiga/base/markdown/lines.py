"""The inline patterns, and the order in which they are applied."""

import re
from typing import TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import Element

from markdown.extensions.footnotes import FootnoteInlineProcessor
from markdown.inlinepatterns import (
    ENTITY_RE,
    ESCAPE_RE,
    IMAGE_LINK_RE,
    IMAGE_REFERENCE_RE,
    LINE_BREAK_RE,
    LINK_RE,
    REFERENCE_RE,
    EscapeInlineProcessor,
    HtmlInlineProcessor,
    ImageInlineProcessor,
    ImageReferenceInlineProcessor,
    InlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
    SimpleTagInlineProcessor,
    SimpleTextInlineProcessor,
    SubstituteTagInlineProcessor,
)
from markdown.treeprocessors import InlineProcessor as InlineText
from markdown.util import AtomicString

from taiga.base.markdown import emphasis, inline, standard
from taiga.base.markdown.bounds import Budgeted, BudgetedBrackets
from taiga.base.markdown.surroundings import MENTION, REFERENCE

if TYPE_CHECKING:
    from taiga.base.markdown.dialect import Dialect

# Each pattern begins with one of these.
_BEGINNINGS = re.compile(r"[`\\\[!<&*_~@#:\n]|www\.", re.IGNORECASE)


class Lines(InlineText):
    """Applies the patterns, except to texts in which none of them can match."""

    def __init__(self, dialect: "Dialect") -> None:
        super().__init__(dialect)
        self.dialect = dialect
        self.inlinePatterns = cast("Any", _patterns(dialect))  # the library indexes it with numbers only

    def run(self, tree: Element, ancestors: list[str] | None = None) -> Element:
        if not self.dialect.abbreviations.abbrs:  # abbreviations would be searched for in it
            for element in tree.iter():
                if element.text and not _BEGINNINGS.search(element.text):
                    element.text = AtomicString(element.text)
        return super().run(tree, ancestors)


def _patterns(dialect: "Dialect") -> list[InlineProcessor]:
    """Each pattern sees the text that the ones before it left, and the texts of the elements that they made."""
    return [
        _paid(dialect, standard.Backticks(standard.BACKTICKS, dialect)),
        _paid(dialect, EscapeInlineProcessor(ESCAPE_RE, dialect)),
        _paid(dialect, FootnoteInlineProcessor(standard.FOOTNOTE, dialect.footnotes), share=1),
        _brackets(dialect, ReferenceInlineProcessor(REFERENCE_RE, dialect)),
        _brackets(dialect, LinkInlineProcessor(LINK_RE, dialect)),
        _brackets(dialect, ImageInlineProcessor(IMAGE_LINK_RE, dialect)),
        _brackets(dialect, ImageReferenceInlineProcessor(IMAGE_REFERENCE_RE, dialect)),
        _brackets(dialect, ShortReferenceInlineProcessor(REFERENCE_RE, dialect)),
        _brackets(dialect, ShortImageReferenceInlineProcessor(IMAGE_REFERENCE_RE, dialect)),
        _paid(dialect, SubstituteTagInlineProcessor(LINE_BREAK_RE, "br")),
        _paid(dialect, HtmlInlineProcessor(standard.HTML, dialect)),
        _paid(dialect, inline.WebAddress(inline.WEB_ADDRESS, dialect)),
        _paid(dialect, inline.MailAddress(inline.MAIL_ADDRESS, dialect)),
        _paid(dialect, inline.WikiLink(inline.WIKI_LINK, dialect)),
        _paid(dialect, SimpleTextInlineProcessor(ENTITY_RE)),
        _paid(dialect, inline.Emoji(inline.EMOJI, dialect)),
        _paid(dialect, SimpleTextInlineProcessor(standard.LONE_DELIMITER)),
        _paid(dialect, SimpleTagInlineProcessor(standard.STRIKE, "del")),
        _paid(dialect, emphasis.Emphasis("*", emphasis.STARS, dialect)),
        _paid(dialect, emphasis.Emphasis("_", emphasis.UNDERSCORES, dialect)),
        _paid(dialect, inline.Mention(MENTION.pattern, dialect)),
        _paid(dialect, inline.Reference(REFERENCE.pattern, dialect)),
        _paid(dialect, SubstituteTagInlineProcessor(r"\n", "br")),
    ]


def _paid(dialect: "Dialect", pattern: InlineProcessor, share: int = 1000) -> Budgeted:
    return Budgeted(pattern, dialect.looks, share)


def _brackets(dialect: "Dialect", pattern: LinkInlineProcessor) -> BudgetedBrackets:
    return BudgetedBrackets(pattern, dialect.looks, 1)
