"""What is done on the board is done like anywhere else: it is told, it keeps lanes, and one comes after the other."""

import json
import random
from functools import partial
from typing import Any

import pytest

from taiga.projects.models import Swimlane, Task, TaskStatus, UserStory
from taiga.projects.services import ordering
from tests.activity import heard, working
from tests.at_once import at_once
from tests.items.conftest import World
from tests.world import project_of

KANBAN = "/userstories/bulk_update_kanban_order"
BACKLOG = "/userstories/bulk_update_backlog_order"


def drag(world: World, status: str, ids: list[int], by: Any = None, **more: Any) -> Any:
    body = {"project_id": world.project.pk, "status_id": world.status(status), "bulk_userstories": ids, **more}
    return (by or world.alice).post(KANBAN, body)


def told(world: World, story: int) -> list[tuple[Any, str]]:
    """What the history says of the status of a story, and who did it; oldest first."""
    entries = world.alice.get(f"/history/userstory/{story}?type=activity").json()
    return [(one["values_diff"].get("status"), one["user"]["username"]) for one in reversed(entries)]


def sprint(world: World, name: str = "One") -> int:
    dates = {"estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
    key: int = world.alice.post("/milestones", {"project": world.project.pk, "name": name, **dates}).json()["id"]
    return key


def test_a_status_leaves_the_same_trace_whichever_way_it_is_changed(world: World) -> None:
    story, others = world.make()["id"], [world.make()["id"] for _number in range(5)]
    body = {"version": 1, "status": world.status("ready")}
    assert world.bob.patch(f"/userstories/{story}", body).status_code == 200
    assert drag(world, "in-progress", [story], world.bob).status_code == 200
    assert drag(world, "done", [story, *others], world.alice).status_code == 200
    assert told(world, story) == [
        (["New", "Ready"], "bob"),
        (["Ready", "In progress"], "bob"),
        (["In progress", "Done"], "alice"),
    ]
    assert [told(world, other) for other in others] == [[(["New", "Done"], "alice")]] * 5
    rows = world.alice.get(f"/timeline/project/{world.project.pk}?page_size=100").json()
    moved = [
        (row["data"]["userstory"]["id"], row["data"]["values_diff"]["status"], row["data"]["user"]["username"])
        for row in rows
        if "status" in row["data"].get("values_diff", {})
    ]
    done = [(other, ["New", "Done"], "alice") for other in others]
    assert sorted(moved) == sorted(
        [
            *done,
            (story, ["New", "Ready"], "bob"),
            (story, ["Ready", "In progress"], "bob"),
            (story, ["In progress", "Done"], "alice"),
        ]
    )


def test_a_move_within_a_column_is_no_change_of_status(world: World) -> None:
    ids = [world.make()["id"] for _number in range(3)]
    rows = len(world.alice.get(f"/timeline/project/{world.project.pk}").json())
    assert drag(world, "new", [ids[2]], before_userstory_id=ids[0]).status_code == 200
    assert drag(world, "new", ids[:2], after_userstory_id=ids[2]).status_code == 200
    assert [told(world, story) for story in ids] == [[]] * 3
    assert len(world.alice.get(f"/timeline/project/{world.project.pk}").json()) == rows


@pytest.mark.parametrize("way", ["patch", "put with the lane", "put without it", "drag with the lane", "drag"])
def test_a_change_of_status_keeps_the_lane_unless_it_is_taken_out_of_it(world: World, way: str) -> None:
    Swimlane.objects.create(project=world.project, name="Other")
    lane = Swimlane.objects.create(project=world.project, name="Fast").pk
    story = world.make(swimlane=lane)
    path, status = f"/userstories/{story['id']}", world.status("ready")
    whole = {**story, "status": status, "version": 1}
    replies = {
        "patch": lambda: world.alice.patch(path, {"version": 1, "status": status}),
        "put with the lane": lambda: world.alice.put(path, whole),
        "put without it": lambda: world.alice.put(path, {k: v for k, v in whole.items() if k != "swimlane"}),
        "drag with the lane": lambda: drag(world, "ready", [story["id"]], swimlane_id=lane),
        "drag": lambda: drag(world, "ready", [story["id"]]),
    }
    reply = replies[way]()
    assert reply.status_code == 200, reply.content
    now = world.alice.get(path).json()
    taken_out = way in ("put without it", "drag")
    assert (now["status"], now["swimlane"]) == (status, None if taken_out else lane)


@pytest.mark.parametrize("way", ["patch", "put", "drag"])
def test_a_lane_of_another_project_is_refused_and_nothing_changes(world: World, way: str) -> None:
    lane = Swimlane.objects.create(project=world.project, name="Fast").pk
    foreign = Swimlane.objects.create(project=project_of(world.alice.user, "Other"), name="Far").pk
    story = world.make(swimlane=lane)
    path, status = f"/userstories/{story['id']}", world.status("ready")
    body = {"version": 1, "status": status, "swimlane": foreign}
    replies = {
        "patch": lambda: world.alice.patch(path, body),
        "put": lambda: world.alice.put(path, {**story, **body}),
        "drag": lambda: drag(world, "ready", [story["id"]], swimlane_id=foreign),
    }
    assert replies[way]().status_code in (400, 403)
    now = world.alice.get(path).json()
    assert (now["swimlane"], now["status"], now["version"]) == (lane, story["status"], 1)


@pytest.mark.parametrize("in_sprint", [False, True])
@pytest.mark.parametrize("anchor", ["", "after_userstory_id", "before_userstory_id"])
def test_the_backlog_is_ordered_by_ids_and_anchors(world: World, in_sprint: bool, anchor: str) -> None:
    one = sprint(world) if in_sprint else None
    ids = [world.make(milestone=one)["id"] for _number in range(4)]
    body = {"project_id": world.project.pk, "bulk_userstories": [ids[3]]}
    body |= {"milestone_id": one} if in_sprint else {}
    body |= {anchor: ids[1]} if anchor else {}
    reply = world.alice.post(BACKLOG, body)
    order = "sprint_order" if in_sprint else "backlog_order"
    assert reply.status_code == 200, reply.content
    assert all(row.keys() == {"id", "milestone", order} and row["milestone"] == one for row in reply.json())
    listed = UserStory.objects.filter(project=world.project).order_by(order, "id").values_list("id", flat=True)
    expected = {
        "": [ids[3], *ids[:3]],
        "after_userstory_id": [ids[0], ids[1], ids[3], ids[2]],
        "before_userstory_id": [ids[0], ids[3], ids[1], ids[2]],
    }
    assert list(listed) == expected[anchor]


FORMER = {
    BACKLOG: "bulk_userstories",
    KANBAN: "bulk_userstories",
    "/userstories/bulk_update_milestone": "bulk_stories",
    "/tasks/bulk_update_milestone": "bulk_tasks",
    "/issues/bulk_update_milestone": "bulk_issues",
}


@pytest.mark.parametrize("path", FORMER)
def test_a_body_without_the_items_is_told_what_is_missing(world: World, path: str) -> None:
    body = {"project_id": world.project.pk, "status_id": world.status("new"), "milestone_id": sprint(world)}
    reply = world.alice.post(path, {**body, "bulk_whatever": [{"us_id": world.make()["id"], "order": 1}]})
    assert (reply.status_code, list(reply.json())) == (400, [FORMER[path]])


OF_A_SPRINT = pytest.mark.parametrize(
    ("kind", "field", "key"),
    [
        ("userstories", "bulk_stories", "us_id"),
        ("tasks", "bulk_tasks", "task_id"),
        ("issues", "bulk_issues", "issue_id"),
    ],
)


@OF_A_SPRINT
def test_items_are_moved_to_a_sprint_with_their_orders(world: World, kind: str, field: str, key: str) -> None:
    one = sprint(world)
    ids = [world.make(kind)["id"] for _number in range(3)]
    body = {"project_id": world.project.pk, "milestone_id": one, field: [{key: item, "order": 1} for item in ids]}
    reply = world.alice.post(f"/{kind}/bulk_update_milestone", body)
    assert reply.status_code == (204 if kind == "userstories" else 200)
    assert kind == "userstories" or reply.json() == {str(item): one for item in ids}
    assert [world.alice.get(f"/{kind}/{item}").json()["milestone"] for item in ids] == [one] * 3


@OF_A_SPRINT
def test_the_members_of_a_row_may_stand_in_any_order(world: World, kind: str, field: str, key: str) -> None:
    one, item = sprint(world), world.make(kind)["id"]
    body = {"project_id": world.project.pk, "milestone_id": one, field: [{"order": 999_999, key: item}]}
    for path in (f"/milestones/{one}/move_{kind}_to_sprint", f"/{kind}/bulk_update_milestone"):
        reply = world.alice.post(path, body)
        assert reply.status_code in (200, 204), reply.content
    assert world.alice.get(f"/{kind}/{item}").json()["milestone"] == one


@pytest.mark.parametrize(
    ("kind", "field"), [("tasks", "us_order"), ("tasks", "taskboard_order"), ("epics", "epics_order")]
)
def test_orders_of_further_items_count_when_the_item_gets_one(world: World, kind: str, field: str) -> None:
    item, other = (world.make(kind)["id"] for _number in range(2))
    path = f"/{kind}/{item}"
    assert world.bob.patch(path, {"version": 1, "subject": "New"}, set_orders="none").status_code == 200
    for wrong in ("none", "[1]", f'{{"{other}": {10**30}}}', f'{{"{other}": true}}'):
        assert world.bob.patch(path, {"version": 2, field: 3}, set_orders=wrong).status_code == 400, wrong
    reply = world.bob.patch(path, {"version": 2, field: 3}, set_orders=f'{{"{other}": 7}}')
    assert json.loads(reply.headers["Taiga-Info-Order-Updated"]) == {str(item): 3, str(other): 7}
    assert world.bob.get(f"/{kind}/{other}").json()[field] == 7


def test_orders_of_further_items_count_whatever_brings_the_item_to_another_place(world: World) -> None:
    item, other = (world.make("tasks", taskboard_order=5)["id"] for _number in range(2))
    status, closed = TaskStatus.objects.filter(project=world.project, slug__in=["ready-for-test", "closed"])
    Task.objects.filter(pk=other).update(status=status)
    told = {"set_orders": f'{{"{other}": 7}}'}
    reply = world.bob.patch(f"/tasks/{item}", {"version": 1, "status": status.pk}, **told)
    assert json.loads(reply.headers["Taiga-Info-Order-Updated"]) == {str(item): 5, str(other): 7}
    reply = world.bob.patch(f"/tasks/{item}", {"version": 2, "status": closed.pk}, set_orders="none")
    assert reply.status_code == 400
    assert world.bob.get(f"/tasks/{item}").json()["status"] == status.pk


def test_orders_of_further_items_do_not_count_for_stories(world: World) -> None:
    story = world.make()["id"]
    reply = world.bob.patch(f"/userstories/{story}", {"version": 1, "backlog_order": 3}, set_orders="none")
    assert reply.status_code == 200


@pytest.mark.parametrize(("kind", "name", "key"), [("stories", "userstory", "us_id"), ("tasks", "task", "task_id")])
def test_an_item_that_is_named_twice_is_moved_once(world: World, kind: str, name: str, key: str) -> None:
    path = "userstories" if name == "userstory" else kind
    item, target = world.make(path)["id"], sprint(world)
    twice = [{key: item, "order": order} for order in (1, 3)]
    body = {"project_id": world.project.pk, "milestone_id": target, f"bulk_{kind}": twice}
    assert world.alice.post(f"/{path}/bulk_update_milestone", body).status_code in (200, 204)
    (entry,) = world.alice.get(f"/history/{name}/{item}").json()
    assert entry["diff"]["milestone"] == [None, target]
    rows = world.alice.get(f"/timeline/project/{world.project.pk}").json()
    assert [row["event_type"] for row in rows].count(f"{path}.{name}.change") == 1


def test_two_people_who_drag_at_once_come_one_after_the_other(shared_world: World) -> None:
    world = shared_world
    lines = "\n".join(f"Story {number}" for number in range(200))
    body = {"project_id": world.project.pk, "bulk_stories": lines, "status_id": world.status("new")}
    assert world.alice.post("/userstories/bulk_create", body).status_code == 200
    UserStory.objects.filter(project=world.project).update(kanban_order=1_000)
    before = column(world)
    alices, bobs = before[-50:], before[100:150]
    calls = [
        partial(drag, world, "new", alices, world.alice, before_userstory_id=before[0]),
        partial(drag, world, "new", bobs, world.bob, before_userstory_id=before[0]),
    ]
    assert at_once(calls) == [200, 200]
    rest = [story for story in before if story not in {*alices, *bobs}]
    assert column(world) in ([*alices, *bobs, *rest], [*bobs, *alices, *rest])
    orders = UserStory.objects.filter(project=world.project).values_list("kanban_order", flat=True)
    assert len(set(orders)) == 200


def column(world: World) -> list[int]:
    rows = UserStory.objects.filter(project=world.project).order_by("kanban_order", "id")
    return list(rows.values_list("id", flat=True))


def test_the_answer_and_the_board_hear_which_stories_were_renumbered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among stories of one order a place is in front of them all."""
    ids = [world.make()["id"] for _number in range(6)]
    UserStory.objects.filter(project=world.project).update(kanban_order=7)
    with heard(monkeypatch) as messages, working():
        reply = drag(world, "new", [ids[5]], before_userstory_id=ids[3])
    assert [row["id"] for row in reply.json()] == column(world) == [ids[5], *ids[:5]]
    pks = [data["pk"] for key, data in messages if key == f"changes.project.{world.project.pk}.userstories"]
    named = {key for pk in pks for key in (pk if isinstance(pk, list) else [pk])}
    assert named == {*ids}


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize(
    ("path", "field", "name"),
    [
        ("epics/bulk_create", "bulk_epics", "status_id"),
        ("userstories/bulk_create", "bulk_stories", "swimlane_id"),
        ("issues/bulk_create", "bulk_issues", "milestone_id"),
    ],
)
def test_what_many_items_may_do_without_may_be_empty(
    world: World, path: str, field: str, name: str, nothing: str | None
) -> None:
    made = world.bob.post(f"/{path}", {"project_id": world.project.pk, field: "one", name: nothing})
    assert made.status_code == 200, made.content
    column = name.removesuffix("_id")
    default = world.project.default_epic_status_id if column == "status" else None
    assert [item[column] for item in made.json()] == [default]


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_place_in_the_backlog_may_be_told_by_empty_neighbours(world: World, nothing: str | None) -> None:
    first, second = (world.make()["id"] for _number in range(2))
    body = {"project_id": world.project.pk, "bulk_userstories": [second], "milestone_id": nothing}
    body |= {"before_userstory_id": first, "after_userstory_id": nothing}
    placed = world.bob.post("/userstories/bulk_update_backlog_order", body)
    assert placed.status_code == 200, placed.content
    assert [story["id"] for story in placed.json()] == [second, first]


@pytest.mark.parametrize("seed", range(4))
def test_what_a_move_answers_is_what_is_stored_whatever_the_orders_were(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "RANGE_UPDATE_FROM", 1 + seed % 2)
    chance = random.Random(seed)
    cards, guests = [[world.make()["id"] for _number in range(count)] for count in (7, 2)]
    drag(world, "done", guests)
    for _move in range(12):
        if chance.random() < 0.4:  # ties and gaps, as dumps and microseconds leave them
            for card in cards:
                UserStory.objects.filter(pk=card).update(kanban_order=chance.randint(1, 9))
        cell = UserStory.objects.filter(status=world.status("new"), project=world.project)
        column = list(cell.order_by("kanban_order", "id").values_list("pk", "kanban_order"))
        moved = chance.sample([*cards, *guests], chance.randint(1, 3))
        rest = [(key, order) for key, order in column if key not in moved]
        side = chance.choice(["before_userstory_id", "after_userstory_id", None]) if rest else None
        place = {side: chance.choice(rest)[0]} if side else {}
        answered = {row["id"]: row["kanban_order"] for row in drag(world, "new", moved, **place).json()}
        stored = dict(cell.values_list("pk", "kanban_order"))
        assert list(answered)[: len(moved)] == moved
        assert stored == {**dict(rest), **answered}
        assert len(set(answered.values())) == len(answered)
