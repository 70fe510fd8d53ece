"""What changes without an entry of its own is part of the item's next entry (05 §1.3, decision 0016)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from taiga.projects.models import Points, WorkItem
from tests.activity import COLLECTIONS, Apollo

pytestmark = pytest.mark.django_db


def diff_of_next(apollo: Apollo, kind: str, key: int, **body: Any) -> dict[str, Any]:
    """The diff of the entry of a change that is made now."""
    apollo.change(kind, key, **(body or {"subject": "Another"}))
    found: dict[str, Any] = apollo.history(kind, key)[0]["diff"]
    return found


def order_of(key: int, column: str) -> Any:
    return WorkItem.objects.values_list(column, flat=True).get(pk=key)


def shift_in_backlog(apollo: Apollo, first: int, second: int) -> None:
    body = {"project_id": apollo.project.pk, "bulk_userstories": [second]}
    assert apollo.alice.post("/userstories/bulk_update_backlog_order", body).status_code == 200


def shift_on_kanban(apollo: Apollo, first: int, second: int) -> None:
    status = apollo.status("us", "new")
    body = {"project_id": apollo.project.pk, "status_id": status, "bulk_userstories": [second]}
    assert apollo.alice.post("/userstories/bulk_update_kanban_order", body).status_code == 200


def shift_in_list(path: str, column: str) -> Any:
    """Give the second of two items of a list the order of the first, which makes room."""

    def shift(apollo: Apollo, first: int, second: int) -> None:
        address = f"/{path}/{second}"
        body = {"version": apollo.alice.get(address).json()["version"], column: order_of(first, column)}
        assert apollo.alice.patch(address, body).status_code == 200

    return shift


SHIFTS = [
    ("userstory", "backlog_order", shift_in_backlog),
    ("userstory", "kanban_order", shift_on_kanban),
    ("userstory", "backlog_order", shift_in_list("userstories", "backlog_order")),
    ("userstory", "sprint_order", shift_in_list("userstories", "sprint_order")),
    ("task", "us_order", shift_in_list("tasks", "us_order")),
    ("task", "taskboard_order", shift_in_list("tasks", "taskboard_order")),
    ("epic", "epics_order", shift_in_list("epics", "epics_order")),
]


@pytest.mark.parametrize(("kind", "column", "shift"), SHIFTS)
def test_an_item_that_made_room_tells_of_its_order_with_its_next_change_and_only_then(
    kind: str, column: str, shift: Any
) -> None:
    apollo = Apollo()
    first, second = apollo.make(kind), apollo.make(kind)
    before = order_of(first, column)
    for _ in range(2):
        shift(apollo, first, second)
    after = order_of(first, column)
    assert after != before
    assert apollo.history(kind, first) == []
    assert diff_of_next(apollo, kind, first) == {"subject": ["Build a rocket", "Another"], column: [before, after]}
    assert diff_of_next(apollo, kind, first, subject="A third") == {"subject": ["Another", "A third"]}


def test_a_task_that_was_moved_on_the_taskboard_tells_of_it_with_its_next_change() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    task = apollo.make("task", user_story=story)
    before = order_of(task, "us_order")
    body = {"bulk_tasks": [{"task_id": task, "order": 7}], "project_id": apollo.project.pk, "us_id": story}
    assert apollo.alice.post("/tasks/bulk_update_us_order", body).status_code == 200
    assert diff_of_next(apollo, "task", task)["us_order"] == [before, 7]


def test_a_story_that_is_moved_itself_tells_of_it_once() -> None:
    apollo = Apollo()
    first, second = apollo.make("userstory"), apollo.make("userstory")
    shift_in_backlog(apollo, first, second)
    assert list(diff_of_next(apollo, "userstory", second)) == ["subject"]


def test_a_story_that_is_pushed_and_moved_tells_where_it_was_last_seen() -> None:
    apollo = Apollo()
    first, second = apollo.make("userstory"), apollo.make("userstory")
    before = order_of(first, "kanban_order")
    shift_on_kanban(apollo, first, second)
    done = apollo.status("us", "done")
    body = {"project_id": apollo.project.pk, "status_id": done, "bulk_userstories": [first]}
    assert apollo.alice.post("/userstories/bulk_update_kanban_order", body).status_code == 200
    assert apollo.history("userstory", first)[0]["diff"]["kanban_order"] == [before, 1]
    assert list(diff_of_next(apollo, "userstory", first)) == ["subject"]


@pytest.mark.parametrize("kind", ["userstory", "task"])
def test_a_deletion_tells_what_has_changed_silently_and_is_never_hidden(kind: str) -> None:
    apollo = Apollo()
    first, second = apollo.make(kind), apollo.make(kind)
    column = {"userstory": "backlog_order", "task": "us_order"}[kind]
    before = order_of(first, column)
    shift_in_list(COLLECTIONS[kind], column)(apollo, first, second)
    after = order_of(first, column)
    assert apollo.alice.delete(f"/{COLLECTIONS[kind]}/{first}").status_code == 204
    newest = apollo.timeline()[0]
    assert newest["event_type"].endswith(".delete")
    assert newest["data"]["values_diff"] == {column: [before, after]}


def test_the_deletion_of_a_story_tells_that_it_had_left_a_deleted_sprint() -> None:
    apollo = Apollo()
    dates = {"estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
    sprint = apollo.alice.post("/milestones", {"project": apollo.project.pk, "name": "One", **dates}).json()["id"]
    story = apollo.make("userstory", milestone=sprint)
    assert apollo.alice.delete(f"/milestones/{sprint}").status_code == 204
    assert apollo.alice.delete(f"/userstories/{story}").status_code == 204
    assert apollo.timeline()[0]["data"]["values_diff"] == {"milestone": [None, None]}


def test_a_story_whose_status_was_replaced_tells_of_both_its_status_and_its_place() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    before = order_of(story, "kanban_order")
    new, ready = apollo.status("us", "new"), apollo.status("us", "ready")
    assert apollo.alice.delete(f"/userstory-statuses/{new}?moveTo={ready}").status_code == 204
    diff = diff_of_next(apollo, "userstory", story)
    assert (diff["status"], diff["kanban_order"]) == ([new, ready], [before, order_of(story, "kanban_order")])


def test_stories_that_a_deleted_swimlane_renumbered_tell_of_their_place() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    before = order_of(story, "kanban_order")
    lanes = [
        apollo.alice.post("/swimlanes", {"project": apollo.project.pk, "name": name}).json()["id"]
        for name in ("Fast", "Slow")
    ]
    assert apollo.alice.delete(f"/swimlanes/{lanes[1]}?moveTo={lanes[0]}").status_code == 204
    diff = diff_of_next(apollo, "userstory", story)
    assert (diff["swimlane"], diff["kanban_order"]) == ([None, lanes[0]], [before, 0])


def test_files_and_custom_values_tell_of_it_too() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    shift_in_backlog(apollo, story, apollo.make("userstory"))
    file = SimpleUploadedFile("notes.txt", b"one small step")
    fields = {"project": apollo.project.pk, "object_id": story, "attached_file": file}
    assert apollo.alice.upload("/userstories/attachments", **fields).status_code == 201
    assert set(apollo.history("userstory", story)[0]["diff"]) == {"backlog_order", "attachments"}
    shift_in_backlog(apollo, story, apollo.make("userstory"))
    field = {"project": apollo.project.pk, "name": "Colour", "type": "text"}
    colour = apollo.alice.post("/userstory-custom-attributes", field).json()["id"]
    values = {"attributes_values": {str(colour): "red"}, "version": 1}
    assert apollo.alice.patch(f"/userstories/custom-attributes-values/{story}", values).status_code == 200
    assert set(apollo.history("userstory", story)[0]["diff"]) == {"backlog_order", "custom_attributes"}
    assert list(diff_of_next(apollo, "userstory", story)) == ["subject"]


# ── estimates ──


def computable(apollo: Apollo) -> Any:
    return apollo.project.roles.filter(computable=True).order_by("pk")[0]


def points(apollo: Apollo, name: str) -> int:
    return Points.objects.get(project=apollo.project, name=name).pk


def test_a_role_that_is_estimated_from_now_on_shows_in_the_next_entry_of_each_story() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    role = apollo.project.roles.filter(computable=False)[0]
    assert apollo.alice.patch(f"/roles/{role.pk}", {"computable": True}).status_code == 200
    apollo.change("userstory", story, subject="Another")
    shown = apollo.history("userstory", story)[0]["values_diff"]
    assert shown["points"] == {role.name: [None, "?"]}
    assert list(diff_of_next(apollo, "userstory", story, subject="A third")) == ["subject"]


def test_an_estimate_that_is_given_then_tells_both() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    role = apollo.project.roles.filter(computable=False)[0]
    assert apollo.alice.patch(f"/roles/{role.pk}", {"computable": True}).status_code == 200
    five = points(apollo, "5")
    apollo.change("userstory", story, points={str(role.pk): five})
    assert apollo.history("userstory", story)[0]["values_diff"]["points"] == {role.name: [None, "5"]}


def test_points_that_were_replaced_show_in_the_next_entry_of_those_who_had_them() -> None:
    apollo = Apollo()
    role, five = computable(apollo), points(apollo, "5")
    ten = points(apollo, "10")
    story = apollo.make("userstory", points={str(role.pk): five})
    other = apollo.make("userstory", points={str(role.pk): ten})
    assert apollo.alice.delete(f"/points/{five}?moveTo={ten}").status_code == 204
    before, after = diff_of_next(apollo, "userstory", story)["points"]
    assert (before[str(role.pk)], after[str(role.pk)]) == (five, ten)
    assert list(diff_of_next(apollo, "userstory", other)) == ["subject"]


def test_a_deleted_role_is_in_the_diff_but_not_in_words() -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    gone = next(role for role in apollo.project.roles.filter(computable=True) if not role.memberships.exists())
    assert apollo.alice.delete(f"/roles/{gone.pk}").status_code == 204
    apollo.change("userstory", story, subject="Another")
    (newest,) = apollo.history("userstory", story)
    before, after = newest["diff"]["points"]
    assert set(before) - set(after) == {str(gone.pk)}
    assert newest["values_diff"] == {"subject": ["Build a rocket", "Another"]}


# ── relations ──


def test_a_relation_that_made_room_tells_of_its_order_when_it_ends() -> None:
    apollo = Apollo()
    epic, first, second = apollo.make("epic"), apollo.make("userstory"), apollo.make("userstory")
    for story in (first, second):
        body = {"epic": epic, "user_story": story}
        assert apollo.alice.post(f"/epics/{epic}/related_userstories", body).status_code == 201
    address = f"/epics/{epic}/related_userstories"
    before = apollo.alice.get(f"{address}/{first}").json()["order"]
    assert apollo.alice.patch(f"{address}/{second}", {"order": before}).status_code == 200
    assert apollo.alice.delete(f"{address}/{first}").status_code == 204
    assert apollo.timeline()[0]["data"]["values_diff"] == {"order": [before, before + 1]}
    assert apollo.alice.delete(f"{address}/{second}").status_code == 204
    assert apollo.timeline()[0]["data"]["values_diff"] == {}
