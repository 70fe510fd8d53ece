"""Changes of status that a project allows, and the refusal of all others."""

from typing import Any

import pytest

from taiga.base import errors
from taiga.changes.models import Change
from taiga.projects.models import Kind, StatusTransition, WorkItem
from taiga.projects.permissions import Access, access_to
from taiga.projects.services import transitions
from tests.projects.apollo import Apollo, Json
from tests.world import Caller

pytestmark = pytest.mark.django_db


def allowed(apollo: Apollo, before: str | None, after: str, **more: Any) -> Json:
    """Let stories go from one status to another."""
    statuses = {row["name"]: row["id"] for row in apollo.listed("/userstory-statuses")}
    source = statuses[before] if before else None
    return apollo.made("/status-transitions", kind="userstory", from_status=source, to_status=statuses[after], **more)


def access_of(apollo: Apollo, caller: Caller) -> Access:
    found = access_to(caller.user, apollo.project.pk)
    assert found is not None
    return found


def may(apollo: Apollo, caller: Caller, before: str | None, after: str, kind: Kind = Kind.USERSTORY) -> bool:
    """Whether the caller may change the status of a story so."""
    statuses = {row["name"]: row["id"] for row in apollo.listed("/userstory-statuses")}
    source = statuses[before] if before else None
    try:
        transitions.ensure_allowed(access_of(apollo, caller), kind, [(WorkItem(ref=7), source, statuses[after])])
    except errors.Invalid:
        return False
    return True


def test_a_row_is_made_read_listed_changed_and_deleted() -> None:
    apollo = Apollo()
    row = allowed(apollo, "New", "Ready")
    assert row == {
        "id": row["id"],
        "project": apollo.project.pk,
        "kind": "userstory",
        "from_status": apollo.named("/userstory-statuses", "New"),
        "to_status": apollo.named("/userstory-statuses", "Ready"),
        "roles": None,
    }
    address = f"/status-transitions/{row['id']}"
    assert apollo.bob.get(address).json() == row
    role = apollo.project.roles.get(slug="back").pk
    changed = apollo.alice.patch(address, {"roles": [str(role), role], "from_status": None})
    assert changed.json() == {**row, "roles": [role], "from_status": None}
    assert apollo.listed("/status-transitions") == [changed.json()]
    put = apollo.alice.put(address, {"project": apollo.project.pk, "kind": "userstory", "to_status": row["to_status"]})
    assert put.json() == {**row, "from_status": None, "roles": None}
    assert apollo.alice.delete(address).status_code == 204
    assert apollo.alice.get(address).status_code == 404
    told = Change.objects.filter(kind="projects.statustransition").order_by("pk")
    assert [change.type for change in told] == [2, 1, 1, 3]


def test_rows_are_listed_for_one_project_and_kind() -> None:
    apollo = Apollo()
    mine = allowed(apollo, "New", "Ready")
    new, closed = apollo.named("/task-statuses", "New"), apollo.named("/task-statuses", "Closed")
    task = apollo.made("/status-transitions", kind="task", from_status=new, to_status=closed)
    assert apollo.listed("/status-transitions?kind=userstory") == [mine]
    assert apollo.bob.get("/status-transitions").json() == [task, mine]
    assert apollo.carol.get("/status-transitions").json() == []
    assert apollo.carol.get(f"/status-transitions?project={apollo.project.pk}").json() == []
    assert apollo.alice.get("/status-transitions?kind=wish").status_code == 400
    assert apollo.alice.get("/status-transitions?project=x").status_code == 400


def test_only_admins_write() -> None:
    apollo = Apollo()
    row = allowed(apollo, "New", "Ready")
    body = {name: row[name] for name in ("project", "kind", "to_status")}
    for caller, status in ((apollo.bob, 403), (apollo.carol, 403), (apollo.nobody, 401)):
        assert caller.post("/status-transitions", body).status_code == status
        assert caller.patch(f"/status-transitions/{row['id']}", {"roles": None}).status_code == status
        assert caller.delete(f"/status-transitions/{row['id']}").status_code == status
    for close, status in ((apollo.archive, 403), (apollo.block, 451)):
        close()
        assert apollo.alice.post("/status-transitions", body).status_code in (status, 403)
    assert StatusTransition.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ({"kind": "wish"}, "kind"),
        ({"kind": "task"}, "to_status"),
        ({"to_status": 999999999}, "to_status"),
        ({"to_status": None}, "to_status"),
        ({"from_status": "hers"}, "from_status"),
        ({"from_status": "same"}, "to_status"),
        ({"roles": [999999999]}, "roles"),
        ({"roles": "back"}, "roles"),
        ({"roles": [True, "x"]}, "roles"),
        ({"project": 999999999}, "project"),
    ],
    ids=str,
)
def test_what_is_not_of_the_project_or_kind_is_refused(field: dict[str, Any], named: str) -> None:
    apollo = Apollo()
    ready = apollo.named("/userstory-statuses", "Ready")
    hers = apollo.carol.get(f"/userstory-statuses?project={apollo.other.pk}").json()[0]["id"]
    words = {"hers": hers, "same": ready}
    sent = {name: words.get(value, value) if isinstance(value, str) else value for name, value in field.items()}
    body = {"project": apollo.project.pk, "kind": "userstory", "to_status": ready, **sent}
    reply = apollo.alice.post("/status-transitions", body)
    assert reply.status_code == 400
    assert named in reply.json()
    assert not StatusTransition.objects.exists()


def test_the_same_change_is_listed_once() -> None:
    apollo = Apollo()
    for before in ("New", None):
        row = allowed(apollo, before, "Ready")
        again = apollo.alice.post("/status-transitions", {**row, "roles": []})
        assert again.status_code == 400
    assert StatusTransition.objects.count() == 2


def test_a_row_stays_in_its_project() -> None:
    apollo = Apollo()
    row = allowed(apollo, "New", "Ready")
    reply = apollo.alice.patch(f"/status-transitions/{row['id']}", {"project": apollo.other.pk})
    assert (reply.status_code, list(reply.json())) == (400, ["project"])


def test_without_rows_everything_is_allowed_and_with_one_nothing_else_of_its_kind() -> None:
    apollo = Apollo()
    assert may(apollo, apollo.bob, "New", "Done")
    allowed(apollo, "New", "Ready")
    assert may(apollo, apollo.bob, "New", "Ready")
    assert may(apollo, apollo.bob, "Done", "Done")
    assert not may(apollo, apollo.bob, "New", "Done")
    assert not may(apollo, apollo.bob, "Done", "Ready")
    assert not may(apollo, apollo.bob, None, "Ready")
    assert not may(apollo, apollo.alice, "New", "Done")
    assert may(apollo, apollo.superuser(), "New", "Done")
    assert may(apollo, apollo.bob, "New", "Done", Kind.EPIC)


def test_null_is_any_status_and_roles_are_those_who_may() -> None:
    apollo = Apollo()
    back = apollo.project.roles.get(slug="back").pk
    allowed(apollo, None, "Ready")
    allowed(apollo, "New", "Done", roles=[back])
    allowed(apollo, "Ready", "Done", roles=[])
    assert may(apollo, apollo.alice, "Done", "Ready")
    assert may(apollo, apollo.bob, None, "Ready")
    assert may(apollo, apollo.bob, "New", "Done")
    assert not may(apollo, apollo.alice, "New", "Done")
    assert not may(apollo, apollo.bob, "Ready", "Done")


def test_the_refusal_names_both_statuses_and_who_may() -> None:
    apollo = Apollo()
    roles = [apollo.project.roles.get(slug=slug).pk for slug in ("back", "ux")]
    row = allowed(apollo, "New", "Done", roles=roles)
    story = apollo.story(status=row["from_status"])
    path = f"/userstories/{story['id']}"
    refused = apollo.alice.patch(path, {"version": 1, "status": row["to_status"]})
    text = f"#{story['ref']}: only these roles may change the status from “New” to “Done”: UX, Back."
    assert (refused.status_code, refused.json()) == (400, {"status": [text]})
    ready = apollo.named("/userstory-statuses", "Ready")
    refused = apollo.alice.patch(path, {"version": 1, "status": ready})
    text = f"#{story['ref']}: nobody may change the status from “New” to “Ready”."
    assert (refused.status_code, refused.json()) == (400, {"status": [text]})


def test_roles_are_those_of_the_project() -> None:
    apollo = Apollo()
    body = {"project": apollo.project.pk, "kind": "userstory", "to_status": apollo.named("/userstory-statuses", "Done")}
    hers = apollo.other.roles.get(slug="back").pk
    mine = apollo.project.roles.get(slug="back").pk
    refused = apollo.alice.post("/status-transitions", {**body, "roles": [mine, hers]})
    assert (refused.status_code, list(refused.json())) == (400, ["roles"])


def test_one_forbidden_step_refuses_all() -> None:
    apollo = Apollo()
    row = allowed(apollo, "New", "Ready")
    good = (WorkItem(ref=1), row["from_status"], row["to_status"])
    bad = (WorkItem(ref=2), row["to_status"], row["from_status"])
    with pytest.raises(errors.Invalid):
        transitions.ensure_allowed(access_of(apollo, apollo.bob), Kind.USERSTORY, [good, bad])


def test_rows_go_with_their_statuses() -> None:
    apollo = Apollo()
    allowed(apollo, "New", "Ready")
    kept = allowed(apollo, None, "Done")
    new, done = apollo.named("/userstory-statuses", "New"), apollo.named("/userstory-statuses", "Done")
    assert apollo.alice.delete(f"/userstory-statuses/{new}?moveTo={done}").status_code == 204
    assert apollo.listed("/status-transitions") == [kept]


def test_forbidden_changes_are_refused_singly_and_in_bulk_and_creation_is_none() -> None:
    apollo = Apollo()
    row = allowed(apollo, "New", "Ready")
    new, ready, done = row["from_status"], row["to_status"], apollo.named("/userstory-statuses", "Done")
    one, two = apollo.story("one", status=new)["id"], apollo.story("two", status=done)["id"]
    refused = apollo.alice.patch(f"/userstories/{one}", {"version": 1, "status": done, "subject": "changed"})
    assert (refused.status_code, list(refused.json())) == (400, ["status"])
    bulk = {"project_id": apollo.project.pk, "status_id": ready, "bulk_userstories": [one, two]}
    refused = apollo.alice.post("/userstories/bulk_update_kanban_order", bulk)
    assert (refused.status_code, list(refused.json())) == (400, ["status"])
    assert [apollo.shown(f"/userstories/{story}")["status"] for story in (one, two)] == [new, done]
    assert apollo.alice.patch(f"/userstories/{one}", {"version": 1, "status": ready}).status_code == 200
    assert apollo.superuser().patch(f"/userstories/{one}", {"version": 2, "status": done}).status_code == 200
