"""/projects: making, reading, listing and editing them."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from taiga.base import clock
from taiga.changes.models import Change, ChangeType
from taiga.projects.models import Membership, NotifyPolicy, Project, ProjectTemplate, Role, UserStoryStatus
from tests.projects.apollo import Apollo, counted
from tests.world import Caller, join, person, project_of

pytestmark = pytest.mark.django_db
NEW = {"name": "Vostok", "description": "Once around"}


def test_a_new_project_has_what_its_template_says_and_its_owner_as_admin() -> None:
    alice = Caller(person("alice"))
    kanban = ProjectTemplate.objects.get(slug="kanban")
    reply = alice.post("/projects", {**NEW, "creation_template": kanban.pk, "tags": ["Moon"], "total_milestones": 3})
    assert reply.status_code == 201
    made = reply.json()
    assert (made["slug"], made["is_kanban_activated"], made["is_backlog_activated"]) == ("vostok", True, False)
    assert (made["tags"], made["total_milestones"], made["swimlanes"], made["milestones"]) == (["moon"], None, None, [])
    assert [status["name"] for status in made["us_statuses"]][-1] == "Archived"
    assert made["default_points"] == next(one["id"] for one in made["points"] if one["name"] == "?")
    assert (made["i_am_owner"], made["i_am_admin"], made["notify_level"], made["total_activity"]) == (True, True, 1, 1)
    [member] = made["members"]
    assert (member["username"], member["role_name"]) == ("alice", "Product Owner")
    assert alice.get(f"/projects/{made['id']}").json() == made


def test_a_project_costs_a_fixed_number_of_statements_to_make(django_assert_max_num_queries: Any) -> None:
    alice = Caller(person("alice"))
    alice.post("/projects", NEW)
    with django_assert_max_num_queries(50):
        assert alice.post("/projects", NEW).status_code == 201


def test_all_that_is_wrong_is_told_before_who_asks() -> None:
    alice, nobody = Caller(person("alice")), Caller()
    bad = {"name": "", "total_milestones": "many", "tags": "moon", "anon_permissions": ["add_us"], "is_private": False}
    for caller in (alice, nobody):
        reply = caller.post("/projects", bad)
        assert reply.status_code == 400
        assert set(reply.json()) == {"name", "description", "total_milestones", "tags", "anon_permissions"}
    assert nobody.post("/projects", NEW).status_code == 401
    assert not Project.objects.exists()


def test_a_private_project_is_closed_whatever_permissions_were_sent() -> None:
    alice = Caller(person("alice"))
    made = alice.post("/projects", {**NEW, "anon_permissions": ["view_project"]}).json()
    assert (made["anon_permissions"], made["public_permissions"]) == ([], [])
    assert Caller().get(f"/projects/{made['id']}").status_code == 401


def test_staff_decides_what_is_featured() -> None:
    alice = Caller(person("alice"))
    made = alice.post("/projects", {**NEW, "is_featured": True}).json()
    sent = {"is_featured": True, "total_fans": 9, "transfer_token": "x", "tags_colors": [["a", "#fff"]], "owner": None}
    changed = alice.patch(f"/projects/{made['id']}", sent).json()
    assert [made["is_featured"], changed["is_featured"], changed["total_fans"]] == [False, False, 0]
    assert (changed["transfer_token"], changed["tags_colors"], changed["i_am_owner"]) == (None, {}, True)


def test_names_of_250_letters_have_slugs_of_their_own() -> None:
    alice = Caller(person("alice"))
    slugs = [alice.post("/projects", {**NEW, "name": "x" * 250}).json()["slug"] for _again in range(3)]
    assert slugs == ["x" * 250, "x" * 248 + "-1", "x" * 248 + "-2"]


def test_slugs_can_begin_with_the_owner(settings: Settings) -> None:
    settings.DEFAULT_PROJECT_SLUG_PREFIX = True
    assert Caller(person("alice")).post("/projects", NEW).json()["slug"] == "alice-vostok"


def test_an_invisible_project_is_403_by_id_and_404_by_slug() -> None:
    apollo = Apollo()
    address, slug = f"/projects/{apollo.project.pk}", f"/projects/by_slug?slug={apollo.project.slug}"
    assert [apollo.nobody.get(path).status_code for path in (address, slug, "/projects/999999")] == [401, 401, 401]
    assert [apollo.carol.get(path).status_code for path in (address, slug, "/projects/999999")] == [403, 404, 404]
    assert apollo.bob.get(slug).json()["id"] == apollo.project.pk
    assert apollo.bob.get("/projects/by_slug").status_code == 404


def test_only_admins_see_keys_and_limits() -> None:
    apollo = Apollo()
    secret = {"is_private_extra_info", "max_memberships", "epics_csv_uuid", "transfer_token"}
    address = f"/projects/{apollo.project.pk}"
    assert secret <= apollo.alice.get(address).json().keys()
    assert not secret & apollo.bob.get(address).json().keys()
    assert apollo.superuser().get(address).json()["i_am_member"] is False


def test_nobody_owns_an_orphan() -> None:
    apollo = Apollo(is_private=False)
    Project.objects.filter(pk=apollo.project.pk).update(owner=None)
    shown = apollo.nobody.get(f"/projects/{apollo.project.pk}").json()
    assert (shown["owner"], shown["i_am_owner"], shown["my_homepage"]) == (None, False, "{}")


def test_the_detail_costs_the_same_however_much_is_in_the_project() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}"
    apollo.shown(address)
    with counted() as few:
        apollo.shown(address)
    for number in range(5):
        join(person(f"member{number}"), apollo.project)
        apollo.sprint(f"Sprint {number}")
        apollo.lane(f"Lane {number}")
        apollo.story()
        apollo.made("/userstory-custom-attributes", name=f"Field {number}")
    with counted() as many:
        assert len(apollo.shown(address)["members"]) == 7
    assert many == few
    assert few[0] <= 15


def test_the_list_costs_the_same_however_many_projects_there_are() -> None:
    apollo = Apollo()
    apollo.alice.get("/projects")
    with counted() as few:
        assert len(apollo.alice.get("/projects").json()) == 1
    for number in range(5):
        join(person(f"member{number}"), project_of(apollo.alice.user, f"Project {number}"))
    with counted() as many:
        assert len(apollo.alice.get("/projects").json()) == 6
    assert many == few


def names(caller: Caller, query: str) -> list[str]:
    reply = caller.get(f"/projects?{query}")
    assert reply.status_code == 200, reply.content
    return [row["name"] for row in reply.json()]


def test_lists_hold_what_the_caller_sees_and_asks_for() -> None:
    apollo = Apollo()
    project_of(apollo.carol.user, "Mir", is_private=False)
    apollo.alice.patch(f"/projects/{apollo.project.pk}", {"is_looking_for_people": True})
    assert names(apollo.bob, "") == ["Apollo", "Mir"]
    assert names(apollo.nobody, "") == ["Mir"]
    assert names(apollo.superuser(), "") == ["Apollo", "Mir", "Soyuz"]
    assert names(apollo.carol, f"member={apollo.carol.user.pk}") == ["Mir", "Soyuz"]
    assert names(apollo.bob, "is_looking_for_people=true") == ["Apollo"]
    assert names(apollo.bob, "is_looking_for_people=false") == ["Mir"]
    assert names(apollo.bob, "discover_mode=true") == ["Mir"]
    assert names(apollo.bob, "discover_mode=false&slight=false") == ["Apollo", "Mir"]
    Membership.objects.create(project=apollo.project, role=apollo.project.roles.all()[0], email="new@example.com")
    Membership.objects.create(project=apollo.project, role=apollo.project.roles.all()[0], email="one@example.com")
    assert names(apollo.bob, "member=null") == ["Apollo"]


@pytest.mark.parametrize("query", ["member=bob", "member=1,2", "is_featured=perhaps", "is_kanban_activated=2"])
def test_filters_that_cannot_be_read_are_refused(query: str) -> None:
    assert Apollo().alice.get(f"/projects?{query}").status_code == 400


def test_a_search_finds_beginnings_of_words_and_shows_names_first() -> None:
    alice = person("alice")
    project_of(alice, "Alpha", tags=["other"]).save()
    Project.objects.filter(name="Alpha").update(description="about rockets")
    project_of(alice, "Beta", tags=["rocketry"])
    project_of(alice, "Gamma rocket")
    caller = Caller(alice)
    assert names(caller, "q=rock") == ["Gamma rocket", "Beta", "Alpha"]
    assert names(caller, "q=rock gam") == ["Gamma rocket"]
    assert names(caller, "q=nothing") == []
    assert names(caller, "q=rock&member=0") == []


def test_the_caller_orders_his_projects_himself() -> None:
    apollo = Apollo()
    second = project_of(apollo.alice.user, "Second")
    assert names(apollo.alice, "order_by=user_order") == ["Second", "Apollo"]
    places = [{"project_id": second.pk, "order": 9}, {"project_id": apollo.other.pk, "order": 1}]
    assert apollo.alice.post("/projects/bulk_update_order", places).status_code == 204
    assert names(apollo.alice, "order_by=user_order") == ["Apollo", "Second"]
    assert names(apollo.alice, "order_by=-user_order") == ["Second", "Apollo"]
    assert Membership.objects.get(project=apollo.other).user_order == 0
    wrong = apollo.alice.post("/projects/bulk_update_order", [{"order": 1}, {"project_id": 999_999, "order": 1}])
    assert (wrong.status_code, [list(row) for row in wrong.json()]) == (400, [["project_id"], []])
    gone = [{"project_id": second.pk, "order": 1}, {"project_id": 999_999, "order": 1}]
    wrong = apollo.alice.post("/projects/bulk_update_order", gone)
    assert (wrong.status_code, [list(row) for row in wrong.json()]) == (400, [[], ["project_id"]])
    wrong = apollo.alice.post("/projects/bulk_update_order", {"project_id": second.pk, "order": 1})
    assert (wrong.status_code, list(wrong.json())) == (400, ["non_field_errors"])
    assert apollo.nobody.post("/projects/bulk_update_order", places).content == b""


def test_those_with_most_fans_of_a_week_have_counters_of_that_week() -> None:
    apollo = Apollo()
    old = clock.now() - timedelta(days=8)
    project_of(apollo.alice.user, "Fresh")
    Project.objects.filter(pk=apollo.project.pk).update(totals_updated_datetime=old)
    assert names(apollo.alice, "order_by=-total_fans_last_week") == ["Fresh"]
    assert names(apollo.alice, "order_by=-total_fans_last_month") == ["Fresh", "Apollo"]
    assert set(names(apollo.alice, "order_by=total_fans_last_week")) == {"Fresh", "Apollo"}


def test_an_edit_is_remembered_with_what_changed() -> None:
    apollo = Apollo()
    reply = apollo.alice.patch(f"/projects/{apollo.project.pk}", {"name": "Gemini", "is_epics_activated": True})
    assert (reply.status_code, reply.json()["slug"]) == (200, "apollo")
    change = Change.objects.get(kind="projects.project", type=ChangeType.CHANGE)
    assert change.diff == {"name": ["Apollo", "Gemini"], "is_epics_activated": [False, True]}
    assert change.context["people"] == sorted(
        NotifyPolicy.objects.values_list("user_id", flat=True).filter(project=apollo.project)
    )
    apollo.alice.patch(f"/projects/{apollo.project.pk}", {"description": "Nothing that is remembered"})
    assert Change.objects.filter(kind="projects.project", type=ChangeType.CHANGE).count() == 1


def test_an_edit_leaves_counters_that_others_move_alone() -> None:
    apollo = Apollo()
    apollo.story()
    apollo.alice.patch(f"/projects/{apollo.project.pk}", {"name": "Gemini"})
    apollo.story()
    project = Project.objects.get(pk=apollo.project.pk)
    assert (project.last_ref, project.total_activity) == (2, Change.objects.filter(project=project).count())


def test_put_resets_what_it_does_not_name() -> None:
    apollo = Apollo(is_private=False)
    address = f"/projects/{apollo.project.pk}"
    apollo.alice.patch(address, {"tags": ["keep"], "total_milestones": 2, "is_epics_activated": True})
    assert apollo.alice.put(address, {"is_private": True}).status_code == 400
    put = apollo.alice.put(address, NEW).json()
    assert (put["is_private"], put["tags"], put["total_milestones"]) == (True, [], 2)
    assert (put["is_epics_activated"], put["default_points"], put["creation_template"]) == (False, None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tags", "red"),
        ("tags", ["red", 3]),
        ("videoconferences", "smoke-signals"),
        ("anon_permissions", "view_us"),
        ("anon_permissions", ["view_us", "modify_us"]),
        ("public_permissions", ["view_us", "fly"]),
    ],
)
def test_what_a_project_cannot_have_is_named(field: str, value: Any) -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    before = apollo.shown(at)[field]
    reply = apollo.alice.patch(at, {field: value})
    assert (reply.status_code, list(reply.json())) == (400, [field])
    assert apollo.shown(at)[field] == before


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("tags", ["Red", "BLUE"], ["red", "blue"]),
        ("tags", None, []),
        ("videoconferences", "jitsi", "jitsi"),
        ("videoconferences", "", None),
        ("videoconferences", None, None),
        ("public_permissions", ["view_us", "add_us"], ["view_us", "add_us"]),
        ("public_permissions", [], []),
    ],
)
def test_what_a_project_can_have_is_kept(field: str, value: Any, kept: Any) -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    apollo.alice.patch(at, {"is_private": False, "tags": ["old"], "videoconferences": "talky"})
    assert apollo.alice.patch(at, {field: value}).status_code == 200
    assert apollo.shown(at)[field] == kept


PALETTES = [
    (None, {}),
    ([["red", None], ["blue", "#00f"]], {"red": None, "blue": "#00f"}),
    ({"a": "#fff"}, {"a": "#fff"}),
]


@pytest.mark.parametrize(("sent", "kept"), PALETTES)
def test_a_new_project_has_the_palette_that_was_sent(sent: Any, kept: Any) -> None:
    caller = Caller(person("alice"))
    made = caller.post("/projects", {"name": "New", "description": "D", "tags_colors": sent})
    assert (made.status_code, made.json()["tags_colors"]) == (201, kept)


@pytest.mark.parametrize(
    "sent", ["red", 3, ["red"], [["red"]], [["red", 3]], [[3, "#fff"]], [["a", "b", "c"]], {"a": 3}]
)
def test_a_palette_is_of_tags_and_colours(sent: Any) -> None:
    made = Caller(person("alice")).post("/projects", {"name": "New", "description": "D", "tags_colors": sent})
    assert (made.status_code, list(made.json())) == (400, ["tags_colors"])


def test_privacy_decides_the_base_permissions() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}"
    public = apollo.alice.patch(address, {"is_private": False, "public_permissions": ["add_issue"]}).json()
    assert len(public["anon_permissions"]) == 8
    assert {"add_issue", "view_us"} <= set(public["public_permissions"])
    alone = apollo.alice.patch(address, {"anon_permissions": ["view_us"]}).json()
    assert alone["anon_permissions"] == ["view_us"]
    private = apollo.alice.patch(address, {"is_private": True}).json()
    assert (private["anon_permissions"], private["public_permissions"]) == ([], [])


def test_default_values_are_the_projects_own() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}"
    strange = UserStoryStatus.objects.filter(project=apollo.other)[0]
    reply = apollo.alice.patch(address, {"default_us_status": strange.pk})
    assert (reply.status_code, list(reply.json())) == (400, ["default_us_status"])
    own = UserStoryStatus.objects.filter(project=apollo.project).order_by("-order")[0]
    assert apollo.alice.patch(address, {"default_us_status": own.pk}).json()["default_us_status"] == own.pk


def test_only_admins_edit_and_delete() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}"
    callers = (apollo.nobody, apollo.carol, apollo.bob)
    assert [caller.patch(address, {"name": ""}).status_code for caller in callers] == [401, 403, 403]
    assert [caller.delete(address).status_code for caller in callers] == [401, 403, 403]
    assert [caller.patch("/projects/999999", {}).status_code for caller in (apollo.bob, apollo.superuser())] == [
        403,
        404,
    ]


def test_blocked_and_archived_projects_are_not_edited() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}"
    apollo.archive()
    assert apollo.alice.patch(address, {"name": "New"}).status_code == 403
    assert apollo.alice.patch(address, {"name": "New", "archived_code": None}).status_code == 403
    assert apollo.alice.patch(address, {"archived_code": None}).json()["archived_code"] is None
    assert apollo.alice.patch(address, {"name": "New", "archived_code": None}).json()["name"] == "New"
    shelved = {"name": "New", "description": "Old", "archived_code": "archived-by-staff"}
    for reply in (apollo.alice.patch(address, shelved), apollo.alice.put(address, shelved)):
        assert reply.status_code == 403
    apollo.block()
    for reply in (apollo.alice.patch(address, {"name": "Newer"}), apollo.alice.delete(address)):
        assert reply.status_code == 451
    assert Project.objects.get(pk=apollo.project.pk).name == "New"
    assert not Change.objects.filter(project=apollo.project, type=ChangeType.DELETE).exists()


def test_a_role_without_permissions_at_all_is_no_trouble() -> None:
    apollo = Apollo()
    Role.objects.filter(project=apollo.project).update(permissions=None)
    shown = apollo.alice.get(f"/projects/{apollo.project.pk}").json()
    assert shown["roles"][0]["permissions"] is None
    assert names(apollo.bob, "") == []
    assert names(apollo.alice, "") == ["Apollo"]


@pytest.mark.parametrize("is_private", [True, False])
def test_an_owner_has_so_many_projects_and_no_more(is_private: bool) -> None:
    alice = person("alice", max_private_projects=1, max_public_projects=1)
    caller = Caller(alice)
    first = project_of(alice, is_private=is_private)
    reply = caller.post("/projects", {**NEW, "is_private": is_private})
    assert reply.status_code == 400
    assert reply.json()["_error_type"] == "taiga.base.exceptions.NotEnoughSlotsForProject"
    assert reply["Taiga-Info-Project-Memberships"] == "1"
    assert reply["Taiga-Info-Project-Is-Private"] == str(is_private)
    other = project_of(alice, "Other", is_private=not is_private)
    flip = caller.patch(f"/projects/{other.pk}", {"is_private": is_private})
    assert (flip.status_code, flip["Taiga-Info-Project-Is-Private"]) == (400, str(is_private))
    assert caller.patch(f"/projects/{first.pk}", {"name": "Fine"}).status_code == 200
    told = caller.get(f"/projects/{first.pk}").json()
    kind = "public" if is_private else "private"
    assert told["is_private_extra_info"] == {"can_be_updated": False, "reason": f"max_{kind}_projects"}
    assert told["is_out_of_owner_limits"] is False


def test_members_come_before_projects_among_the_reasons() -> None:
    apollo = Apollo()
    apollo.alice.user.max_memberships_public_projects = apollo.alice.user.max_public_projects = 0
    apollo.alice.user.max_memberships_private_projects = 1
    apollo.alice.user.save()
    shown = apollo.shown(f"/projects/{apollo.project.pk}")
    assert shown["is_private_extra_info"]["reason"] == "max_public_projects_memberships"
    assert (shown["is_out_of_owner_limits"], shown["max_memberships"]) == (True, 1)
    Project.objects.filter(pk=apollo.project.pk).update(owner=None)
    orphan = apollo.shown(f"/projects/{apollo.project.pk}")
    assert orphan["is_private_extra_info"]["reason"] == "project_without_owner"
    assert apollo.alice.patch(f"/projects/{apollo.project.pk}", {"is_private": False}).status_code == 400
