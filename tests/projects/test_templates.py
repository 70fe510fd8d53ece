"""/project-templates, and what a project gets from one."""

from typing import Any

import pytest

from taiga.projects.models import Project, ProjectTemplate
from taiga.projects.services import templates
from tests.world import Caller, person

pytestmark = pytest.mark.django_db
BODY = {"name": "Craft Ä", "description": "Own", "default_owner_role": "lead"}
ROLES = [{"name": "Hand"}, {"name": "Lead", "slug": "lead", "order": 20, "permissions": ["view_us"]}]


def root() -> Caller:
    return Caller(person("root", is_superuser=True))


def test_the_default_templates_are_made_once_and_stay_as_they_are_edited() -> None:
    ProjectTemplate.objects.filter(slug="scrum").update(description="Ours")
    ProjectTemplate.objects.filter(slug="kanban").delete()
    templates.load_defaults()
    assert list(ProjectTemplate.objects.values_list("slug", flat=True)) == ["scrum", "kanban"]
    assert ProjectTemplate.objects.get(slug="scrum").description == "Ours"


def test_the_default_templates_differ_as_they_should() -> None:
    scrum, kanban = Caller().get("/project-templates").json()
    assert (scrum["is_backlog_activated"], kanban["is_backlog_activated"]) == (True, False)
    assert [len(scrum["roles"][place]["permissions"]) for place in (0, 5)] == [33, 19]
    assert [status["slug"] for status in scrum["issue_statuses"]][-1] == "posponed"
    assert scrum["default_options"] == kanban["default_options"]
    different = {name for name in scrum if scrum[name] != kanban[name]}
    assert {"priorities", "severities", "issue_statuses"} <= different
    assert not {"roles", "points", "us_statuses", "task_statuses", "epic_statuses", "issue_types"} & different


def test_names_are_in_the_language_of_the_answer_if_there_is_a_translation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taiga.projects.queries.templates.gettext", str.upper)
    assert Caller().get("/project-templates").json()[0]["name"] == "SCRUM"


def test_superusers_alone_write_templates_and_bodies_are_looked_at_first() -> None:
    alice, nobody = Caller(person("alice")), Caller()
    scrum = ProjectTemplate.objects.get(slug="scrum").pk
    for caller, status in ((nobody, 401), (alice, 403)):
        assert caller.post("/project-templates", {}).json().keys() == BODY.keys()
        assert caller.post("/project-templates", BODY).status_code == status
        assert caller.patch(f"/project-templates/{scrum}", {"name": ""}).status_code == status
        assert caller.delete(f"/project-templates/{scrum}").status_code == status
        assert caller.patch("/project-templates/999999", {}).status_code == status
        assert caller.get("/project-templates/999999").status_code == 404
    assert root().patch("/project-templates/999999", {}).status_code == 404


def test_a_template_is_made_edited_and_deleted() -> None:
    caller = root()
    made = caller.post("/project-templates", {**BODY, "roles": ROLES, "us_duedates": [], "order": 9}).json()
    assert (made["slug"], made["order"], "us_duedates" in made) == ("craft-a", 9, False)
    at = f"/project-templates/{made['id']}"
    edited = caller.patch(at, {"name": "Renamed"}).json()
    assert (edited["slug"], edited["roles"], edited["name"]) == ("craft-a", ROLES, "Renamed")
    assert caller.put(at, {"name": "Put"}).status_code == 400
    project = caller.post("/projects", {"name": "P", "description": "d", "creation_template": made["id"]}).json()
    assert caller.delete(at).status_code == 204
    assert Project.objects.get(pk=project["id"]).creation_template is None


def test_a_project_gets_what_a_sparse_template_has() -> None:
    caller = root()
    body = {
        **BODY,
        "roles": ROLES,
        "us_statuses": [{"name": "Open"}, {"name": "open!", "is_closed": True, "wip_limit": 2}],
        "points": [{"name": "L", "value": 7}],
        "default_options": {"us_status": "Open", "points": "gone"},
        "videoconferences": "jitsi",
        "tags": ["A"],
        "is_backlog_activated": False,
    }
    template = caller.post("/project-templates", body).json()["id"]
    made = caller.post("/projects", {"name": "P", "description": "d", "creation_template": template}).json()
    assert [status["slug"] for status in made["us_statuses"]] == ["open", "open-1"]
    assert made["default_us_status"] == made["us_statuses"][0]["id"]
    assert (made["default_points"], made["epic_statuses"], made["issue_types"]) == (None, None, None)
    assert (made["videoconferences"], made["videoconferences_extra_data"], made["tags"]) == ("jitsi", None, ["a"])
    assert made["members"][0]["role_name"] == "Lead"


@pytest.mark.parametrize(
    "broken",
    [{}, {"roles": []}, {"roles": "x"}, {"roles": [{"slug": "nameless"}]}, {"roles": ROLES, "points": {"L": 7}}],
)
def test_a_template_that_cannot_be_used_makes_no_project(broken: dict[str, Any]) -> None:
    caller = root()
    template = caller.post("/project-templates", {**BODY, **broken}).json()["id"]
    reply = caller.post("/projects", {"name": "P", "description": "d", "creation_template": template})
    assert reply.status_code == 400
    assert not Project.objects.exists()
