"""The difference of two texts as the HTML that histories show."""

import re

from diff_match_patch import diff_match_patch

_MARKS = {
    diff_match_patch.DIFF_INSERT: ('<ins style="background:#e6ffe6;">', "</ins>"),
    diff_match_patch.DIFF_DELETE: ('<del style="background:#ffe6e6;">', "</del>"),
    diff_match_patch.DIFF_EQUAL: ("<span>", "</span>"),
}
_PIECE = "|".join(f"{opening}(?:[^<>]++|<br />)*+{closing}" for opening, closing in _MARKS.values())
_SECONDS = 0.2
"""The time limit of a comparison, which becomes coarser when it is reached."""

_LONGEST = 40_000
"""Characters of both texts; of longer ones, all between their common prefix and suffix counts as replaced."""

_LONG_PASSAGE = 25
_WORDS_AROUND = 10


def diff_html(old: str, new: str) -> str:
    """The difference, character by character, merged into readable pieces. Long unchanged passages are shortened."""
    diffs = _coarse(old, new) if len(old) + len(new) > _LONGEST else _fine(old, new)
    last = len(diffs) - 1
    return "".join(
        _marked(operation, _shortened(text, first=index == 0, last=index == last) if operation == 0 else text)
        for index, (operation, text) in enumerate(diffs)
    )


def is_diff(html: str) -> bool:
    """Whether a text is exactly HTML that `diff_html` could have made."""
    return re.fullmatch(f"(?:{_PIECE})*+", html) is not None


def _fine(old: str, new: str) -> list[tuple[int, str]]:
    comparison = diff_match_patch()
    comparison.Diff_Timeout = _SECONDS
    diffs = comparison.diff_main(old, new)
    comparison.diff_cleanupSemantic(diffs)
    return [(operation, text) for operation, text in diffs]


def _coarse(old: str, new: str) -> list[tuple[int, str]]:
    comparison = diff_match_patch()
    prefix = comparison.diff_commonPrefix(old, new)
    suffix = comparison.diff_commonSuffix(old[prefix:], new[prefix:])
    pieces = [
        (diff_match_patch.DIFF_EQUAL, old[:prefix]),
        (diff_match_patch.DIFF_DELETE, old[prefix : len(old) - suffix]),
        (diff_match_patch.DIFF_INSERT, new[prefix : len(new) - suffix]),
        (diff_match_patch.DIFF_EQUAL, old[len(old) - suffix :]),
    ]
    return [(operation, text) for operation, text in pieces if text]


def _shortened(text: str, *, first: bool, last: bool) -> str:
    words = text.split()
    if len(words) <= _LONG_PASSAGE:
        return text
    beginning = "" if first else " ".join(words[:_WORDS_AROUND])
    end = "" if last and not first else " ".join(words[-_WORDS_AROUND:])
    return f"{beginning}(...){end}"


def _marked(operation: int, text: str) -> str:
    opening, closing = _MARKS[operation]
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br />")
    return f"{opening}{escaped}{closing}"
