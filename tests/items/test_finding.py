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


@pytest.mark.parametrize("text", ["everything", "every", "in", '"everything"', "in1"])
def test_what_an_index_says_of_each_row_is_no_word_of_it(world: World, text: str) -> None:
    world.make("issues", subject="the login")
    texts = (text, text.replace("1", str(world.project.pk)), f"login {text}")
    assert [found(world, one) for one in texts] == [[], [], []]
    assert [row["id"] for row in world.bob.get(f"/projects?q={quote(text)}").json()] == []
    assert found(world, f"not {text}") == ["the login"]


def test_an_item_is_found_in_the_project_it_has_moved_to(world: World) -> None:
    other = project_of(world.alice.user, "Gemini")
    moved, left = (world.make("issues", subject=name) for name in ("a login", "the login"))
    body = {"version": 1, "project": other.pk, "status": None, "type": None, "severity": None, "priority": None}
    assert world.alice.patch(f"/issues/{moved['id']}", body).status_code == 200
    lists = {
        project: (
            [row["id"] for row in world.alice.get(f"/search?project={project}&text=login").json()["issues"]],
            [row["id"] for row in world.alice.get(f"/issues?project={project}&q=login").json()],
        )
        for project in (world.project.pk, other.pk)
    }
    assert lists == {world.project.pk: ([left["id"]],) * 2, other.pk: ([moved["id"]],) * 2}
    assert {row["id"] for row in world.alice.get("/issues?q=login").json()} == {moved["id"], left["id"]}


def test_words_that_are_no_longer_there_find_nothing(world: World) -> None:
    issue = world.make("issues", subject="the login")
    assert world.alice.patch(f"/issues/{issue['id']}", {"version": 1, "subject": "the logout"}).status_code == 200
    assert [found(world, text) for text in ("login", "logout")] == [[], ["the logout"]]
    assert world.alice.delete(f"/issues/{issue['id']}").status_code == 204
    assert found(world, "logout") == []


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
