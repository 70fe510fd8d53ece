"""What clients are told in words, as Taiga 6 says it: they show it, and some look for it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from taiga.auth import tokens
from taiga.projects.models import EpicStatus, IssueType, Milestone, Project, UserStoryStatus
from tests.items.conftest import World
from tests.world import Caller, person, project_of

Foreign = tuple[str, str, type[Any], int, str]
OF_PROJECT = "belong to the same project."


def told(reply: Any, status: int = 400) -> Any:
    assert reply.status_code == status, reply.content
    return reply.json()


@pytest.fixture
def other(world: World) -> Project:
    """A project that the callers know nothing of."""
    return project_of(person("dora"), "Other")


@pytest.mark.parametrize("empty", ["", None])
def test_what_is_not_given_is_required_and_what_is_there_cannot_be_emptied(world: World, empty: Any) -> None:
    story = world.make()
    path = f"/userstories/{story['id']}"
    new = told(world.alice.post("/userstories", {"project": world.project.pk, "subject": empty}))
    assert new == {"subject": ["This field is required."]}
    edited = told(world.alice.patch(path, {"version": story["version"], "subject": empty}))
    assert edited == {"subject": ["This field cannot be blank."]}
    assert told(world.alice.patch(path, {"version": None})) == {"version": ["This field cannot be null."]}
    assert told(world.alice.post("/userstories", {"project": None, "subject": "x"})) == {
        "project": ["This field is required."]
    }


def test_a_text_that_is_too_long_is_told_its_length(world: World) -> None:
    body = {"project": world.project.pk, "name": "x" * 256, "color": "y" * 24}
    assert told(world.alice.post("/issue-types", body)) == {
        "name": ["Ensure this value has at most 255 characters (it has 256)."],
        "color": ["Ensure this value has at most 20 characters (it has 24)."],
    }


def test_a_word_is_no_id(world: World) -> None:
    body = {"project": world.project.pk, "subject": "x"}
    refusal = "Incorrect type. Expected pk value, received str."
    assert told(world.alice.post("/tasks", {**body, "status": "new"})) == {"status": [refusal]}
    unknown = told(world.alice.post("/tasks", {**body, "status": "999999"}))
    assert unknown == {"status": ["Invalid pk '999999' - object does not exist."]}


@pytest.mark.parametrize(
    "body",
    [
        {"project_id": "apollo"},
        {"project_id": 0, "status_id": "new"},
        {"project_id": 0, "bulk_userstories": ["x"]},
    ],
)
def test_a_word_is_no_number_where_many_are_made_or_moved(world: World, body: dict[str, Any]) -> None:
    body = {key: world.project.pk if value == 0 else value for key, value in body.items()}
    path = "bulk_update_backlog_order" if "bulk_userstories" in body else "bulk_create"
    wrong = next(key for key, value in body.items() if value != world.project.pk)
    answer = told(world.alice.post(f"/userstories/{path}", {"bulk_stories": "x", **body}))
    assert answer[wrong] == ["Enter a whole number."]


def test_a_project_that_is_not_there(world: World) -> None:
    issue, nowhere = world.make("issues")["id"], {"project_id": 999999}
    refusal = ["There's no project with that id"]
    bodies: dict[str, dict[str, Any]] = {
        "/userstories/bulk_create": {"bulk_stories": "x"},
        f"/issues/{issue}/promote_to_user_story": {},
        "/userstories/bulk_update_backlog_order": {"bulk_userstories": [1]},
        "/memberships/bulk_create": {"bulk_memberships": []},
    }
    for path, more in bodies.items():
        assert told(world.alice.post(path, {**nowhere, **more}))["project_id"] == refusal, path


def test_a_word_is_no_place_in_an_order(world: World) -> None:
    story = world.make()
    path, body = f"/userstories/{story['id']}", {"version": story["version"]}
    assert told(world.alice.patch(path, {**body, "backlog_order": "top"})) == {
        "backlog_order": ["“top” value must be an integer."]
    }
    assert told(world.alice.patch(path, {**body, "backlog_order": None})) == {"backlog_order": ["Invalid value."]}
    nowhere = told(world.alice.post("/epics", {"project": world.project.pk, "subject": "x", "epics_order": None}))
    assert nowhere == {"epics_order": ["This field is required."]}
    new = {"project": world.project.pk, "name": "x", "order": "first"}
    assert told(world.alice.post("/task-custom-attributes", new)) == {"order": ["“first” value must be an integer."]}
    assert told(world.alice.post("/task-statuses", {**new, "order": "x"}))["order"] == ["Enter a whole number."]


def test_a_date_that_is_none(world: World) -> None:
    body = {"project": world.project.pk, "subject": "x", "due_date": "tomorrow"}
    formats = "Date has wrong format. Use one of these formats instead: YYYY[-MM[-DD]]"
    assert told(world.alice.post("/tasks", body)) == {"due_date": [formats]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{'a': 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"nothing", "Expecting value: line 1 column 1 (char 0)"),
        (b'{"a": 1} {}', "Extra data: line 1 column 10 (char 9)"),
        (b'{"a": NaN}', "JSON is malformed: invalid character (byte 6)"),
    ],
)
def test_where_a_body_is_not_json(world: World, body: bytes, reason: str) -> None:
    answer = Client().post("/api/v1/issues", body, "application/json", headers=world.alice.headers)
    assert told(answer)["_error_message"] == f"JSON parse error - {reason}"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/userstories/custom-attributes-values/999999", "No UserStoryCustomAttributesValues matches the given query."),
        ("/epics/999999", "No Epic matches the given query."),
        ("/epics/first", ""),
        ("/issue-types/999999", "No IssueType matches the given query."),
        ("/issue-types/first", ""),
        ("/tasks/attachments/first", ""),
        ("/users/999999", "No User matches the given query."),
        ("/users/first", ""),
        ("/exporter/999999", ""),
        ("/wiki/by_slug?slug=home", "No WikiPage matches the given query."),
    ],
)
def test_what_is_not_there(world: World, path: str, text: str) -> None:
    assert told(world.alice.get(path), 404) == {"_error_message": text}


def test_a_file_that_is_none(world: World) -> None:
    fields = {"project": world.project.pk, "object_id": world.make("tasks")["id"]}
    for more, refusal in (
        ({}, "This field is required."),
        ({"attached_file": "x"}, "No file was submitted. Check the encoding type on the form."),
        ({"attached_file": SimpleUploadedFile("x.txt", b"")}, "The submitted file is empty."),
    ):
        assert told(world.alice.upload("/tasks/attachments", **fields, **more)) == {"attached_file": [refusal]}


def test_a_token_that_is_good_for_something_else(world: World) -> None:
    refresh = tokens.issue(tokens.REFRESH, world.alice.user.pk)
    answer = told(Client().get("/api/v1/users/me", headers={"Authorization": f"Bearer {refresh}"}), 401)
    assert [one["message"] for one in answer["messages"]] == ["Token has wrong type"]


def test_an_offer_is_answered_with_its_token(world: World) -> None:
    answer = told(world.alice.post(f"/projects/{world.project.pk}/transfer_accept", {}))
    assert answer == {"_error_message": "Invalid token", "_error_type": "taiga.base.exceptions.WrongArguments"}


@pytest.mark.parametrize(
    ("tag", "refusal"),
    [
        (5, "Invalid tag '5'. it must be the name or a pair '[\"name\", \"hex color/\" | null]'."),
        (["x"], "Invalid tag '['x']'. it must be the name or a pair '[\"name\", \"hex color/\" | null]'."),
        (["x", "red"], "Invalid tag '['x', 'red']'. The color is not a valid HEX color or null."),
    ],
)
def test_a_tag_that_is_none_is_named(world: World, tag: Any, refusal: str) -> None:
    assert told(world.alice.post("/epics", {"project": world.project.pk, "subject": "x", "tags": [tag]})) == {
        "tags": [refusal]
    }


def test_what_is_wrong_with_estimates(world: World, other: Project) -> None:
    story = world.make()
    role, path = next(iter(story["points"])), f"/userstories/{story['id']}"
    for points, refusal in (({"999999": 1}, "Invalid role id '999999'"), ({role: None}, "Invalid points id 'None'")):
        answer = told(world.alice.patch(path, {"version": story["version"], "points": points}))
        assert answer == {"points": refusal}, points


@pytest.mark.parametrize(
    "foreign",
    [
        ("tasks", "milestone", Milestone, 400, "sprint to this task"),
        ("epics", "status", EpicStatus, 400, "status to this epic"),
        ("issues", "type", IssueType, 403, "type to this issue"),
    ],
)
def test_what_is_of_another_project_is_named(world: World, other: Project, foreign: Foreign) -> None:
    kind, field, model, status, names = foreign
    Milestone.objects.create(
        project=other, name="Far", slug="far", estimated_start="2031-01-01", estimated_finish="2031-02-01"
    )
    key = model.objects.filter(project=other).values_list("pk", flat=True)[0]
    answer = told(world.alice.post(f"/{kind}", {"project": world.project.pk, "subject": "x", field: key}), status)
    assert answer["_error_message"] == f"You don't have permissions to set this {names}."


def test_boards_say_what_is_not_of_the_project(world: World, other: Project) -> None:
    story, project = world.make()["id"], world.project.pk
    foreign = UserStoryStatus.objects.filter(project=other)[0]
    board = {"project_id": project, "status_id": foreign.pk, "bulk_userstories": [story]}
    assert told(world.alice.post("/userstories/bulk_update_kanban_order", board)) == {
        "status_id": [f"Invalid user story status id. The status must {OF_PROJECT}"]
    }
    backlog = {"project_id": project, "bulk_userstories": [999999]}
    assert told(world.alice.post("/userstories/bulk_update_backlog_order", backlog)) == {
        "bulk_userstories": [f"Invalid user story ids. All stories must {OF_PROJECT}"]
    }
    backlog = {"project_id": project, "bulk_userstories": [story], "after_userstory_id": 999999}
    assert told(world.alice.post("/userstories/bulk_update_backlog_order", backlog)) == {
        "after_userstory_id": [
            "Invalid user story id to move after. The user story must belong to the same project and milestone."
        ]
    }


def test_parameters_that_cannot_be_read(world: World) -> None:
    answer = told(world.alice.get("/userstories?project=apollo"))
    assert answer == {
        "_error_message": "'project' must be an integer value.",
        "_error_type": "taiga.base.exceptions.BadRequest",
    }
    answer = told(world.alice.get(f"/userstories?project={world.project.pk}&status=new"))
    assert answer == {"_error_message": "Wrong arguments.", "_error_type": "taiga.base.exceptions.BadRequest"}
    answer = told(world.alice.get(f"/userstories?project={world.project.pk}&watchers=bob"))
    assert answer["_error_message"] == "Error in filter params types."
    assert told(world.alice.get("/tasks/by_ref?ref=2")) == "project or project__slug param is needed"
    assert told(world.alice.get(f"/tasks/by_ref?project={world.project.pk}")) == "ref param is needed"


@pytest.mark.parametrize("number", ["0", "-1", "7", "first"])
def test_a_page_that_is_not_there(world: World, number: str) -> None:
    refusal = {"_error_message": "Page is not 'last', nor can it be converted to an int."}
    assert told(world.alice.get(f"/userstories?page={number}"), 404) == refusal
    if number == "7":
        lazy = told(world.alice.get("/userstories?page=7", **{"X-Lazy-Pagination": "1"}), 404)
        assert lazy == {"_error_message": "Invalid page (7): That page contains no results"}


def test_methods_that_are_switched_off(world: World) -> None:
    files, people = world.alice.put("/tasks/attachments/1", {}), world.alice.post("/users", {})
    assert told(files, 405)["_error_message"] == "Partial updates are not supported"
    assert told(people, 405)["_error_message"] == "Method not supported for this endpoint."
    assert told(world.alice.delete("/users"), 405)["_error_message"] == "Method 'DELETE' not allowed."


def test_they_are_said_in_the_language_of_the_reader(world: World) -> None:
    answer = Caller(world.alice.user).get("/userstories?project=apollo", **{"Accept-Language": "es"})
    assert told(answer)["_error_message"] == "'project' debe ser un número entero."
