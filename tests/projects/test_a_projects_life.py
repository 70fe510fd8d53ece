"""A project from its beginning to its end, by nothing but the API."""

from typing import Any

from taiga.projects.models import Membership, Project
from taiga.users.models import User
from tests.world import Caller, person


def asked(reply: Any, status: int = 200) -> Any:
    assert reply.status_code == status, reply.content
    return reply.json() if reply.content else None


def test_a_project_is_made_staffed_planned_worked_on_closed_and_archived(db: None) -> None:
    alice, bob, carol, nobody = (*(Caller(person(name)) for name in ("alice", "bob", "carol")), Caller())
    project = begin(alice)
    path = f"/projects/{project['id']}"
    assert carol.get(path).status_code == 403
    staff(alice, bob, project)
    assert nobody.get(path).status_code == 401
    assert [row["id"] for row in asked(bob.get("/projects?member=" + str(bob.user.pk)))] == [project["id"]]
    blocked = configure(alice, bob, project)
    sprint, stories = plan(alice, project)
    work(bob, project, stories, blocked)
    assert asked(bob.get(f"/milestones/{sprint}"))["closed"] is True
    stats = asked(bob.get(f"{path}/stats"))
    assert (stats["closed_points"], stats["assigned_points"]) == (5.0, 5.0)
    end(alice, bob, project, stories[0])


def begin(alice: Caller) -> Any:
    """Alice chooses a template."""
    template = next(row["id"] for row in asked(alice.get("/project-templates")) if row["slug"] == "scrum")
    body = {"name": "Apollo", "description": "To the moon", "creation_template": template, "is_private": True}
    project = asked(alice.post("/projects", body), 201)
    assert (project["i_am_owner"], project["my_homepage"], len(project["roles"])) == (True, False, 6)
    return project


def staff(alice: Caller, bob: Caller, project: Any) -> None:
    """Bob is a member at once; Dave has no account yet and takes up his invitation by registering."""
    role = next(row["id"] for row in project["roles"] if row["slug"] == "back")
    rows = [{"role_id": role, "username": name} for name in ("bob@example.com", "dave@example.com")]
    body = {"project_id": project["id"], "bulk_memberships": rows}
    members = asked(alice.post("/memberships/bulk_create", body))
    assert [row["user"] for row in members] == [bob.user.pk, None]
    waiting = asked(alice.get(f"/memberships/{members[1]['id']}"))
    token = waiting["token"] if "token" in waiting else invitation_of(members[1]["id"])
    dave = {"username": "dave", "password": "correct-horse-9", "full_name": "Dave", "email": "dave@example.com"}
    terms = {"accepted_terms": True, "type": "private", "existing": False, "token": token}
    asked(Caller().post("/auth/register", {**dave, **terms}), 201)
    assert asked(Caller(User.objects.get(username="dave")).get(f"/projects/{project['id']}"))["i_am_member"] is True


def invitation_of(membership: int) -> str:
    """The token, which only the invited are told, by mail."""
    token = Membership.objects.get(pk=membership).token
    assert token
    return token


def configure(alice: Caller, bob: Caller, project: Any) -> Any:
    """A status, a custom field, the wiki off; Bob may do none of it."""
    body = {"project": project["id"], "name": "Stuck", "color": "#ff0000"}
    assert bob.post("/userstory-statuses", body).status_code == 403
    blocked = asked(alice.post("/userstory-statuses", body), 201)
    asked(alice.post("/userstory-custom-attributes", {"project": project["id"], "name": "Cost", "type": "number"}), 201)
    changed = asked(alice.patch(f"/projects/{project['id']}", {"is_wiki_activated": False}))
    assert changed["is_wiki_activated"] is False
    return blocked


def plan(alice: Caller, project: Any) -> tuple[int, list[Any]]:
    """Two stories, estimated and put into a sprint."""
    dates = {"estimated_start": "2130-01-01", "estimated_finish": "2130-01-15"}
    sprint = asked(alice.post("/milestones", {"project": project["id"], "name": "Launch", **dates}), 201)["id"]
    five = next(row["id"] for row in project["points"] if row["value"] == 5)
    role = str(next(row["id"] for row in project["roles"] if row["computable"]))
    stories = []
    for subject, points in (("Build a rocket", {role: five}), ("Find a crew", {})):
        body = {"project": project["id"], "subject": subject, "points": points, "milestone": sprint}
        stories.append(asked(alice.post("/userstories", body), 201))
    assert [story["ref"] for story in stories] == [1, 2]
    return sprint, stories


def work(bob: Caller, project: Any, stories: list[Any], blocked: Any) -> None:
    """Bob gets stuck, says so, and finishes both; the sprint closes with the last one."""
    done = next(row["id"] for row in project["us_statuses"] if row["slug"] == "done")
    first, second = stories
    stuck = {"status": blocked["id"], "comment": "No fuel", "version": first["version"]}
    first = asked(bob.patch(f"/userstories/{first['id']}", stuck))
    for story in (first, second):
        body = {"status": done, "version": story["version"], "assigned_to": bob.user.pk}
        assert asked(bob.patch(f"/userstories/{story['id']}", body))["is_closed"] is True
    told = asked(bob.get(f"/history/userstory/{first['id']}"))
    assert [entry["values_diff"]["status"] for entry in told] == [["Stuck", "Done"], ["New", "Stuck"]]


def end(alice: Caller, bob: Caller, project: Any, story: Any) -> None:
    """Archived by the staff: all read, nobody writes; Alice takes it back, and at last it is gone."""
    path, item = f"/projects/{project['id']}", f"/userstories/{story['id']}"
    assert alice.patch(path, {"archived_code": "archived-by-staff"}).status_code == 403
    Project.objects.filter(pk=project["id"]).update(archived_code="archived-by-staff")
    kept = asked(bob.get(item))
    body = {"subject": "x", "version": kept["version"]}
    assert [caller.patch(item, body).status_code for caller in (alice, bob)] == [403, 403]
    assert asked(alice.patch(path, {"archived_code": None}))["archived_code"] is None
    assert asked(bob.patch(item, body))["subject"] == "x"
    assert bob.delete(path).status_code == 403
    assert alice.delete(path).status_code == 204
    assert alice.get(path).status_code == 404
