"""Nothing that a text says gets script into the page."""

import re
from html.parser import HTMLParser

import pytest

from taiga.base.markdown import html5, render
from taiga.base.markdown.sanitiser import write
from tests.base.markdown_project import Project, vectors

TAGS = {"a", "abbr", "acronym", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "hr", "i", "img"}
TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "input", "ins", "label", "li", "ol", "p", "pre", "span", "strong", "sup"}
TAGS |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}
ATTRIBUTES = {"class", "style", "id", "href", "title", "alt", "target", "src", "type", "checked"}
VECTORS = vectors()


class Inspector(HTMLParser):
    """A parser of another make than the renderer's: it says what a page would hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.complaints: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.complaints.append(f"tag {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.complaints.append(f"attribute {name}")
            if name in {"href", "src"}:
                self._check_address(value or "")
            if name == "style" and not re.fullmatch(r"(background: [\w #%,.'\"!-]*;? ?)*", value or ""):
                self.complaints.append(f"style {value}")

    def _check_address(self, address: str) -> None:
        bare = re.sub(r"[^!-~]+", "", address).lower()
        scheme = re.match(r"([a-z][a-z0-9+.-]*|):", bare)
        if scheme and scheme[1] not in {"http", "https", "ftp", "mailto"}:
            self.complaints.append(f"address {address}")

    def handle_comment(self, data: str) -> None:
        self.complaints.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.complaints.append(f"declaration {decl}")

    def unknown_decl(self, data: str) -> None:
        self.complaints.append(f"declaration {data}")

    def handle_pi(self, data: str) -> None:
        self.complaints.append(f"instruction {data}")


def complaints(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.complaints


def test_there_are_enough_vectors_and_the_inspector_sees_them() -> None:
    assert len(VECTORS) > 350
    assert complaints('<script>x</script><b onclick="x"><a href="java&Tab;script:x"><p style="width:1px"><!-- -->') == [
        "tag script",
        "attribute onclick",
        "address java\tscript:x",
        "style width:1px",
        "comment  ",
    ]


@pytest.mark.parametrize("vector", VECTORS)
def test_no_script_handler_dangerous_address_or_style_survives(vector: str) -> None:
    assert complaints(render(vector, Project()).html) == []


@pytest.mark.parametrize(
    "frame", ["> {}", "- {}\n- b", "a {} b", "| a |\n|---|\n| {} |", "# {}", "**{}**", "[{}](http://e.com)"]
)
def test_no_vector_survives_within_other_markup(frame: str) -> None:
    for vector in VECTORS:
        assert complaints(render(frame.format(vector.replace("\n", " ")), Project()).html) == [], vector


@pytest.mark.parametrize("ending", ["<b>", "\n\n```\nx\n```", "<!--", "<a href='", "`", "]]>", "</div>", '"'])
def test_no_vector_survives_beside_other_markup(ending: str) -> None:
    for vector in VECTORS:
        assert complaints(render(vector + ending, Project()).html) == [], vector
        assert complaints(render(ending + vector, Project()).html) == [], vector


@pytest.mark.parametrize("vector", VECTORS)
def test_what_a_browser_makes_of_the_html_is_as_safe_as_the_html(vector: str) -> None:
    """A second reading finds nothing else in it, but for links that a table had moved into each other."""
    once = write(html5.tree(vector), parsed=True)
    twice = write(html5.tree(once), parsed=True)
    assert complaints(once) == complaints(twice) == []
    assert twice == once or once.count("<a") > 1
    assert write(html5.tree(twice), parsed=True) == twice
