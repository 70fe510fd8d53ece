"""/roles."""

import pytest

from taiga.projects.models import Membership, Points, Project, Role, RolePoints
from taiga.projects.permissions import MEMBER_PERMISSIONS
from tests.projects.apollo import Apollo, counted

pytestmark = pytest.mark.django_db


def test_a_role_is_made_read_edited_and_deleted() -> None:
    apollo = Apollo()
    made = apollo.made("/roles", name="Tester Ñ", slug="mine")
    assert made == apollo.shown(f"/roles/{made['id']}")
    assert (made["slug"], made["order"], made["computable"], made["permissions"]) == ("tester-n", 10, True, [])
    assert apollo.made("/roles", name="Tester Ñ")["slug"] == "tester-n-1"
    at = f"/roles/{made['id']}"
    edited = apollo.alice.patch(at, {"name": "Writer", "permissions": ["view_us"], "order": 3}).json()
    assert (edited["slug"], edited["permissions"], edited["order"]) == ("tester-n", ["view_us"], 3)
    put = apollo.alice.put(at, {"project": apollo.project.pk, "name": "Put", "computable": False}).json()
    assert (put["order"], put["permissions"]) == (10, ["view_us"])
    assert apollo.alice.patch(at, {"permissions": None}).json()["permissions"] is None
    assert (apollo.alice.delete(at).status_code, apollo.alice.get(at).status_code) == (204, 404)


@pytest.mark.parametrize("permissions", [["fly"], ["admin_roles"], "view_us", [["view_us"]], 7])
def test_permissions_are_those_of_members(permissions: object) -> None:
    apollo = Apollo()
    reply = apollo.alice.post("/roles", {"project": apollo.project.pk, "name": "Tester", "permissions": permissions})
    assert (reply.status_code, list(reply.json())) == (400, ["permissions"])
    assert apollo.made("/roles", name="All", permissions=list(MEMBER_PERMISSIONS))["permissions"] == list(
        MEMBER_PERMISSIONS
    )


def test_only_admins_write_roles_and_nobody_moves_them() -> None:
    apollo = Apollo()
    role = Role.objects.get(project=apollo.project, slug="ux")
    at, body = f"/roles/{role.pk}", {"project": apollo.project.pk, "name": "X"}
    callers = (apollo.nobody, apollo.carol, apollo.bob)
    assert [caller.post("/roles", body).status_code for caller in callers] == [401, 403, 403]
    assert [caller.patch(at, body).status_code for caller in callers] == [401, 403, 403]
    assert [caller.delete(at).status_code for caller in callers] == [401, 403, 403]
    assert [caller.get(at).status_code for caller in callers] == [401, 403, 200]
    assert apollo.alice.patch(at, {"project": apollo.other.pk}).status_code == 400
    apollo.archive()
    assert [apollo.alice.post("/roles", body).status_code, apollo.alice.patch(at, {}).status_code] == [403, 403]
    assert Role.objects.get(pk=role.pk).name == "UX"


def test_lists_are_of_one_project_or_of_all_that_the_caller_sees() -> None:
    apollo = Apollo()
    at = f"/roles?project={apollo.project.pk}"
    assert [role["slug"] for role in apollo.listed("/roles")][:2] == ["ux", "design"]
    assert {role["project"] for role in apollo.bob.get("/roles").json()} == {apollo.project.pk}
    assert apollo.carol.get(at).json() == []
    with counted() as few:
        apollo.shown(at)
    for number in range(5):
        apollo.made("/roles", name=f"Role {number}")
    with counted() as many:
        assert len(apollo.shown(at)) == 11
    assert many == few


def test_members_of_a_deleted_role_get_another_one_of_the_project() -> None:
    apollo = Apollo()
    back, front = (Role.objects.get(project=apollo.project, slug=slug) for slug in ("back", "front"))
    strange = Role.objects.filter(project=apollo.other)[0]
    Membership.objects.create(project=apollo.project, role=back, email="new@example.org", token="t")
    assert apollo.shown(f"/roles/{back.pk}")["members_count"] == 2
    bare = apollo.alice.delete(f"/roles/{back.pk}")
    assert bare.status_code == 400
    for key in (strange.pk, back.pk, 999_999, "x"):
        assert apollo.alice.delete(f"/roles/{back.pk}?moveTo={key}").status_code == 404
    assert apollo.alice.delete(f"/roles/{back.pk}?moveTo={front.pk}").status_code == 204
    assert Membership.objects.filter(role=front).count() == 2


def test_stories_are_estimated_for_computable_roles_once_a_role_is_edited() -> None:
    apollo = Apollo()
    story = apollo.story()
    role = apollo.made("/roles", name="Tester")
    estimates = RolePoints.objects.filter(user_story=story["id"])
    assert not estimates.filter(role=role["id"]).exists()
    apollo.alice.patch(f"/roles/{role['id']}", {"order": 7})
    assert estimates.get(role=role["id"]).points == Points.objects.get(project=apollo.project, value=None)
    apollo.alice.patch(f"/roles/{role['id']}", {"computable": False})
    assert not estimates.filter(role=role["id"]).exists()


def test_an_unknown_estimate_is_made_if_the_project_has_none() -> None:
    apollo = Apollo()
    Project.objects.filter(pk=apollo.project.pk).update(default_points=None)
    Points.objects.filter(project=apollo.project, value=None).update(value=1)
    story = apollo.story()
    role = apollo.made("/roles", name="Tester")
    apollo.alice.patch(f"/roles/{role['id']}", {"order": 7})
    points = RolePoints.objects.get(user_story=story["id"], role=role["id"]).points
    assert points is not None
    assert (points.name, points.value) == ("?-1", None)
