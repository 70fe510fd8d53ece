"""What changed in a text, as HTML: insertions and deletions marked, long equal parts shortened."""

import re
from functools import lru_cache
from html import escape

from diff_match_patch import diff_match_patch

DELETED, EQUAL, INSERTED = -1, 0, 1
INSERTION = '<ins style="background:#e6ffe6;">%s</ins>'
DELETION = '<del style="background:#ffe6e6;">%s</del>'
SHORT = 25
"""An equal part of more words than this is shortened …"""
KEPT = 10
"""… to so many words at each side that touches a change."""
PATIENCE = 0.5
"""Seconds after which a coarser comparison is good enough."""


@lru_cache(maxsize=512)
def diff_html(old: str, new: str) -> str:
    """The comparison of two texts; empty when both are."""
    comparer = diff_match_patch()
    comparer.Diff_Timeout = PATIENCE
    parts: list[tuple[int, str]] = comparer.diff_main(old, new)
    comparer.diff_cleanupSemantic(parts)
    return "".join(part_html(parts, place) for place in range(len(parts)))


def part_html(parts: list[tuple[int, str]], place: int) -> str:
    """One part of a comparison."""
    what, text = parts[place]
    if what == INSERTED:
        return INSERTION % shown(text)
    if what == DELETED:
        return DELETION % shown(text)
    return f"<span>{shortened(text, is_first=place == 0, is_last=place == len(parts) - 1)}</span>"


def shown(text: str) -> str:
    """A text as HTML that looks the same."""
    return escape(text, quote=False).replace("\n", "<br />")


def shortened(text: str, *, is_first: bool, is_last: bool) -> str:
    """An equal part without what is far from any change."""
    words = list(re.finditer(r"\S+", text))
    if len(words) <= SHORT:
        return shown(text)
    before = "" if is_first else text[words[0].start() : words[KEPT - 1].end()]
    after = "" if is_last else text[words[-KEPT].start() : words[-1].end()]
    return f"{shown(before)}(...){shown(after)}"
