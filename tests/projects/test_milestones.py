"""Sprints: made, edited, listed with their stories, deleted."""

from typing import Any

import pytest

from taiga.changes.models import Change
from taiga.projects.models import Milestone, Project
from tests.projects.apollo import SPRINT, Apollo, counted, heard

pytestmark = pytest.mark.django_db
MEMBERS = {
    *("id", "name", "slug", "owner", "project", "project_extra_info", "estimated_start", "estimated_finish"),
    *("created_date", "modified_date", "closed", "disponibility", "order", "total_points", "closed_points"),
    "user_stories",
}
STORY_MEMBERS = {
    *("id", "ref", "subject", "milestone", "project", "project_extra_info", "status", "status_extra_info"),
    *("assigned_to", "assigned_to_extra_info", "is_closed", "created_date", "modified_date", "finish_date"),
    *("due_date", "due_date_reason", "due_date_status", "client_requirement", "team_requirement"),
    *("external_reference", "version", "is_blocked", "blocked_note", "backlog_order", "sprint_order"),
    *("kanban_order", "epics", "points", "total_points"),
}


def names(apollo: Apollo, query: str = "") -> list[str]:
    return [row["name"] for row in apollo.listed(f"/milestones?{query}" if query else "/milestones")]


def three_sprints(apollo: Apollo) -> None:
    apollo.sprint("Bravo", estimated_start="2130-02-01", estimated_finish="2130-02-20")
    apollo.sprint("Charlie", estimated_start="2130-01-01", estimated_finish="2130-03-20")
    apollo.sprint("Alpha", estimated_start="2130-03-01", estimated_finish="2130-03-10", closed=True)


def test_a_sprint_is_made_read_changed_and_deleted() -> None:
    apollo = Apollo()
    sprint = apollo.sprint("First one")
    assert sprint.keys() == MEMBERS
    assert sprint["owner"] == apollo.alice.user.id
    assert (sprint["slug"], sprint["closed"], sprint["disponibility"], sprint["order"]) == ("first-one", False, 0.0, 1)
    assert (sprint["total_points"], sprint["closed_points"], sprint["user_stories"]) == (None, None, [])
    changed = apollo.bob.patch(f"/milestones/{sprint['id']}", {"name": "Second", "closed": True, "disponibility": 4})
    assert changed.status_code == 200
    assert changed.json() == {
        **sprint,
        "name": "Second",
        "closed": True,
        "disponibility": 4.0,
        "modified_date": changed.json()["modified_date"],
    }
    assert apollo.shown(f"/milestones/{sprint['id']}") == changed.json()
    assert apollo.bob.delete(f"/milestones/{sprint['id']}").status_code == 204
    assert apollo.alice.get(f"/milestones/{sprint['id']}").status_code == 404


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": "Taken"}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"estimated_start": "01/02/2130"}, "estimated_start"),
        ({"estimated_start": None}, "estimated_start"),
        ({"estimated_finish": "2130-01-15T00:00:00Z"}, "estimated_finish"),
        ({"estimated_start": "2130-01-16"}, "__all__"),
        ({"slug": "no slug"}, "slug"),
        ({"slug": "taken"}, "__all__"),
        ({"order": -1}, "order"),
        ({"order": 2**15}, "order"),
        ({"disponibility": "much"}, "disponibility"),
        ({"project": 999999999}, "project"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named_and_nothing_is_made(field: dict[str, Any], named: str) -> None:
    apollo = Apollo()
    apollo.sprint("Taken")
    body = {"project": apollo.project.pk, "name": "New", **SPRINT, **field}
    reply = apollo.alice.post("/milestones", body)
    assert reply.status_code == 400
    assert list(reply.json()) == [named]
    assert names(apollo) == ["Taken"]


def test_days_in_the_wrong_order_are_told_to_everybody() -> None:
    apollo = Apollo()
    body = {"project": apollo.project.pk, "name": "New", **SPRINT, "estimated_start": "2130-01-16"}
    for caller in (apollo.bob, apollo.carol, apollo.nobody):
        reply = caller.post("/milestones", body)
        assert (reply.status_code, list(reply.json())) == (400, ["__all__"])
    assert names(apollo) == []


def test_a_derived_slug_is_unique_on_the_server_and_stays_when_the_sprint_is_renamed() -> None:
    apollo = Apollo()
    hers = apollo.carol.post("/milestones", {"project": apollo.other.pk, "name": "Sprint", **SPRINT}).json()
    mine = apollo.sprint("Sprint")
    assert (hers["slug"], mine["slug"]) == ("sprint", "sprint-1")
    address = f"/milestones/{mine['id']}"
    assert apollo.alice.patch(address, {"name": "Renamed"}).json()["slug"] == "sprint-1"
    assert apollo.alice.patch(address, {"slug": "My_own-1"}).json()["slug"] == "My_own-1"
    assert apollo.alice.patch(address, {"slug": ""}).json()["slug"] == "renamed"


def test_a_put_resets_what_has_a_default() -> None:
    apollo = Apollo()
    sprint = apollo.sprint("Full", closed=True, disponibility=3, order=7, slug="own")
    body = {"project": apollo.project.pk, "name": "Put", **SPRINT}
    put = apollo.alice.put(f"/milestones/{sprint['id']}", body).json()
    told = [put[name] for name in ("name", "slug", "owner", "closed", "disponibility", "order")]
    assert told == ["Put", "own", None, False, 0.0, 1]


def test_a_sprint_stays_in_its_project() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()
    reply = apollo.alice.patch(f"/milestones/{sprint['id']}", {"project": apollo.other.pk})
    assert (reply.status_code, list(reply.json())) == (400, ["project"])


def test_who_may_do_what() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()
    body = {"project": apollo.project.pk, "name": "New", **SPRINT}
    for caller, status in ((apollo.carol, 403), (apollo.nobody, 401)):
        assert caller.post("/milestones", body).status_code == status
        assert caller.get(f"/milestones/{sprint['id']}").status_code == status
        assert caller.patch(f"/milestones/{sprint['id']}", {"name": "X"}).status_code == status
        assert caller.delete(f"/milestones/{sprint['id']}").status_code == status
        assert caller.get(f"/milestones?project={apollo.project.pk}").json() == []
    role = apollo.project.roles.get(slug="back")
    role.permissions = ["view_project", "view_milestones"]
    role.save()
    assert apollo.bob.get(f"/milestones/{sprint['id']}").status_code == 200
    assert apollo.bob.patch(f"/milestones/{sprint['id']}", {"name": "X"}).status_code == 403


@pytest.mark.parametrize(("close", "status"), [("archive", 403), ("block", 451)])
def test_closed_projects_keep_their_sprints(close: str, status: int) -> None:
    apollo = Apollo()
    sprint = apollo.sprint()
    getattr(apollo, close)()
    assert apollo.alice.post("/milestones", {"project": apollo.project.pk, "name": "X", **SPRINT}).status_code == status
    assert apollo.alice.patch(f"/milestones/{sprint['id']}", {"name": "X"}).status_code == status
    assert apollo.alice.delete(f"/milestones/{sprint['id']}").status_code == status
    assert apollo.shown(f"/milestones/{sprint['id']}") == sprint


def test_a_sprint_shows_its_stories_with_their_points() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()["id"]
    five, two = apollo.named("/points", "5"), apollo.named("/points", "2")
    ux, back = (apollo.project.roles.get(slug=slug).pk for slug in ("ux", "back"))
    bob = apollo.bob.user
    assert bob is not None
    more = {"due_date": "2000-01-01", "external_reference": ["github", "#1"], "assigned_to": bob.id}
    apollo.story("b", milestone=sprint, backlog_order=2, points={str(ux): five, str(back): two}, **more)
    done = apollo.named("/userstory-statuses", "Done")
    apollo.story("a", milestone=sprint, backlog_order=1, status=done, points={str(ux): two})
    apollo.story("elsewhere")
    found = apollo.shown(f"/milestones/{sprint}")
    assert (found["total_points"], found["closed_points"]) == (9.0, 2.0)
    first, second = found["user_stories"]
    assert first.keys() == STORY_MEMBERS
    assert [first["subject"], second["subject"]] == ["a", "b"]
    assert (second["total_points"], second["points"][str(back)]) == (7.0, two)
    assert (second["due_date_status"], second["external_reference"]) == ("past_due", ["github", "#1"])
    assert second["assigned_to_extra_info"]["username"] == "bob"
    assert second["project_extra_info"] == found["project_extra_info"]
    assert (first["is_closed"], first["due_date_status"]) == (True, "not_set")
    whole = apollo.shown(f"/userstories/{second['id']}")
    assert second == {name: whole[name] for name in STORY_MEMBERS}


def test_the_latest_sprint_comes_first_unless_told_otherwise() -> None:
    apollo = Apollo()
    three_sprints(apollo)
    assert names(apollo) == names(apollo, "order_by=slug") == ["Alpha", "Bravo", "Charlie"]
    for order, expected in {
        "name": ["Alpha", "Bravo", "Charlie"],
        "estimated_start": ["Charlie", "Bravo", "Alpha"],
        "-estimated_finish": ["Charlie", "Alpha", "Bravo"],
        "-closed": ["Alpha", "Charlie", "Bravo"],
        "created_date": ["Bravo", "Charlie", "Alpha"],
        "project": ["Alpha", "Charlie", "Bravo"],
    }.items():
        assert names(apollo, f"order_by={order}") == expected, order


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("closed=true", ["Alpha"]),
        ("closed=false", ["Bravo", "Charlie"]),
        ("estimated_start=2130-02-01", ["Bravo"]),
        ("estimated_start__gte=1 Feb 2130", ["Alpha", "Bravo"]),
        ("estimated_start__lt=02/01/2130", ["Charlie"]),
        ("estimated_finish__gt=2130-03-10", ["Charlie"]),
        ("created_date__lte=2020-01-01T00%3A00%3A00%2B0100", []),
        ("modified_date__gt=2020-01-01", ["Alpha", "Bravo", "Charlie"]),
        ("estimated_start__gte=2130-01-15&estimated_finish__lte=2130-03-01", ["Bravo"]),
        ("project__slug=nothing", []),
    ],
)
def test_sprints_are_filtered(query: str, expected: list[str]) -> None:
    apollo = Apollo()
    three_sprints(apollo)
    assert names(apollo, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        *("closed=perhaps", "estimated_start=soon", "created_date__lt=then", "project=abc"),
        *("created_date__lt=9999-12-31T23:59-12:00", "modified_date=0001-01-01T00:00%2B12:00"),
    ],
)
def test_filters_that_cannot_be_read_are_refused(query: str) -> None:
    assert Apollo().alice.get(f"/milestones?{query}").status_code == 400


def test_headers_count_the_sprints_of_a_project_for_those_who_see_them() -> None:
    apollo = Apollo()
    three_sprints(apollo)
    counts = ("Taiga-Info-Total-Opened-Milestones", "Taiga-Info-Total-Closed-Milestones")
    reply = apollo.bob.get(f"/milestones?project={apollo.project.pk}&closed=true")
    assert [reply.headers[name] for name in counts] == ["2", "1"]
    for hidden in (
        apollo.bob.get("/milestones"),
        apollo.carol.get(f"/milestones?project={apollo.project.pk}"),
        apollo.bob.get("/milestones?project=999999999"),
    ):
        assert not set(counts) & set(hidden.headers)


def test_a_list_of_sprints_costs_the_same_whatever_is_in_them() -> None:
    apollo = Apollo()
    bob = apollo.bob.user
    assert bob is not None
    apollo.story(milestone=apollo.sprint("One")["id"], assigned_to=bob.id)
    apollo.listed("/milestones")
    with counted() as few:
        apollo.listed("/milestones")
    for number in range(8):
        sprint = apollo.sprint(f"Sprint {number}")["id"]
        for subject in "ab":
            apollo.story(subject, milestone=sprint, assigned_to=bob.id)
    with counted() as many:
        assert sum(len(row["user_stories"]) for row in apollo.listed("/milestones")) == 17
    assert few == many == [7]


def test_what_is_in_a_sprint_outlives_it() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()["id"]
    story = apollo.story(milestone=sprint)["id"]
    task, issue = apollo.task(milestone=sprint)["id"], apollo.issue(milestone=sprint)["id"]
    with heard() as told:
        assert apollo.alice.delete(f"/milestones/{sprint}").status_code == 204
    assert ("milestones", "delete", "milestones.milestone", sprint) in told
    for address in (f"/userstories/{story}", f"/tasks/{task}", f"/issues/{issue}"):
        assert apollo.shown(address)["milestone"] is None


def test_changes_of_a_sprint_are_remembered_and_empty_ones_are_not() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()["id"]
    apollo.alice.patch(f"/milestones/{sprint}", {"name": "Renamed", "estimated_start": SPRINT["estimated_start"]})
    apollo.alice.patch(f"/milestones/{sprint}", {})
    apollo.alice.delete(f"/milestones/{sprint}")
    told = list(Change.objects.filter(kind="milestones.milestone", object_id=sprint).order_by("pk"))
    assert [change.diff for change in told] == [{}, {"name": ["Sprint", "Renamed"]}, {}]
    name = {"id": sprint, "slug": "sprint", "name": "Renamed"}
    assert told[-1].context["facts"] == {"milestone": name}
    assert told[-1].snapshot is not None
    assert told[-1].snapshot["estimated_start"] == SPRINT["estimated_start"]


def test_sprints_of_a_public_project_are_for_everybody() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()
    Project.objects.filter(pk=apollo.project.pk).update(
        is_private=False, anon_permissions=["view_milestones"], public_permissions=["view_milestones"]
    )
    assert apollo.nobody.get(f"/milestones/{sprint['id']}").json() == sprint
    assert apollo.carol.get("/milestones").json() == [sprint]
    assert Milestone.objects.count() == 1


@pytest.mark.parametrize("name", ["userstories", "tasks", "issues"])
def test_a_sprint_that_was_closed_or_opened_by_hand_is_looked_at_when_something_in_it_is_saved(name: str) -> None:
    apollo = Apollo()
    sprint = f"/milestones/{apollo.sprint()['id']}"
    lists = {"userstories": "/userstory-statuses", "tasks": "/task-statuses", "issues": "/issue-statuses"}
    item = apollo.made(f"/{name}", subject="Open", milestone=apollo.shown(sprint)["id"])
    closed = next(row["id"] for row in apollo.listed(lists[name]) if row["is_closed"])

    def after(by_hand: bool, **fields: Any) -> bool:
        assert apollo.alice.patch(sprint, {"closed": by_hand}).json()["closed"] is by_hand
        version = apollo.shown(f"/{name}/{item['id']}")["version"]
        assert apollo.alice.patch(f"/{name}/{item['id']}", {"version": version, **fields}).status_code == 200
        return bool(apollo.shown(sprint)["closed"])

    assert not after(True, subject="Still open")
    assert not after(True, comment="Nearly")
    assert after(False, status=closed)
    assert after(False, subject="Done")
