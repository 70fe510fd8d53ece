"""The payloads of each kind of object and change."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taiga.changes.models import Change
from taiga.webhooks import effects
from taiga.webhooks.models import Delivery
from taiga.webhooks.queries import payloads, shapes
from tests.webhooks.rocket import Json, Rocket

NOWHERE = "http://127.0.0.1:9/hook"
USER = ["id", "permalink", "username", "full_name", "photo", "gravatar_id"]
PROJECT = ["id", "permalink", "name", "logo_big_url"]
STATUS = ["id", "name", "slug", "color", "is_closed"]
MILESTONE = (
    "id name slug estimated_start estimated_finish created_date modified_date closed disponibility permalink project"
    " owner"
)
SHAPES = {
    "epic": (
        "custom_attributes_values id ref created_date modified_date subject watchers description tags permalink project"
        " owner assigned_to status epics_order color client_requirement team_requirement"
    ),
    "userstory": (
        "custom_attributes_values id ref project is_closed created_date modified_date finish_date due_date"
        " due_date_reason subject client_requirement team_requirement generated_from_issue generated_from_task"
        " from_task_ref external_reference tribe_gig watchers is_blocked blocked_note description tags permalink owner"
        " assigned_to assigned_users points status milestone"
    ),
    "task": (
        "custom_attributes_values id ref created_date modified_date finished_date due_date due_date_reason subject"
        " us_order taskboard_order is_iocaine external_reference watchers is_blocked blocked_note description tags"
        " permalink project owner assigned_to status user_story milestone promoted_to"
    ),
    "issue": (
        "custom_attributes_values id ref created_date modified_date finished_date due_date due_date_reason subject"
        " external_reference watchers description tags permalink project milestone owner assigned_to status type"
        " priority severity promoted_to"
    ),
    "wiki": "id slug content created_date modified_date permalink project owner last_modifier",
}
TYPES = {"wiki": "wikipage"}
PATHS = {"epic": "epics", "userstory": "userstories", "task": "tasks", "issue": "issues", "wiki": "wiki"}


@pytest.fixture
def hook(rocket: Rocket) -> int:
    return rocket.hook(NOWHERE)


def sprint(rocket: Rocket) -> int:
    dates = {"estimated_start": "2130-01-01", "estimated_finish": "2130-01-15"}
    reply = rocket.alice.post("/milestones", {"project": rocket.project.pk, "name": "Sprint", **dates})
    key: int = reply.json()["id"]
    return key


def told(change: Json) -> Any:
    """What a payload says of the change itself."""
    return change["change"]["diff"]


@pytest.mark.parametrize("kind", SHAPES)
def test_each_kind_has_its_members_in_their_order(rocket: Rocket, hook: int, kind: str) -> None:
    key = rocket.make(kind)
    [log] = rocket.logs(hook)
    payload = log["request_data"]
    assert (payload["action"], payload["type"]) == ("create", TYPES.get(kind, kind))
    assert "change" not in payload
    assert payload["by"]["username"] == "alice"
    data = payloads.data_of(Change.objects.order_by("-pk")[0].kind, key)
    assert data is not None
    assert data == payload["data"]
    assert list(data) == SHAPES[kind].split()
    assert list(data["owner"]) == USER
    assert list(data["project"]) == PROJECT
    if "status" in data:
        assert list(data["status"]) == [*STATUS, "is_archived"] if kind == "userstory" else STATUS
        assert data["permalink"].endswith(f"/{'us' if kind == 'userstory' else kind}/{data['ref']}")


@pytest.mark.parametrize("kind", SHAPES)
def test_a_deleted_object_is_told_as_it_was(rocket: Rocket, hook: int, kind: str) -> None:
    key = rocket.make(kind)
    assert rocket.alice.delete(f"/{PATHS[kind]}/{key}").status_code == 204
    made, gone = Change.objects.filter(kind__contains=TYPES.get(kind, kind)).order_by("pk")
    assert (made.told_at, gone.told_at) == (None, None)
    creation, payload = rocket.sent(hook)
    assert [(one["action"], one["data"]["id"]) for one in (creation, payload)] == [("create", key), ("delete", key)]
    assert {**creation["data"], **shapes.EMPTY_WHEN_DELETED} == {**payload["data"], **shapes.EMPTY_WHEN_DELETED}
    if kind != "wiki":
        assert payload["data"]["custom_attributes_values"] is None
    if kind == "userstory":
        assert (payload["data"]["points"], payload["data"]["assigned_users"]) == ([], [])
    assert payload["data"]["project"]["id"] == rocket.project.pk


def test_what_happened_to_a_task_is_told_although_it_went_with_its_story(rocket: Rocket, hook: int) -> None:
    story = rocket.make("userstory")
    task = rocket.make("task", user_story=story)
    assert rocket.alice.delete(f"/userstories/{story}").status_code == 204
    told = [(one["type"], one["action"], one["data"]["id"]) for one in rocket.sent(hook)]
    assert told == [("userstory", "create", story), ("task", "create", task), ("userstory", "delete", story)]


def test_sprints_are_told_and_stand_whole_in_what_belongs_to_them(rocket: Rocket, hook: int) -> None:
    milestone = sprint(rocket)
    story = rocket.make("userstory", milestone=milestone)
    rocket.make("task", user_story=story, milestone=milestone)
    of_sprint, of_story, of_task = (one["data"] for one in rocket.sent(hook))
    assert set(of_sprint) == set(MILESTONE.split())
    assert of_sprint["permalink"].endswith(f"/taskboard/{of_sprint['slug']}")
    assert of_story["milestone"] == of_sprint
    assert of_task["milestone"] == of_sprint
    assert of_task["user_story"] == of_story


def test_a_relation_is_told_with_epic_and_story_in_full(rocket: Rocket, hook: int) -> None:
    epic, story = rocket.make("epic"), rocket.make("userstory")
    address = f"/epics/{epic}/related_userstories"
    rocket.alice.post(address, {"epic": epic, "user_story": story})
    of_epic, of_story, related = rocket.sent(hook)
    assert (related["type"], related["action"]) == ("relateduserstory", "create")
    assert set(related["data"]) == {"id", "user_story", "epic", "order"}
    assert (related["data"]["epic"], related["data"]["user_story"]) == (of_epic["data"], of_story["data"])
    rocket.alice.delete(f"{address}/{story}")
    gone = rocket.sent(hook)[-1]
    assert (gone["action"], gone["data"]) == ("delete", related["data"])


def test_a_change_is_told_in_words(rocket: Rocket, hook: int) -> None:
    story = rocket.make("userstory", tags=["a"])
    rocket.logs(hook)
    detail = rocket.alice.get(f"/projects/{rocket.project.pk}").json()
    role = next(one["id"] for one in detail["roles"] if one["slug"] == "back")
    five = next(one["id"] for one in detail["points"] if one["name"] == "5")
    rocket.change("userstory", story, rocket.bob, status=rocket.status("us", "done"), comment="**Done**")
    rocket.change("userstory", story, points={str(role): five}, description="New", tags=["a", "b"])
    rocket.change("userstory", story, is_blocked=True, blocked_note="why", assigned_users=[rocket.id("bob")])
    _made, done, estimated, blocked = rocket.sent(hook)
    assert done["by"]["username"] == "bob"
    assert done["change"]["comment_html"] == "<p><strong>Done</strong></p>"
    assert told(done)["status"] == {"from": "New", "to": "Done"}
    assert told(done)["is_closed"] == {"from": False, "to": True}
    assert told(estimated) == {
        "points": {"Back": {"from": "?", "to": "5"}},
        "tags": {"from": ["a"], "to": ["a", "b"]},
        "description_diff": "Check the history API for the exact diff",
    }
    assert {"role": "Back", "name": "5", "value": 5.0} in estimated["data"]["points"]
    assert told(blocked)["blocked_note_html"] == {"from": "", "to": "<p>why</p>"}
    assert told(blocked)["assigned_users"] == {"from": None, "to": "Bob"}
    assert blocked["data"]["assigned_users"] == [rocket.id("bob")]
    assert (blocked["data"]["watchers"], blocked["data"]["tags"]) == ([rocket.id("bob")], ["a", "b"])


def test_files_and_custom_fields_are_told_as_what_came_and_went(rocket: Rocket, hook: int) -> None:
    issue = rocket.make("issue")
    field = rocket.alice.post("/issue-custom-attributes", {"project": rocket.project.pk, "name": "Where"}).json()["id"]
    rocket.logs(hook)
    values = {"version": 1, "attributes_values": {str(field): "here"}}
    assert rocket.alice.patch(f"/issues/custom-attributes-values/{issue}", values).status_code == 200
    payload = rocket.sent(hook)[-1]
    assert payload["data"]["custom_attributes_values"] == {"Where": "here"}
    assert [one["value"] for one in told(payload)["custom_attributes"]["new"]] == ["here"]


def test_what_becomes_of_a_comment_tells_its_entry_once_more(rocket: Rocket, hook: int) -> None:
    issue = rocket.make("issue")
    rocket.change("issue", issue, rocket.bob, comment="First")
    rocket.logs(hook)
    entry = rocket.history("issue", issue)[0]["id"]
    for action, body in (("edit_comment", {"comment": "Second"}), ("delete_comment", None), ("undelete_comment", None)):
        assert rocket.alice.post(f"/history/issue/{issue}/{action}?id={entry}", body).status_code == 200
        rocket.logs(hook)
    edited, deleted, restored = rocket.sent(hook)[-3:]
    assert {one["by"]["username"] for one in (edited, deleted, restored)} == {"bob"}
    assert [one["comment"] for one in edited["change"]["comment_versions"]] == ["First"]
    assert edited["change"]["edit_comment_date"] is not None
    assert [bool(one["change"]["delete_comment_date"]) for one in (edited, deleted, restored)] == [False, True, False]


def test_order_votes_watchers_and_project_settings_are_not_told(rocket: Rocket, hook: int) -> None:
    story = rocket.make("userstory")
    before = len(rocket.logs(hook))
    rocket.change("userstory", story, backlog_order=3)
    rocket.change("userstory", story, watchers=[rocket.id("bob")])
    rocket.alice.post(f"/userstories/{story}/upvote")
    rocket.alice.patch(f"/projects/{rocket.project.pk}", {"name": "Renamed"})
    rocket.alice.post("/issue-types", {"project": rocket.project.pk, "name": "Wish"})
    assert len(rocket.logs(hook)) == before


def test_a_promoted_issue_tells_of_its_story(rocket: Rocket, hook: int) -> None:
    issue, task = rocket.make("issue"), rocket.make("task")
    rocket.logs(hook)
    for address in (f"/issues/{issue}", f"/tasks/{task}"):
        body = {"project_id": rocket.project.pk}
        assert rocket.alice.post(f"{address}/promote_to_user_story", body).status_code == 200
    *_made, promoted = rocket.sent(hook)
    assert (promoted["type"], promoted["data"]["id"]) == ("issue", issue)
    assert told(promoted)["promoted_to"] == {"from": [], "to": promoted["data"]["promoted_to"]}


def test_a_project_without_webhooks_costs_a_look_and_nothing_else(rocket: Rocket) -> None:
    rocket.make("userstory")
    change = Change.objects.order_by("-pk")[0]
    effects.deliver([change])
    with CaptureQueriesContext(connection) as asked:
        effects.deliver([change])
    assert len(asked) == 1
    assert not Delivery.objects.exists()


def test_the_number_of_queries_does_not_grow_with_what_hangs_on_an_object(rocket: Rocket, hook: int) -> None:
    story = rocket.make("userstory")
    rocket.hook(NOWHERE)

    def queries_of_a_change(**fields: Any) -> int:
        rocket.change("userstory", story, **fields)
        change = Change.objects.order_by("-pk")[0]
        with CaptureQueriesContext(connection) as asked:
            effects.deliver([change])
        return len(asked)

    queries_of_a_change(subject="A", assigned_to=rocket.id("alice"), milestone=sprint(rocket))
    few = queries_of_a_change(subject="B")
    everybody = list(rocket.users.values())[:2]
    many = queries_of_a_change(subject="C", assigned_users=[user.pk for user in everybody], tags=["a", "b", "c"])
    assert few == many <= 10


def test_a_change_that_is_told_twice_is_delivered_once(rocket: Rocket, hook: int) -> None:
    rocket.make("userstory")
    change = Change.objects.order_by("-pk")[0]
    effects.deliver([change])
    effects.deliver([change])
    assert Delivery.objects.count() == 1
    assert len(rocket.logs(hook)) == 1
