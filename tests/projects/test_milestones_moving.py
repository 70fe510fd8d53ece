"""Items that go from one sprint to another, and how a sprint goes in numbers."""

from typing import Any

import pytest

from taiga.changes.models import Change
from taiga.projects.models import WorkItem
from tests.projects.apollo import Apollo, Json, heard

pytestmark = pytest.mark.django_db
KINDS = pytest.mark.parametrize(
    ("name", "parameter", "key"),
    [
        ("userstories", "bulk_stories", "us_id"),
        ("tasks", "bulk_tasks", "task_id"),
        ("issues", "bulk_issues", "issue_id"),
    ],
)


def moved(apollo: Apollo, name: str, source: int, target: int, **more: Any) -> Any:
    """The answer to a request to move items; `more` are they, by the list's parameter."""
    body = {"project_id": apollo.project.pk, "milestone_id": target, **more}
    return apollo.alice.post(f"/milestones/{source}/move_{name}_to_sprint", body)


def made(apollo: Apollo, name: str, **fields: Any) -> Json:
    return {"userstories": apollo.story, "tasks": apollo.task, "issues": apollo.issue}[name](**fields)


@KINDS
def test_items_go_to_the_other_sprint_and_both_are_closed_or_open_by_what_is_left(
    name: str, parameter: str, key: str
) -> None:
    apollo = Apollo()
    source, target = apollo.sprint("Source")["id"], apollo.sprint("Target")["id"]
    item = made(apollo, name, milestone=source)
    closed = apollo.named("/issue-statuses", "Closed")
    apollo.issue("done", milestone=source, status=closed)
    with heard() as told:
        assert moved(apollo, name, source, target, **{parameter: [{key: item["id"], "order": 1}]}).status_code == 204
    now = apollo.shown(f"/{name}/{item['id']}")
    assert (now["milestone"], now["version"]) == (target, item["version"])
    assert now["modified_date"] > item["modified_date"]
    assert apollo.shown(f"/milestones/{source}")["closed"]
    assert not apollo.shown(f"/milestones/{target}")["closed"]
    entries: Any = apollo.shown(f"/history/{name.removesuffix('s').replace('ie', 'y')}/{item['id']}")
    assert entries[0]["diff"]["milestone"] == [source, target]
    assert any(subject == name and pk == [item["id"]] for subject, _verb, _matches, pk in told)


def test_stories_take_their_places_and_their_tasks_along() -> None:
    apollo = Apollo()
    source, target = apollo.sprint("Source")["id"], apollo.sprint("Target")["id"]
    ids = {
        subject: apollo.story(subject, milestone=sprint, sprint_order=order)["id"]
        for subject, sprint, order in (("x", target, 1), ("c", target, 4), ("a", target, 5), ("b", source, 9))
    }
    task = apollo.task(user_story=ids["b"])["id"]
    rows = [{"us_id": ids["b"], "order": 1}]
    assert moved(apollo, "userstories", source, target, bulk_stories=rows).status_code == 204
    orders = dict(WorkItem.objects.filter(kind="userstory").values_list("subject", "sprint_order"))
    assert orders == {"b": 1, "x": 2, "c": 5, "a": 6}
    assert apollo.shown(f"/tasks/{task}")["milestone"] == target
    quiet = Change.objects.filter(object_id=ids["b"], kind="userstories.userstory").last()
    assert quiet is not None
    assert quiet.diff == {"milestone": [source, target], "sprint_order": [9, 1]}


@KINDS
def test_nothing_moves_when_something_is_wrong(name: str, parameter: str, key: str) -> None:
    apollo = Apollo()
    source, target = apollo.sprint("Source")["id"], apollo.sprint("Target")["id"]
    body = {"project": apollo.other.pk, "name": "Foreign", "estimated_start": "2130-01-01"}
    foreign = apollo.carol.post("/milestones", {**body, "estimated_finish": "2130-01-02"}).json()["id"]
    hers = apollo.carol.post(f"/{name}", {"project": apollo.other.pk, "subject": "hers"}).json()["id"]
    item = made(apollo, name, milestone=source)["id"]
    mine = {key: item, "order": 1}

    def problems(target: int, rows: Any, **more: Any) -> set[str]:
        reply = moved(apollo, name, source, target, **{parameter: rows, **more})
        assert reply.status_code == 400, reply.content
        return set(reply.json())

    assert problems(foreign, [mine]) == {"milestone_id"}
    assert problems(999999999, [mine]) == {"milestone_id"}
    assert problems(target, [mine, {key: hers, "order": 2}]) == {parameter}
    assert problems(target, [mine, {key: 999999999, "order": 2}]) == {parameter}
    assert problems(target, [{"order": 2}]) == {parameter}
    assert problems(target, "all") == {parameter}
    assert problems(target, [mine], project_id=999999999) == {"project_id", "milestone_id", parameter}
    assert set(apollo.alice.post(f"/milestones/{source}/move_{name}_to_sprint", {}).json()) == {
        *("project_id", "milestone_id", parameter)
    }
    assert apollo.shown(f"/{name}/{item}")["milestone"] == source


@KINDS
def test_who_may_move_items(name: str, parameter: str, key: str) -> None:
    apollo = Apollo()
    source, target = apollo.sprint("Source")["id"], apollo.sprint("Target")["id"]
    item = made(apollo, name, milestone=source)["id"]
    address = f"/milestones/{source}/move_{name}_to_sprint"
    body = {"project_id": apollo.project.pk, "milestone_id": target, parameter: [{key: item, "order": 1}]}
    assert apollo.nobody.post(address, body).status_code == 401
    assert apollo.carol.post(address, body).status_code == 403
    assert apollo.bob.post(f"/milestones/999999999/move_{name}_to_sprint", body).status_code == 404
    role = apollo.project.roles.get(slug="back")
    role.permissions = ["view_project", "view_milestones", "modify_milestone"]
    role.save()
    assert apollo.bob.post(address, body).status_code == 403
    assert apollo.bob.post(address, {**body, parameter: []}).status_code == 204
    assert apollo.shown(f"/{name}/{item}")["milestone"] == source


def finish(apollo: Apollo, address: str, status: int, moment: str) -> None:
    """Close an item, as if at another time."""
    reply = apollo.alice.patch(address, {"version": 1, "status": status})
    assert reply.status_code == 200
    WorkItem.objects.filter(pk=reply.json()["id"]).update(finished_date=moment)


def test_a_sprint_in_numbers() -> None:
    apollo = Apollo()
    dates = {"estimated_start": "2030-01-30", "estimated_finish": "2030-02-02"}
    sprint = apollo.sprint(**dates)["id"]
    ux, front, back = (str(apollo.project.roles.get(slug=slug).pk) for slug in ("ux", "front", "back"))
    five, one, two = (apollo.named("/points", name) for name in ("5", "1", "2"))
    with_none = apollo.story("a", milestone=sprint, backlog_order=1, points={ux: five, back: one})
    with_two = apollo.story("b", milestone=sprint, backlog_order=2, points={ux: two, front: two})
    tasks = [apollo.task(user_story=with_two["id"], is_iocaine=number == 0) for number in range(2)]
    apollo.task("loose", milestone=sprint)
    closed, done = apollo.named("/task-statuses", "Closed"), apollo.named("/userstory-statuses", "Done")
    finish(apollo, f"/tasks/{tasks[0]['id']}", closed, "2030-01-01T12:00:00Z")
    early = apollo.shown(f"/milestones/{sprint}/stats")
    assert early["completed_points"] == []
    assert [day["open_points"] for day in early["days"]] == [8, 8, 8, 8]
    finish(apollo, f"/tasks/{tasks[1]['id']}", closed, "2030-02-01T12:00:00Z")
    finish(apollo, f"/userstories/{with_none['id']}", done, "2030-02-09T12:00:00Z")
    stats = apollo.shown(f"/milestones/{sprint}/stats")
    days = stats.pop("days")
    assert stats == {
        "name": "Sprint",
        **dates,
        "total_points": {ux: 7.0, back: 1.0, front: 2.0},
        "completed_points": [7.0, 1.0, 2.0],
        "total_userstories": 2,
        "completed_userstories": 2,
        "total_tasks": 3,
        "completed_tasks": 2,
        "iocaine_doses": 1,
    }
    assert [(day["day"], day["name"]) for day in days] == [
        *(("2030-01-30", 30), ("2030-01-31", 31), ("2030-02-01", 1), ("2030-02-02", 2)),
    ]
    assert [day["open_points"] for day in days] == [8, 8, 6, 6]
    assert [day["optimal_points"] for day in days] == pytest.approx([10, 20 / 3, 10 / 3, 0])


def test_a_sprint_of_one_day_without_stories_has_nothing_to_do() -> None:
    apollo = Apollo()
    sprint = apollo.sprint(estimated_start="2030-05-05", estimated_finish="2030-05-05")["id"]
    stats = apollo.shown(f"/milestones/{sprint}/stats")
    assert stats["total_points"] == {}
    assert stats["days"] == [{"day": "2030-05-05", "name": 5, "open_points": 0, "optimal_points": 0}]


def test_unknown_sprints_have_no_numbers() -> None:
    apollo = Apollo()
    assert apollo.alice.get("/milestones/999999999/stats").status_code == 404
    assert apollo.nobody.get("/milestones/999999999/stats").status_code == 401
