"""Texts that are rendered without a parser: those without markup, and those that would exceed the limits."""

import re

from taiga.base.markdown.sanitiser import escaped

# A line that begins with a letter and has no character that a rule could match.
_LINE = r"[^\W\d_](?:[^\W_]|[ ,;?!'\"()/.%=+’“”…–—-]|:(?=[ \n]|$))*(?<! )"
_WITHOUT_MARKUP = re.compile(rf"{_LINE}(?:\n\n?{_LINE})*")
LONGEST = 2000


def has_no_markup(text: str) -> bool:
    """Whether no rule of the dialect could match in a text."""
    return len(text) <= LONGEST and "www." not in text.lower() and bool(_WITHOUT_MARKUP.fullmatch(text))


def as_typed(text: str) -> str:
    """Paragraphs and line breaks only."""
    paragraphs = (paragraph.strip("\n") for paragraph in re.split(r"\n[ \t]*\n", text.strip("\n")))
    return "\n".join(f"<p>{escaped(lines).replace(chr(10), '<br>' + chr(10))}</p>" for lines in paragraphs if lines)
