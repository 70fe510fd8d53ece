"""Tasks get other places on the taskboard and under their story, and go along with it into a sprint."""

from typing import Any

import pytest

from taiga.projects.models import Task
from tests.items.conftest import World
from tests.world import project_of

ORDERS = {"taskboard_order": "/tasks/bulk_update_taskboard_order", "us_order": "/tasks/bulk_update_us_order"}
EACH = pytest.mark.parametrize("column", list(ORDERS))


def tasks(world: World, column: str, **fields: Any) -> list[int]:
    """Four tasks at the places one to four."""
    made = [world.make("tasks", subject=name, **fields)["id"] for name in "abcd"]
    for place, key in enumerate(made, start=1):
        Task.objects.filter(pk=key).update(**{column: place})
    return made


def placed(column: str, ids: list[int]) -> str:
    """The subjects of tasks in their order."""
    return "".join(Task.objects.filter(pk__in=ids).order_by(column).values_list("subject", flat=True))


def body(world: World, pairs: list[tuple[int, int]], **more: Any) -> dict[str, Any]:
    listed = [{"task_id": key, "order": order} for key, order in pairs]
    return {"project_id": world.project.pk, "bulk_tasks": listed, **more}


@EACH
def test_tasks_take_the_places_that_they_are_given_and_others_step_back(world: World, column: str) -> None:
    story = world.make()["id"]
    a, b, c, d = made = tasks(world, column, user_story=story)
    reply = world.bob.post(ORDERS[column], body(world, [(d, 1)], us_id=story))
    assert reply.json() == {str(d): 1, str(a): 2, str(b): 3, str(c): 4}
    assert placed(column, made) == "dabc"
    assert world.bob.post(ORDERS[column], body(world, [])).json() == {}


@EACH
def test_the_other_order_stays(world: World, column: str) -> None:
    (other,) = ORDERS.keys() - {column}
    made = tasks(world, column)
    before = dict(Task.objects.values_list("pk", other))
    assert world.bob.post(ORDERS[column], body(world, [(made[3], 1)])).status_code == 200
    assert dict(Task.objects.values_list("pk", other)) == before


def sprint(world: World) -> int:
    dates = {"estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
    key: int = world.alice.post("/milestones", {"project": world.project.pk, "name": "One", **dates}).json()["id"]
    return key


def last_status(world: World) -> int:
    key: int = world.alice.get(f"/task-statuses?project={world.project.pk}").json()[-1]["id"]
    return key


@pytest.mark.parametrize("cell", ["status_id", "milestone_id"])
def test_only_tasks_of_the_same_cell_step_back(world: World, cell: str) -> None:
    column = "taskboard_order"
    a, b, c, d = tasks(world, column)
    where = {"status_id": last_status(world), "milestone_id": sprint(world)}[cell]
    Task.objects.filter(pk__in=[b, c]).update(**{cell: where})
    reply = world.bob.post(ORDERS[column], body(world, [(c, 1)], **{cell: where}))
    assert reply.json() == {str(c): 1, str(b): 3}
    assert Task.objects.filter(pk__in=[a, d], taskboard_order__in=[1, 4]).count() == 2


@EACH
@pytest.mark.parametrize("wrong", ["us_id", "status_id", "milestone_id", "foreign", "unknown"])
def test_tasks_that_are_not_where_the_request_says_are_refused(world: World, column: str, wrong: str) -> None:
    a, *_rest = made = tasks(world, column)
    elsewhere = project_of(world.alice.user, "Gemini")
    foreign = world.alice.post("/tasks", {"project": elsewhere.pk, "subject": "T"}).json()["id"]
    others = {"us_id": world.make()["id"], "status_id": last_status(world), "milestone_id": sprint(world)}
    more = {wrong: others[wrong]} if wrong in others else {}
    pairs = {"foreign": [(a, 3), (foreign, 1)], "unknown": [(a, 3), (10**9, 1)]}.get(wrong, [(a, 3)])
    reply = world.bob.post(ORDERS[column], body(world, pairs, **more))
    assert (reply.status_code, [*reply.json()]) == (400, ["bulk_tasks"])
    assert placed(column, made) == "abcd"


@EACH
def test_who_may_order_tasks(world: World, column: str) -> None:
    asked = body(world, [(tasks(world, column)[3], 1)])
    callers = (world.carol, world.nobody, world.bob)
    assert [one.post(ORDERS[column], asked).status_code for one in callers] == [403, 401, 200]


def test_tasks_follow_their_stories_that_are_dragged_into_a_sprint(world: World) -> None:
    milestone = sprint(world)
    story, other = world.make()["id"], world.make()["id"]
    mine = world.make("tasks", user_story=story)["id"]
    theirs = world.make("tasks", user_story=other)["id"]
    asked = {"project_id": world.project.pk, "milestone_id": milestone, "bulk_userstories": [story]}
    assert world.bob.post("/userstories/bulk_update_backlog_order", asked).status_code == 200
    assert [world.alice.get(f"/tasks/{key}").json()["milestone"] for key in (mine, theirs)] == [milestone, None]
    assert world.alice.get(f"/userstories/{story}").json()["milestone"] == milestone
    entries = world.alice.get(f"/history/task/{mine}?type=activity").json()
    assert [one["values_diff"] for one in entries] == [{"milestone": [None, "One"]}]
    assert entries[0]["user"]["username"] == "bob"
