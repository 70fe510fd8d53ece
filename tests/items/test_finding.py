"""Finding items by their words, and by filters that nobody answers."""

from urllib.parse import quote

import pytest

from taiga.projects.models import Project
from tests.items.conftest import KINDS, World
from tests.world import project_of


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


@pytest.mark.parametrize(
    "text", ["a," * 3000, "a " * 3000, f'"{"a " * 3000}"', "not " * 3000 + "a", "(" * 3000 + "a", "a" * 30_000]
)
def test_a_search_without_end_is_cut(world: World, text: str) -> None:
    project, alice = world.project.pk, world.alice.user.pk
    for path in (
        f"search?project={project}&text=",
        f"issues?project={project}&q=",
        f"userstories/filters_data?project={project}&q=",
        "projects?q=",
        *(f"users/{alice}/{name}?q=" for name in ("contacts", "watched", "liked", "voted")),
    ):
        assert world.alice.get(f"/{path}{quote(text)}").status_code == 200, path


@pytest.mark.parametrize("kind", [*KINDS, "wiki", "milestones"])
def test_a_number_that_no_project_can_have_finds_nothing(world: World, kind: str) -> None:
    replies = [world.alice.get(f"/{kind}?project={text}") for text in ("-1", "-", "--1", "first")]
    assert (replies[0].json(), [reply.status_code for reply in replies]) == ([], [200, 400, 400, 400])


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        *(("issues", order) for order in ("status", "type", "severity", "priority")),
        *((kind, order) for kind in ("userstories", "tasks") for order in ("status", "milestone")),
    ],
)
def test_projects_stand_in_the_order_of_their_names_whichever_is_older(world: World, kind: str, order: str) -> None:
    project_of(world.alice.user, "Gemini")
    names = {}
    for project in Project.objects.order_by("id"):
        body = {"project": project.pk, "name": "One", "estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
        sprint = world.alice.post("/milestones", body).json()["id"]
        names[world.make(kind, project=project.pk, milestone=sprint)["id"]] = project.name
    listed = [world.alice.get(f"/{kind}?order_by={sign}{order}").json() for sign in ("", "-")]
    assert [[names[row["id"]] for row in rows] for rows in listed] == [["Apollo", "Gemini"], ["Gemini", "Apollo"]]
    Project.objects.filter(pk=world.project.pk).update(name="Voyager")
    again = world.alice.get(f"/{kind}?order_by={order}").json()
    assert [names[row["id"]] for row in again] == ["Gemini", "Apollo"]
