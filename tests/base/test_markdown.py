"""Markdown in Taiga's dialect: recorded texts, the links of a project, and the cache."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from taiga.base.markdown import html5, plain, render, renderer, sanitiser
from taiga.base.markdown.surroundings import look_up
from tests.base.markdown_project import FRONT, MEDIA, STATIC, Example, Project, examples

EXAMPLES = list(examples("markdown_examples.txt"))
RECORDED = list(examples("markdown_recorded.txt"))
APOLLO = Project(
    "apollo",
    {"alice": "Alice Example", "bob": "Bob Example", "carol": "Carol Example", "dave": "Dave Example"},
    {1: ("userstory", "A story"), 2: ("epic", "An epic"), 3: ("task", "A task"), 4: ("issue", "An issue")},
)


def html_of(text: str, project: Project | None = None) -> str:
    return render(text, project or Project()).html


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.name))
def test_a_text_of_the_dialect_gives_its_html_to_the_letter(example: Example) -> None:
    assert render(example.text, Project()).html == example.html


@pytest.mark.parametrize("example", RECORDED, ids=lambda example: str(example.name))
def test_a_recorded_text_gives_the_recorded_html(example: Example) -> None:
    assert render(example.text, APOLLO).html == example.html


@pytest.mark.parametrize("example", EXAMPLES + RECORDED, ids=lambda example: str(example.name))
def test_the_short_way_without_an_html_parser_writes_what_the_parser_would(example: Example) -> None:
    dialect = renderer._dialect()
    dialect.begin(look_up(example.text, Project()))
    tree = dialect.tree(example.text)
    parsed = sanitiser.write(html5.tree(dialect.finished(dialect.inside(tree))), parsed=True)
    try:
        written = sanitiser.write(tree, parsed=False)
    except sanitiser.NeedsRepair:
        assert "<a" in parsed
    else:
        assert dialect.has_raw_html or dialect.finished(written) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "Looks good to me!",
        "A line\nand another - really.",
        "Steps:\nfirst, then; second?\n\nA second paragraph (of 2) with 100% “quotes”…",
        'Ünï 日本語 don\'t "stop" and/or 3.5 = 7 + x',
    ],
)
def test_a_text_without_markup_gives_the_same_by_the_quick_way(text: str) -> None:
    assert plain.has_no_markup(text)
    assert plain.as_typed(text) == renderer._rendered(text, look_up(text, Project()))[0]


@pytest.mark.parametrize(
    "text",
    [
        "# a",
        "1. a",
        "a  \nb",
        "a\n---",
        "a `b`",
        "www.e.com",
        "a:b:c",
        "a\n:   b",
        "see #1",
        "a | b",
        "a\n    b",
        "a & b",
    ],
)
def test_a_text_with_anything_that_may_be_markup_takes_the_long_way(text: str) -> None:
    assert not plain.has_no_markup(text)


def test_mentions_are_the_members_in_the_order_of_the_text_each_once() -> None:
    text = "@carol and **@bob**, @erin, `@dave`, @carol again, http://x.org/@alice and a@bob.com"
    assert render(text, APOLLO).mentions == ["carol", "bob"]


def test_a_mention_in_emphasis_or_in_a_comment_of_code_is_read_as_it_looks() -> None:
    assert render("_@bob_ said\n\n```python\n# @carol\n```", APOLLO).mentions == ["bob"]


def test_without_a_project_nothing_points_to_one() -> None:
    rendered = render("see #1 [[Home]] @dev [x](home) :smile:", None)
    assert rendered.html == '<p>see #1 [[Home]] @dev <a href="home" target="_blank">x</a> :smile:</p>'
    assert rendered.mentions == []


def test_a_project_without_a_slug_keeps_wiki_links_text() -> None:
    assert html_of("[[Home]] and [x](home)", Project(slug="")) == (
        '<p>[[Home]] and <a href="home" target="_blank">x</a></p>'
    )


def test_a_project_is_asked_once_for_each_thing_however_long_the_text() -> None:
    project = Project()
    file = f"![x]({MEDIA}a.png#_taiga-refresh=task:%d)"
    text = " ".join(f"#{number} @dev{number} {file % number}" for number in range(1, 50))
    render(text, project)
    assert sorted(project.asked) == ["attachments", "items", "members"]


def test_a_project_is_asked_nothing_about_a_text_that_names_nothing() -> None:
    project = Project()
    render("**bold** text with a [link](http://example.com)", project)
    assert project.asked == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "see #007",
            f'see <a class="reference task" href="{FRONT}/project/demo/task/007" title="#007 Task one">&num;007</a>',
        ),
        (
            "see #1-2",
            f'see <a class="reference user-story" href="{FRONT}/project/demo/us/1" title="#1 Story one">&num;1</a>-2',
        ),
        ("see #99999999999999999999999999", "see #99999999999999999999999999"),
        ("see #" + "0" * 5000, "see #" + "0" * 5000),
        ("&#35;1 é#1", "&#35;1 é#1"),
    ],
)
def test_references_are_read_as_numbers_and_stay_as_typed(text: str, html: str) -> None:
    assert html_of(text) == f"<p>{html}</p>"


def test_names_and_subjects_are_text_wherever_they_come_from() -> None:
    project = Project(
        members={"dev": '<b>" onclick="x &lt; \x02wzxhzdk:0\x03'}, items={1: ("userstory", 'A "q" & <i> &amp;')}
    )
    html = html_of("@dev see #1\n\n```\nx\n```", project)
    assert 'title="&lt;b&gt;&quot; onclick=&quot;x &amp;lt; wzxhzdk:0"' in html
    assert 'title="#1 A &quot;q&quot; &amp; &lt;i&gt; &amp;amp;"' in html


def test_addresses_of_files_are_refreshed_beyond_foreign_pictures() -> None:
    project = Project(files={("userstory", 5): f"{MEDIA}new.png?token=1#old", ("task", 6): f"{MEDIA}b.pdf"})
    text = (
        f"![a](http://other.test/x.png) ![b]({MEDIA}old.png?token=0#_taiga-refresh=userstory:5) "
        f"[c](http://other.test) [d]({MEDIA}b.pdf#_taiga-refresh=task:6) ![e]({MEDIA}e.png#_taiga-refresh=task:7)"
    )
    html = html_of(text, project)
    assert f'<img alt="b" src="{MEDIA}new.png?token=1#_taiga-refresh=userstory:5">' in html
    assert f'<a href="{MEDIA}b.pdf#_taiga-refresh=task:6" target="_blank">d</a>' in html
    assert f'<img alt="e" src="{MEDIA}e.png#_taiga-refresh=task:7">' in html


def test_what_is_named_may_change_between_two_readings() -> None:
    text = "see #1, @dev, and a text that is long enough to be worth keeping"
    before = html_of(text, Project(items={}))
    after = html_of(text, Project(items={1: ("issue", "Renamed")}, members={"dev": "New Name"}))
    assert "see #1, " in before
    assert 'title="#1 Renamed"' in after
    assert 'title="New Name"' in after


def test_the_same_text_in_the_same_surroundings_is_read_once() -> None:
    text = "a text that **nobody** has written before, number 1"
    render(text, Project())
    hits = renderer._cached.cache_info().hits
    render(text, Project())
    assert renderer._cached.cache_info().hits == hits + 1


def test_one_text_leaves_nothing_behind_for_the_next() -> None:
    render("*[HTML]: Hyper\n[id]: http://x.org\n[^1]: note\n\n# Head\n\n@dev", Project())
    rendered = render("HTML [id] [^1]\n\n# Head", Project())
    assert rendered.html == '<p>HTML [id] [^1]</p>\n<h1 id="head">Head</h1>'
    assert rendered.mentions == []


def test_threads_do_not_mix_their_texts() -> None:
    texts = [f"# Head {number}\n\n*[X]: T{number}\n\nX **{number}**" for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(html_of, texts))
    assert together == [
        f'<h1 id="head-{number}">Head {number}</h1>\n<p><abbr title="T{number}">X</abbr> <strong>{number}</strong></p>'
        for number in range(60)
    ]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`:smile:` :smile:", f'<code>:smile:</code> <img alt="smile" src="{STATIC}img/emojis/smile.png">'),
        ("http://x.org/:smile:", '<a href="http://x.org/:smile:" target="_blank">http://x.org/:smile:</a>'),
        ("http://x.org/a\\_b", '<a href="http://x.org/a_b" target="_blank">http://x.org/a_b</a>'),
        ("http://x.org/`a`", '<a href="http://x.org/" target="_blank">http://x.org/</a><code>a</code>'),
        ("http://`a`", "http://<code>a</code>"),
        ("http://x.org/...", '<a href="http://x.org/" target="_blank">http://x.org/</a>...'),
        ("[x](//other.test)", f'<a href="{FRONT}//other.test">x</a>'),
    ],
)
def test_emojis_and_addresses_keep_out_of_each_other(text: str, html: str) -> None:
    assert html_of(text) == f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ('``` {.python hl_lines="1"}\nx\n```', '<span class="hll">'),
        (
            "``` {.python .big linenums=1}\nx\n```",
            '<div class="big codehilite"><table class="big codehilitetable"><tbody>',
        ),
        ("    #!python\n    x", '<table class="codehilitetable">'),
        ("    :::python\n    x", '<span class="n">x</span>'),
        ("```\n#!/bin/sh\nls\n```", '<span class="ch">#!/bin/sh</span>'),
    ],
)
def test_code_may_be_numbered_and_marked(text: str, marked: str) -> None:
    assert marked in html_of(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("| a | b |\n|---|---|\n| `x|y` | c \\| d |", "<td><code>x|y</code></td>\n<td>c | d</td>"),
        ("| a | b |\n|---|---|\n| only |", "<td>only</td>\n<td></td>"),
        ("| a |\n|---|", "<tbody>\n<tr>\n<td></td>\n</tr>\n</tbody>"),
        ("a | b\n--- | ---\n``c|`` | d ` e", "<td><code>c|</code></td>\n<td>d ` e</td>"),
    ],
)
def test_pipes_in_code_do_not_split_a_cell(text: str, html: str) -> None:
    assert html in html_of(text)


@pytest.mark.parametrize("tag", ["<br>", "<b>", "<!-- said by me -->"])
def test_a_web_address_ends_before_a_tag(tag: str) -> None:
    html = html_of(f"http://x.org/a?b=1&amp;c=2{tag}and more")
    address = "http://x.org/a?b=1&amp;c=2"
    assert html.startswith(f'<p><a href="{address}" target="_blank">{address}</a>')
