"""What the documentation says of the code is so."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from taiga.base import diagram

HOME = Path(__file__).parents[1]
ARCHITECTURE = (HOME / "docs/architecture.md").read_text(encoding="utf-8")
DRAWBACKS = "## Drawbacks"
PAGES = sorted(path.relative_to(HOME).as_posix() for path in (*HOME.glob("*.md"), *HOME.glob("docs/**/*.md")))


def section(title: str) -> str:
    """The part below a heading."""
    return ARCHITECTURE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def block(title: str) -> list[str]:
    """The lines of its block of code."""
    return section(title).partition("```\n")[2].partition("```")[0].splitlines()


def tree() -> Iterator[str]:
    """The paths of the tree, by how far they are indented."""
    above: list[str] = []
    for line in block("Directory layout"):
        name = line.split()[0]
        above = [*above[: (len(line) - len(line.lstrip())) // 2], name.rstrip("/")]
        yield "/".join(above)


def test_what_the_tree_names_is_there() -> None:
    named = list(tree())
    assert len(named) > 30
    assert [path for path in named if not (HOME / path).exists()] == []


def test_every_package_and_module_at_the_top_is_in_the_tree() -> None:
    there = {
        f"taiga/{path.name}"
        for path in (HOME / "taiga").iterdir()
        if path.suffix in ("", ".py") and not path.name.startswith("__")
    }
    assert sorted(there - set(tree())) == []


def test_the_words_of_every_package_are_in_the_tree() -> None:
    words = ("models", "services", "queries", "api")
    folders = {path.relative_to(HOME).as_posix() for word in words for path in HOME.glob(f"taiga/*/{word}")}
    assert sorted(folders - set(tree())) == []


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["name"] == "Who may import whom")
    checked = [re.sub(r"taiga\.|[()]", "", layer) for layer in layers]
    assert block("Layers") == checked


def test_the_effects_are_those_of_the_settings() -> None:
    rows = [line.strip("| ").split(" | ") for line in section("Effects of a change").splitlines() if "`taiga." in line]
    told = {when: re.findall(r"`(taiga\.[\w.]+)`", effects) for when, effects in rows}
    assert told == settings.CHANGE_EFFECTS


def test_files_on_the_path_of_a_patch_are_there() -> None:
    named = re.findall(r"`((?:\w+/)*\w+\.py)", section("How a PATCH request is handled"))
    assert len(named) > 10
    assert [name for name in named if not list((HOME / "taiga").rglob(name))] == []


def test_the_diagram_of_tables_is_current() -> None:
    drawn = (HOME / "docs/er_diagram.md").read_text(encoding="utf-8")
    assert drawn == diagram.markdown(), "draw it anew: bin/taiga er-diagram > docs/er_diagram.md"


@pytest.mark.parametrize("page", PAGES)
def test_messages_of_diagrams_have_no_semicolon(page: str) -> None:
    """Mermaid takes it for the end of a line of a sequence, and then draws nothing at all."""
    drawn = re.findall(r"```mermaid\n(.*?)```", (HOME / page).read_text(encoding="utf-8"), re.DOTALL)
    messages = [line for diagram in drawn if "sequenceDiagram" in diagram for line in diagram.splitlines()]
    assert [line for line in messages if ";" in line] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (HOME / page).read_text(encoding="utf-8")
    links = [
        link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith(("http", "#"))
    ]
    assert [link for link in links if not (HOME / page).parent.joinpath(link).exists()] == []


def test_decisions_are_numbered_and_name_their_drawbacks() -> None:
    pages = sorted((HOME / "docs/decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert len(numbers) == len(set(numbers)) >= 13
    assert [page.name for page in pages if DRAWBACKS not in page.read_text(encoding="utf-8")] == []
