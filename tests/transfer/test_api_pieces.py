"""/importer: a project that a script puts together, piece by piece."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from taiga.changes.models import Change
from taiga.projects.models import Milestone, Project, Task, UserStory, WikiPage, WorkItem
from taiga.users.models import User
from taiga.webhooks.models import Delivery, Webhook
from tests.transfer import sample
from tests.transfer.conftest import dumped, files_in, loaded
from tests.world import Caller, join, person

pytestmark = pytest.mark.django_db(transaction=True)
PROJECT = {
    "name": "Put together",
    "description": "d",
    "is_private": True,
    "roles": [{"name": "Maker", "computable": True}],
    "points": [{"name": "one", "value": 1}],
    "us_statuses": [{"name": "Open", "order": 1}, {"name": "Shut", "order": 2, "is_closed": True}],
    "task_statuses": [{"name": "To do", "order": 1}, {"name": "Did", "order": 2, "is_closed": True}],
    "userstorycustomattributes": [{"name": "Colour"}],
}
SPRINT = {"name": "First", "estimated_start": "2026-01-01", "estimated_finish": "2026-01-14"}


@pytest.fixture
def project(alice: User) -> Project:
    return Project.objects.get(pk=Caller(alice).post("/importer", PROJECT).json()["id"])


def add(caller: User | None, project: Project, kind: str, **piece: Any) -> Any:
    return Caller(caller).post(f"/importer/{project.pk}/{kind}", piece)


def test_a_script_begins_a_project(alice: User, project: Project) -> None:
    assert project.owner == alice
    assert project.memberships.get().is_admin
    assert (project.default_us_status.name, project.default_points.name) == ("Open", "one")


def test_members_who_came_along_count_as_activity_from_the_first_change_on(alice: User) -> None:
    bob = person("bob")
    member = {"user": bob.email, "email": bob.email, "role": "Maker"}
    made = Caller(alice).post("/importer", {**PROJECT, "memberships": [member]}).json()
    totals = ("total_activity", "total_activity_last_week", "total_activity_last_month", "total_activity_last_year")
    assert [made[name] for name in totals] == [0] * 4
    for name, activity in (("Renamed", 2), ("Again", 3)):
        changed = Caller(alice).patch(f"/projects/{made['id']}", {"name": name}).json()
        assert [changed[name] for name in totals] == [activity] * 4


def test_all_lists_that_are_wrong_are_told_at_once_and_nothing_is_kept(alice: User) -> None:
    answer = Caller(alice).post("/importer", {**PROJECT, "points": [{}], "us_statuses": [{"name": "x"}, {}]})
    assert answer.status_code == 400
    required = ["This field is required."]
    assert answer.json() == {"points": [{"name": required, "row": 0}], "us_statuses": [{"name": required, "row": 1}]}
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [({"roles": []}, "_error_message"), ({"name": ""}, "project"), ({"blocked_code": "by-nobody"}, "project")],
)
def test_a_project_that_is_wrong_is_refused(alice: User, change: dict[str, Any], told: str) -> None:
    answer = Caller(alice).post("/importer", {**PROJECT, **change})
    assert answer.status_code == 400
    assert told in answer.json()


def test_a_slug_that_is_taken_is_refused(alice: User, project: Project) -> None:
    answer = Caller(alice).post("/importer", {**PROJECT, "slug": project.slug})
    assert (answer.status_code, list(answer.json()["project"][0])) == (400, ["slug"])


def test_a_story_refers_to_what_the_project_has(alice: User, project: Project) -> None:
    assert add(alice, project, "milestone", **SPRINT).status_code == 201
    points = [{"role": "Maker", "points": None}]
    answer = add(
        alice,
        project,
        "us",
        subject="Story",
        milestone="First",
        status="Shut",
        role_points=points,
        custom_attributes_values={"Colour": "red"},
        attachments=[sample.attachment(sample.WORDS, "words.txt")],
        watchers=[alice.email, "nobody@example.com"],
        tags=["new"],
    )
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["ref"], shown["is_closed"], shown["watchers"]) == (1, True, [alice.email])
    assert (shown["role_points"], shown["custom_attributes_values"]) == (points, {"Colour": "red"})
    assert shown["attachments"][0]["attached_file"]["name"] == "words.txt"
    project.refresh_from_db()
    assert (project.last_ref, project.tags_colors) == (1, [["new", None]])
    assert Milestone.objects.get().closed


def test_changes_are_numbered_without_holes_and_webhooks_hear_of_them(alice: User, project: Project) -> None:
    hook = Webhook.objects.create(project=project, name="n", url="http://example.com", key="k")
    for subject in ("One", "Two"):
        assert add(alice, project, "us", subject=subject).status_code == 201
    numbers = list(Change.objects.filter(project=project).order_by("id").values_list("number", flat=True))
    project.refresh_from_db()
    assert numbers == list(range(1, project.last_change + 1))
    assert Delivery.objects.filter(webhook=hook).count() == 2


def test_an_open_task_opens_its_sprint_again(alice: User, project: Project) -> None:
    answer = add(alice, project, "milestone", **SPRINT, closed=True, tasks_without_us=[{"subject": "Task"}])
    assert (answer.status_code, answer.json()["closed"]) == (201, True)
    assert not Milestone.objects.get().closed
    assert Task.objects.get().milestone == Milestone.objects.get()


def test_a_ref_is_given_only_once(alice: User, project: Project) -> None:
    assert add(alice, project, "us", subject="One", ref=7).status_code == 201
    assert add(alice, project, "task", subject="Two", ref=7).status_code == 400
    assert add(alice, project, "task", subject="Three").json()["ref"] == 8


def test_what_is_wrong_in_a_list_has_a_section_of_its_own_and_uses_a_ref(
    alice: User, project: Project, data: Path
) -> None:
    attachments = [sample.attachment(sample.WORDS, "words.txt"), {}]
    answer = add(alice, project, "us", subject="x", attachments=attachments)
    assert answer.status_code == 400
    assert answer.json() == {"attachments": [{"attached_file": ["This field is required."]}]}
    assert not WorkItem.objects.exists()
    assert files_in(data / "media") == []
    assert add(alice, project, "us", subject="y").json()["ref"] == 2


def nested(depth: int) -> Any:
    value: Any = "core"
    for level in range(depth):
        value = [value] if level % 2 else {"shell": value}
    return value


@pytest.mark.parametrize("depth", [70, 300, 700, 5000])
def test_what_is_nested_too_deeply_is_refused_wherever_it_is_sent(alice: User, project: Project, depth: int) -> None:
    value = "[" * depth + "]" * depth
    history = f'{{"subject": "x", "history": [{{"type": 1, "snapshot": {{"a": {value}}}}}]}}'
    gig = f'{{"project": {project.pk}, "subject": "x", "tribe_gig": {value}}}'
    for path, body in ((f"/importer/{project.pk}/us", history), ("/userstories", gig)):
        answer = Client().post(f"/api/v1{path}", body, "application/json", headers=Caller(alice).headers)
        assert answer.status_code == 400
        assert answer.json()["_error_message"].startswith("JSON parse error")
    assert not WorkItem.objects.exists()


def test_what_is_nested_less_deeply_survives_a_dump(alice: User, project: Project) -> None:
    assert add(alice, project, "us", subject="x", tribe_gig=nested(58)).status_code == 201
    copied = loaded(dumped(project)).project
    assert UserStory.objects.get(project=copied).tribe_gig == nested(58)


def test_a_wiki_page_gets_a_proper_slug_and_no_second_of_it(alice: User, project: Project) -> None:
    assert add(alice, project, "wiki_page", slug="Hé llo", content="x").json()["slug"] == "he-llo"
    assert add(alice, project, "wiki_page", slug="he-llo", content="y").status_code == 400
    assert WikiPage.objects.get().content == "x"


def test_nothing_of_a_sprint_stays_when_one_of_its_tasks_is_wrong(alice: User, project: Project) -> None:
    answer = add(alice, project, "milestone", **SPRINT, tasks_without_us=[{"subject": "Task"}, {}])
    assert (answer.status_code, list(answer.json())) == (400, ["tasks"])
    assert not Milestone.objects.exists()
    assert not Task.objects.exists()


def test_only_administrators_add_to_a_project(alice: User, project: Project) -> None:
    bob, carol = person("bob"), person("carol")
    join(bob, project, role=project.roles.get().slug)
    asked = [add(who, project, "us").status_code for who in (bob, carol, None, alice)]
    assert asked == [403, 403, 401, 400]
    assert Caller(alice).post("/importer/999999/us", {"subject": "x"}).status_code == 403
    assert not UserStory.objects.exists()


def test_there_is_no_address_for_epics(alice: User, project: Project) -> None:
    assert add(alice, project, "epic", subject="x").status_code == 404


def test_the_first_change_of_what_was_put_together_stands_for_its_creation(alice: User, project: Project) -> None:
    add(alice, project, "milestone", **SPRINT)
    sprint = Milestone.objects.get().pk
    caller = Caller(alice)
    for address in (f"/projects/{project.pk}", f"/milestones/{sprint}"):
        for name in ("Renamed", "Renamed again"):
            assert caller.patch(address, {"name": name}).status_code == 200
    rows = caller.get(f"/timeline/project/{project.pk}").json()
    told = [(row["event_type"].partition(".")[2], row["data"]["values_diff"]) for row in reversed(rows)]
    renamed = {"name": ["Renamed", "Renamed again"]}
    assert told == [
        ("project.create", {}),
        ("project.change", renamed),
        ("milestone.create", {}),
        ("milestone.change", renamed),
    ]


def test_an_archived_project_is_told_when_it_is_opened_for_the_first_time(alice: User) -> None:
    archived = {**PROJECT, "archived_code": "archived-by-staff"}
    made = Caller(alice).post("/importer", archived).json()
    opened = Caller(alice).patch(f"/projects/{made['id']}", {"archived_code": None}).json()
    assert opened["total_activity"] == 1
    (row,) = Caller(alice).get(f"/timeline/project/{made['id']}").json()
    assert row["event_type"] == "projects.project.create"
