"""Of two who change the same field of the same version one wins; different fields are merged."""

from functools import partial
from typing import Any

import pytest

from taiga.changes.models import Change
from taiga.projects.models import Project
from tests.at_once import at_once
from tests.items.conftest import KINDS, World

WRITERS = 20
FIELDS: list[dict[str, Any]] = [
    {"description": "text"},
    {"tags": ["red"]},
    {"is_blocked": True},
    {"due_date": "2041-01-02"},
    {"client_requirement": True},
    {"team_requirement": True},
    {"external_reference": ["a", "b"]},
    {"due_date_reason": "law"},
    {"comment": "hello"},
]


def test_a_change_needs_a_version(world: World) -> None:
    story = world.make()
    reply = world.alice.patch(f"/userstories/{story['id']}", {"subject": "x"})
    assert (reply.status_code, list(reply.json())) == (400, ["version"])
    assert isinstance(reply.json()["version"], str)


@pytest.mark.parametrize("version", [-1, 2, None, "word"])
def test_a_version_that_cannot_be_is_refused_and_nothing_changes(world: World, version: Any) -> None:
    story = world.make()
    reply = world.alice.patch(f"/userstories/{story['id']}", {"subject": "x", "version": version})
    assert (reply.status_code, list(reply.json())) == (400, ["version"])
    assert world.alice.get(f"/userstories/{story['id']}").json()["subject"] == "A thing"


def test_a_stale_version_is_taken_for_another_field_and_refused_for_the_same(world: World) -> None:
    path = f"/userstories/{world.make()['id']}"
    assert world.alice.patch(path, {"subject": "one", "version": 1}).json()["version"] == 2
    assert world.bob.patch(path, {"description": "text", "version": 1}).json()["version"] == 3
    assert world.bob.patch(path, {"subject": "two", "version": 1}).status_code == 400
    found = world.alice.get(path).json()
    assert (found["subject"], found["description"], found["version"]) == ("one", "text", 3)


@pytest.mark.parametrize("kind", ["epics", "userstories", "tasks", "issues"])
def test_of_many_who_change_the_same_field_at_once_exactly_one_wins(shared_world: World, kind: str) -> None:
    path = f"/{kind}/{shared_world.make(kind)['id']}"
    body = [{"subject": f"writer {number}", "version": 1} for number in range(WRITERS)]
    statuses = at_once([partial(shared_world.alice.patch, path, one) for one in body])
    assert sorted(statuses) == [200] + [400] * (WRITERS - 1)
    assert shared_world.alice.get(path).json()["version"] == 2


def test_different_fields_at_once_are_all_kept(shared_world: World) -> None:
    path = f"/userstories/{shared_world.make()['id']}"
    calls = [partial(shared_world.alice.patch, path, {**one, "version": 1}) for one in FIELDS]
    assert at_once(calls) == [200] * len(FIELDS)
    found = shared_world.alice.get(path).json()
    assert found["version"] == 1 + len(FIELDS)
    assert (found["description"], found["tags"], found["is_blocked"]) == ("text", [["red", None]], True)
    assert (found["due_date"], found["total_comments"]) == ("2041-01-02", 1)


def test_changes_are_numbered_without_holes_by_many_writers_and_refused_ones(shared_world: World) -> None:
    stories = [shared_world.make()["id"] for _number in range(5)]
    calls = [
        partial(
            shared_world.alice.patch,
            f"/userstories/{stories[number % 5]}",
            {"comment": "c", "version": 1} if number % 3 else {"subject": "", "version": 1},
        )
        for number in range(50)
    ]
    statuses = at_once(calls)
    assert {200, 400} == set(statuses)
    numbers = list(
        Change.objects.filter(project=shared_world.project).order_by("number").values_list("number", flat=True)
    )
    assert numbers == list(range(1, len(numbers) + 1))
    assert Project.objects.get(pk=shared_world.project.pk).last_change == len(numbers)


def test_references_are_unique_and_a_refused_item_takes_none(shared_world: World) -> None:
    body = {"project": shared_world.project.pk, "subject": "made at once"}
    kinds = ["epics", "userstories", "tasks", "issues"] * 5
    assert at_once([partial(shared_world.alice.post, f"/{kind}", body) for kind in kinds]) == [201] * 20
    assert shared_world.alice.post("/issues", {"project": shared_world.project.pk, "subject": ""}).status_code == 400
    assert shared_world.make()["ref"] == 21


@pytest.mark.parametrize("kind", [*KINDS, "wiki"])
def test_a_new_item_may_be_given_a_version(world: World, kind: str) -> None:
    made = world.make(kind, version=5, slug="page")
    assert made["version"] == 5
    stale = world.bob.patch(f"/{kind}/{made['id']}", {"version": 6, "comment": "later"})
    assert (stale.status_code, [*stale.json()]) == (400, ["version"])
    assert world.bob.patch(f"/{kind}/{made['id']}", {"version": 5, "comment": "now"}).json()["version"] == 6
