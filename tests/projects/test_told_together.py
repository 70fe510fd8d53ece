"""All that is wrong with one object is told at once: also what only the project knows, and to whom it may be told."""

from typing import Any

import pytest

from taiga.projects.api.attribute_lists import ADDRESSES, Address
from taiga.projects.models import Membership, Project, Role, UserStoryStatus
from tests.projects.apollo import SPRINT, Apollo

pytestmark = pytest.mark.django_db


def role_of(project: Project) -> int:
    """The first role of a project."""
    return Role.objects.filter(project=project).values_list("pk", flat=True)[0]


def add(apollo: Apollo, name: str, **more: Any) -> Any:
    """What Alice is told when she adds somebody."""
    body = {"project": apollo.project.pk, "role": role_of(apollo.project), "username": name, **more}
    return apollo.alice.post("/memberships", body).json()


def add_many(apollo: Apollo, *names: str, **more: Any) -> Any:
    """The same for several."""
    rows = [{"role_id": role_of(apollo.project), "username": name} for name in names]
    body = {"project_id": apollo.project.pk, "bulk_memberships": rows, **more}
    return apollo.alice.post("/memberships/bulk_create", body).json()


@pytest.mark.parametrize("at", ADDRESSES, ids=lambda at: at.path)
def test_a_name_that_is_taken_is_told_along_with_every_other_wrong_field_to_admins(at: Address) -> None:
    apollo = Apollo()
    apollo.made(f"/{at.path}", name="Taken")
    other = apollo.made(f"/{at.path}", name="Other")
    sent = {"project": apollo.project.pk, "name": "Taken", "order": "x"}
    wrong = apollo.alice.post(f"/{at.path}", sent)
    assert (wrong.status_code, wrong.json().keys()) == (400, {"project", "name", "order"})
    for caller in (apollo.bob, apollo.carol, apollo.nobody):
        assert caller.post(f"/{at.path}", sent).json().keys() == {"order"}
    assert apollo.alice.post(f"/{at.path}", {**sent, "name": "Unheard of"}).json().keys() == {"order"}
    assert apollo.alice.post(f"/{at.path}", {**sent, "name": ""}).json().keys() == {"name", "order"}
    assert apollo.alice.post(f"/{at.path}", {**sent, "project": 0}).json().keys() == {"project", "order"}
    path = f"/{at.path}/{other['id']}"
    assert apollo.alice.patch(path, {"name": "Taken", "order": "x"}).json().keys() == {"name", "order"}
    assert apollo.alice.put(path, sent).json().keys() == {"project", "name", "order"}
    moved = apollo.alice.patch(path, {"project": apollo.other.pk, "order": "x"})
    assert moved.json().keys() == {"project", "order"}
    assert apollo.alice.patch(path, {"name": "Other", "order": "x"}).json().keys() == {"order"}
    assert apollo.shown(path) == other


def test_a_name_that_is_taken_is_told_along_with_every_other_wrong_field_to_who_may_add_sprints() -> None:
    apollo = Apollo()
    apollo.sprint("Taken")
    other = apollo.sprint("Other")
    body = {"project": apollo.project.pk, "name": "Taken", **SPRINT, "order": -1, "disponibility": "much"}
    assert apollo.bob.post("/milestones", body).json().keys() == {"name", "order", "disponibility"}
    for caller in (apollo.carol, apollo.nobody):
        assert caller.post("/milestones", body).json().keys() == {"order", "disponibility"}
    path = f"/milestones/{other['id']}"
    assert apollo.bob.put(path, body).json().keys() == {"name", "order", "disponibility"}
    assert apollo.bob.patch(path, {"name": "Taken", "order": -1}).json().keys() == {"name", "order"}
    assert apollo.bob.patch(path, {"project": apollo.other.pk, "order": -1}).json().keys() == {"project", "order"}
    assert apollo.bob.patch(path, {"name": "Other", "order": -1}).json().keys() == {"order"}
    assert {row["name"] for row in apollo.listed("/milestones")} == {"Taken", "Other"}


def test_all_that_is_wrong_with_a_new_member_is_told_at_once() -> None:
    apollo = Apollo()
    strange = role_of(apollo.other)
    assert add(apollo, "carol", role="x").keys() == {"role", "username"}
    assert add(apollo, "carol", role=strange).keys() == {"role", "username"}
    assert add(apollo, "carol", role="x", project=None).keys() == {"project", "role", "username"}
    assert add(apollo, "bob", role="x") == {
        "role": add(apollo, "new@example.org", role="x")["role"],
        "username": ["The user yet exists in the project"],
    }
    assert add(apollo, "new@example.org", role="x").keys() == {"role"}
    assert add(apollo, "bob", role=strange, project=None).keys() == {"project"}
    long: Any = {"invitation_extra_text": "x" * 256}
    assert add_many(apollo, "carol", **long).keys() == {"bulk_memberships", "invitation_extra_text"}
    assert add_many(apollo, "new@example.org", **long).keys() == {"invitation_extra_text"}
    nowhere = add_many(apollo, "carol", "new@example.org", project_id=None)
    assert (nowhere.keys(), nowhere["bulk_memberships"][1]) == ({"project_id", "bulk_memberships"}, {})
    assert add_many(apollo, "new@example.org", project_id=None).keys() == {"project_id"}
    assert Membership.objects.filter(project=apollo.project).count() == 2


def test_all_that_is_wrong_with_a_changed_member_is_told_at_once() -> None:
    apollo = Apollo()
    mine = Membership.objects.get(user=apollo.alice.user, project=apollo.project)
    bobs = Membership.objects.get(user=apollo.bob.user)
    at, his = f"/memberships/{mine.pk}", f"/memberships/{bobs.pk}"
    moved = {"project": apollo.other.pk, "role": role_of(apollo.other), "username": "carol"}
    assert apollo.alice.patch(his, {"role": "x", "username": "carol"}).json().keys() == {"role", "username"}
    assert apollo.alice.patch(his, moved).json().keys() == {"project", "username"}
    assert apollo.alice.patch(his, {**moved, "role": "x"}).json().keys() == {"project", "role", "username"}
    assert apollo.alice.put(his, {"username": "alice"}).json().keys() == {"project", "role", "username"}
    assert apollo.alice.patch(his, {"role": "x", "username": "bob"}).json().keys() == {"role"}
    lost = {"is_admin": False, "username": "new@example.org"}
    assert apollo.alice.patch(at, lost).json().keys() == {"is_admin", "username"}
    assert apollo.alice.patch(at, {**lost, "role": "x"}).json().keys() == {"is_admin", "username", "role"}
    assert [caller.patch(his, moved).status_code for caller in (apollo.bob, apollo.carol)] == [403, 403]


def test_a_logo_that_is_no_file_is_told_along_with_every_other_wrong_field() -> None:
    apollo = Apollo()
    wrong = {"name": "", "tags": "moon", "logo": "x.png"}
    for caller in (apollo.alice, apollo.nobody):
        assert caller.post("/projects", wrong).json().keys() == {"name", "description", "tags", "logo"}
    at = f"/projects/{apollo.project.pk}"
    hers = UserStoryStatus.objects.filter(project=apollo.other).values_list("pk", flat=True)[0]
    strange = {"logo": "x.png", "default_us_status": hers}
    assert apollo.alice.patch(at, wrong).json().keys() == {"name", "tags", "logo"}
    assert apollo.alice.patch(at, strange).json().keys() == {"logo", "default_us_status"}
    assert apollo.alice.put(at, {**wrong, **strange}).json().keys() == {"description", "default_us_status", *wrong}
    assert apollo.alice.patch(at, {"name": ""}).json().keys() == {"name"}
    assert [caller.patch(at, wrong).status_code for caller in (apollo.bob, apollo.carol)] == [403, 403]
