"""Finding items by their words, and by filters that nobody answers."""

import pytest

from tests.items.conftest import KINDS, World


def found(world: World, text: str) -> list[str]:
    """The titles of the issues that match, best first."""
    reply = world.bob.get(f"/search?project={world.project.pk}&text={text}")
    return [row["subject"] for row in reply.json()["issues"]]


def test_a_title_counts_more_than_a_tag_and_a_tag_more_than_a_description(world: World) -> None:
    """However long the rest of the item is, and however often the word is repeated in it."""
    for fields in (
        {"subject": "described", "description": "login"},
        {"subject": "tagged", "tags": ["login"]},
        {"subject": "the login", "description": "filler " * 300},
        {"subject": "repeated", "description": "login " * 30},
    ):
        world.make("issues", **fields)
    assert found(world, "login") == ["the login", "tagged", "repeated", "described"]


def test_blanks_find_nothing_and_no_text_finds_everything(world: World) -> None:
    made = world.make("issues")["subject"]
    assert (found(world, "%20"), found(world, "")) == ([], [made])
    blank, none = (world.bob.get(f"/issues?project={world.project.pk}&q={text}").json() for text in ("%20", ""))
    assert (blank, len(none)) == ([], 1)


@pytest.mark.parametrize("kind", [*KINDS, "wiki", "milestones"])
def test_a_number_that_no_project_can_have_finds_nothing(world: World, kind: str) -> None:
    replies = [world.alice.get(f"/{kind}?project={text}") for text in ("-1", "-", "--1", "first")]
    assert (replies[0].json(), [reply.status_code for reply in replies]) == ([], [200, 400, 400, 400])
