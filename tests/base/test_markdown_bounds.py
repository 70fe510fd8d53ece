"""Hostile texts are rendered in bounded time, never fail, and lose no text."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from taiga.base.markdown import bounds, render
from tests.base.markdown_project import Project

UNITS = {
    "quotes": ">",
    "stars": "*",
    "brackets": "[",
    "pictures": "![",
    "half links": "[x](u ",
    "half footnotes": "[^",
    "half wiki links": "[[a|",
    "underscores": "__a _b ",
    "backticks": "`a``b```c",
    "lists in a line": "* ",
    "items": "- [ ] a\n",
    "headings": "# h\n",
    "rules": "***\n",
    "tables": "|a" * 50 + "\n",
    "fences": "```\n",
    "tags without end": "<a ",
    "attributes without end": '<a href="',
    "comments without end": "<!--",
    "unclosed formatting": "<b id=1><p>x",
    "unclosed blocks": "<div markdown=1>\n",
    "definitions": '[x]: """"',
    "abbreviations": "*[a",
    "footnotes": "[^1]: x\n",
    "addresses": "http://www.",
    "mentions": "@@",
    "attribute lists": '{: a="b ',
    "contents": "[TOC]\n\n# h\n\n",
    "spaces": "x" + " " * 50,
    "blank lines": "\n",
}


def work(action: Callable[[], object]) -> int:
    """The number of calls of Python functions, a measure of cost that does not depend on the machine."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_a_hostile_text_costs_no_more_than_a_bounded_amount_of_work(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    assert work(lambda: render(text, Project())) < 1_000_000


@pytest.mark.parametrize(
    "unit", [">", "*", "[", "`", "<b>", "- a\n    ", "&", "|a\n|-\n", "\u202e", "\ud800", "\x00", "é"]
)
def test_the_longest_text_that_is_read_does_not_fail(unit: str) -> None:
    text = "begin " + (unit * bounds.LONGEST)[: bounds.LONGEST - 10]
    assert "begin" in render(text, Project()).html


@pytest.mark.parametrize("depth", [30, 1000, 10_000])
@pytest.mark.parametrize(("unit", "tag"), [("> ", "<blockquote>"), ("* ", "<ul>")])
def test_what_is_nested_too_deep_stays_text(unit: str, tag: str, depth: int) -> None:
    html = render(unit * depth + "end", Project()).html
    assert html.count(tag) == min(depth, bounds.DEEPEST + 1)
    assert "end" in html


def test_a_text_of_a_megabyte_is_shown_as_it_was_typed() -> None:
    text = "**word** <b>\n" * 100_000
    html = render(text, Project()).html
    assert html.startswith("<p>**word** &lt;b&gt;<br>\n**word**")
    assert html.count("word") == 100_000


def test_where_the_budget_ends_the_text_goes_on_as_it_was_typed() -> None:
    text = "".join(f"**{number}**\n\n" for number in range(10_000))
    html = render(text, Project()).html
    assert html.startswith("<p><strong>0</strong></p>\n<p><strong>1</strong></p>")
    assert html.endswith("**9998**\n\n**9999**</p>")


def test_a_long_log_in_one_paragraph_keeps_its_lines() -> None:
    line = "2026-01-01 12:00:00 [INFO] module.sub_module some_function: value=3 (ok)\n"
    html = render(line * 1000, Project()).html
    assert html.count("<br>") == 999


@pytest.mark.parametrize("marks", [10, 200])
def test_many_tables_of_contents_make_no_giant(marks: int) -> None:
    text = "[TOC]\n\n" * marks + "# h\n\n" * 100
    assert len(render(text, Project()).html) < 100_000


def test_a_wide_table_of_many_rows_is_no_table() -> None:
    assert "<table>" not in render("|a" * 300 + "|\n" + "|-" * 300 + "|\n" + "|\n" * 300, Project()).html


def test_characters_that_no_page_may_hold_are_replaced() -> None:
    assert render("a\x00b\x02c\x03d\x0be\ud800f\r\ng\rh", None).html == "<p>abcd?e\ufffdf<br>\ng<br>\nh</p>"


def test_a_text_that_the_library_fails_on_is_shown_as_it_was_typed(caplog: pytest.LogCaptureFixture) -> None:
    text = '<div class="footnote" markdown="1">\n\n1. a\n\n</div>'
    html = render(text, Project()).html
    assert html == '<p>&lt;div class="footnote" markdown="1"&gt;</p>\n<p>1. a</p>\n<p>&lt;/div&gt;</p>'
    assert "shown as typed" in caplog.text


def test_code_beyond_the_budget_stays_grey_and_is_written_alike() -> None:
    html = render("```text\n\"'&<\n```\n\n" * 700, Project()).html
    block = '<div class="codehilite"><pre><span></span><code>&quot;&#39;&amp;&lt;\n</code></pre></div>'
    assert html == "\n\n".join([block] * 700)
