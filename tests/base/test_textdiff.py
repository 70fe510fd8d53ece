"""Differences of texts as HTML."""

import pytest

from taiga.base.textdiff import diff_html

INSERTED = '<ins style="background:#e6ffe6;">{}</ins>'
DELETED = '<del style="background:#ffe6e6;">{}</del>'


def words(letter: str, first: int, last: int) -> str:
    return " ".join(f"{letter}{number:02}" for number in range(first, last + 1))


@pytest.mark.parametrize(
    ("old", "new", "html"),
    [
        ("", "", ""),
        ("a", "a b", "<span>a</span>" + INSERTED.format(" b")),
        ("", "Some `code`", INSERTED.format("Some `code`")),
        ("Go [[other-page]]", "", DELETED.format("Go [[other-page]]")),
        ("text", "by bob", DELETED.format("text") + INSERTED.format("by bob")),
        ("some words", "some other words", "<span>some </span>" + INSERTED.format("other ") + "<span>words</span>"),
        (
            "The quick brown fox\njumps over the **lazy** dog & <cat>.",
            "The quick red fox\njumps over the **lazy** dog & <bird>.",
            "<span>The quick </span>"
            + DELETED.format("brown")
            + INSERTED.format("red")
            + "<span> fox<br />jumps over the **lazy** dog &amp; &lt;</span>"
            + DELETED.format("cat")
            + INSERTED.format("bird")
            + "<span>&gt;.</span>",
        ),
    ],
)
def test_a_difference_is_shown_in_readable_pieces(old: str, new: str, html: str) -> None:
    assert diff_html(old, new) == html


def test_long_passages_that_stayed_are_cut_to_what_is_near_a_change() -> None:
    frame = f"{words('w', 1, 30)} %s {words('x', 1, 30)} %s {words('y', 1, 30)}"
    assert diff_html(frame % ("MIDDLE", "LATER"), frame % ("CENTRE", "AFTER")) == (
        f"<span>(...){words('w', 21, 30)}</span>"
        + DELETED.format("MIDDL")
        + INSERTED.format("CENTR")
        + f"<span>E {words('x', 1, 9)}(...){words('x', 21, 30)}</span>"
        + DELETED.format("L")
        + "<span>A</span>"
        + INSERTED.format("F")
        + f"<span>TER {words('y', 1, 9)}(...)</span>"
    )


def test_a_passage_of_25_words_stays_whole() -> None:
    passage = words("w", 1, 25)
    assert diff_html(f"{passage} a", f"{passage} b").startswith(f"<span>{passage} </span>")


def test_giants_are_compared_by_their_ends_only() -> None:
    old, new = "a b " * 20_000, "b a " * 20_000
    assert diff_html(f"start {old}.", f"start {new}.") == (
        "<span>start </span>" + DELETED.format(old[:-1]) + INSERTED.format(new[:-1]) + "<span> .</span>"
    )
