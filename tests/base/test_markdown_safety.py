"""No text can bring a script into the page."""

import pytest

from taiga.base.markdown import html5, render
from taiga.base.markdown.sanitiser import write
from tests.base.inspector import complaints, executables
from tests.base.markdown_project import Project, vectors

VECTORS = vectors()


def test_there_are_enough_vectors_and_the_inspector_sees_them() -> None:
    assert len(VECTORS) > 350
    assert complaints('<script>x</script><b onclick="x"><a href="java&Tab;script:x"><p style="width:1px"><!-- -->') == [
        "tag script",
        "attribute onclick",
        "address java\tscript:x",
        "style width:1px",
        "comment  ",
    ]


def test_a_browsers_parser_finds_something_to_run_in_most_vectors_as_they_are_and_in_none_that_is_rendered() -> None:
    assert sum(bool(executables(vector)) for vector in VECTORS) > 200
    assert [vector for vector in VECTORS if executables(render(vector, Project()).html)] == []


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
