"""The lists of values of a project: every one answers the same addresses."""

from typing import Any

import pytest

from taiga.projects.api.attribute_lists import ADDRESSES, Address
from taiga.projects.models import Project
from tests.projects.apollo import Apollo, counted

pytestmark = pytest.mark.django_db
EVERY_LIST = pytest.mark.parametrize("at", ADDRESSES, ids=lambda at: at.path)
ORDERED = pytest.mark.parametrize("at", [at for at in ADDRESSES if at.bulk], ids=lambda at: at.path)
REPLACED = pytest.mark.parametrize("at", [at for at in ADDRESSES if at.list.referring_model], ids=lambda at: at.path)


def leave(at: Address, gone: int, to: int) -> str:
    """The address by which a value is deleted."""
    return f"/{at.path}/{gone}?moveTo={to}" if at.list.referring_model else f"/{at.path}/{gone}"


@EVERY_LIST
def test_a_value_is_made_read_changed_and_deleted(at: Address) -> None:
    apollo = Apollo()
    one, other = apollo.made(f"/{at.path}", name="One"), apollo.made(f"/{at.path}", name="Other")
    assert tuple(one) == at.list.columns
    assert apollo.shown(f"/{at.path}/{one['id']}") == one
    reply = apollo.alice.patch(f"/{at.path}/{one['id']}", {"name": "First", "order": 77})
    assert reply.status_code == 200
    assert (reply.json()["name"], reply.json()["order"]) == ("First", 77)
    assert apollo.alice.delete(leave(at, one["id"], other["id"])).status_code == 204
    assert apollo.alice.get(f"/{at.path}/{one['id']}").status_code == 404


@EVERY_LIST
def test_a_list_is_ordered_and_of_one_project_or_of_all_that_the_caller_sees(at: Address) -> None:
    apollo = Apollo()
    assert apollo.carol.post(f"/{at.path}", {"project": apollo.other.pk, "name": "Hers"}).status_code == 201
    apollo.made(f"/{at.path}", name="Last", order=999)
    apollo.made(f"/{at.path}", name="First", order=-1)
    mine = apollo.listed(f"/{at.path}")
    assert (mine[0]["name"], mine[-1]["name"]) == ("First", "Last")
    assert {row["project"] for row in mine} == {apollo.project.pk}
    everything = apollo.bob.get(f"/{at.path}", X_Disable_Pagination="1").json()
    assert everything == mine
    assert apollo.carol.get(f"/{at.path}?project={apollo.project.pk}").json() == []
    assert apollo.nobody.get(f"/{at.path}").json() == []


@EVERY_LIST
def test_a_name_is_there_once_and_other_cases_are_other_names(at: Address) -> None:
    apollo = Apollo()
    first = apollo.made(f"/{at.path}", name="Taken")
    second = apollo.made(f"/{at.path}", name="taken")
    again = apollo.alice.post(f"/{at.path}", {"project": apollo.project.pk, "name": "Taken"})
    renamed = apollo.alice.patch(f"/{at.path}/{second['id']}", {"name": "Taken"})
    assert (again.status_code, renamed.status_code) == (400, 400)
    assert "name" in again.json()
    assert list(renamed.json()) == ["name"]
    itself = apollo.alice.patch(f"/{at.path}/{first['id']}", {"name": "Taken"})
    assert itself.status_code == 200


@EVERY_LIST
def test_only_admins_write_and_others_are_told_apart(at: Address) -> None:
    apollo = Apollo()
    one, other = apollo.made(f"/{at.path}", name="One"), apollo.made(f"/{at.path}", name="Other")
    body = {"project": apollo.project.pk, "name": "Fresh"}
    for caller, status in ((apollo.bob, 403), (apollo.carol, 403), (apollo.nobody, 401)):
        assert caller.post(f"/{at.path}", body).status_code == status
        assert caller.patch(f"/{at.path}/{one['id']}", {"name": "Fresh"}).status_code == status
        assert caller.delete(leave(at, one["id"], other["id"])).status_code == status
        assert caller.patch(f"/{at.path}/999999999", {"name": "Fresh"}).status_code == status
    assert apollo.bob.get(f"/{at.path}/{one['id']}").status_code == 200
    assert apollo.carol.get(f"/{at.path}/{one['id']}").status_code == 403
    assert apollo.nobody.get(f"/{at.path}/{one['id']}").status_code == 401
    assert apollo.superuser().patch(f"/{at.path}/999999999", {"name": "Fresh"}).status_code == 404


@EVERY_LIST
def test_a_value_cannot_be_moved_into_another_project(at: Address) -> None:
    apollo = Apollo()
    one = apollo.made(f"/{at.path}", name="One")
    reply = apollo.alice.patch(f"/{at.path}/{one['id']}", {"project": apollo.other.pk})
    assert reply.status_code == 400
    assert "project" in reply.json()
    assert apollo.shown(f"/{at.path}/{one['id']}") == one


@EVERY_LIST
def test_blocked_and_archived_projects_keep_their_values(at: Address) -> None:
    apollo = Apollo()
    one, other = apollo.made(f"/{at.path}", name="One"), apollo.made(f"/{at.path}", name="Other")
    for close, status in ((apollo.archive, 403), (apollo.block, 451)):
        Project.objects.filter(pk=apollo.project.pk).update(blocked_code=None, archived_code=None)
        close()
        body = {"project": apollo.project.pk, "name": "Fresh"}
        assert apollo.alice.post(f"/{at.path}", body).status_code == status
        assert apollo.alice.patch(f"/{at.path}/{one['id']}", {"name": "Fresh"}).status_code == status
        assert apollo.alice.delete(leave(at, one["id"], other["id"])).status_code == status
    assert apollo.shown(f"/{at.path}/{one['id']}") == one


@ORDERED
def test_places_are_stored_as_sent_and_only_in_the_project(at: Address) -> None:
    apollo = Apollo()
    one, other = apollo.made(f"/{at.path}", name="One"), apollo.made(f"/{at.path}", name="Other")
    hers = apollo.carol.post(f"/{at.path}", {"project": apollo.other.pk, "name": "Hers", "order": 5}).json()
    pairs = [[one["id"], 501], [str(other["id"]), "500"], [hers["id"], 1], [999999999, 1]]
    body = {"project": apollo.project.pk, at.bulk: pairs}
    assert apollo.alice.post(f"/{at.path}/bulk_update_order", body).status_code == 204
    assert [row["name"] for row in apollo.listed(f"/{at.path}")][-2:] == ["Other", "One"]
    assert apollo.carol.get(f"/{at.path}/{hers['id']}").json()["order"] == 5


@ORDERED
@pytest.mark.parametrize(
    "pairs", ["12", 7, [1, 2], [[1]], [[1, 2, 3]], [["a", 1]], [[1, None]], [[1, 2**70]], {"a": 1}]
)
def test_places_that_are_no_pairs_are_refused(at: Address, pairs: object) -> None:
    apollo = Apollo()
    before = apollo.listed(f"/{at.path}")
    body = {"project": apollo.project.pk, at.bulk: pairs}
    assert apollo.alice.post(f"/{at.path}/bulk_update_order", body).status_code == 400
    assert apollo.listed(f"/{at.path}") == before


@REPLACED
def test_a_value_is_replaced_by_another_one_of_its_project_alone(at: Address) -> None:
    apollo = Apollo()
    one = apollo.made(f"/{at.path}", name="One")["id"]
    hers = apollo.carol.post(f"/{at.path}", {"project": apollo.other.pk, "name": "Hers"}).json()["id"]
    root = apollo.superuser()
    assert apollo.nobody.delete(f"/{at.path}/{one}").status_code == 400
    assert apollo.nobody.delete(f"/{at.path}/{one}?moveTo=999999999").status_code == 404
    assert apollo.nobody.delete(f"/{at.path}/{one}?moveTo=word").status_code == 404
    assert apollo.alice.delete(f"/{at.path}/{one}?moveTo={hers}").status_code == 403
    assert root.delete(f"/{at.path}/{one}?moveTo={hers}").status_code == 400
    assert apollo.alice.delete(f"/{at.path}/{one}?moveTo={one}").status_code == 400
    assert root.delete(f"/{at.path}/999999999?moveTo={one}").status_code == 404
    assert apollo.shown(f"/{at.path}/{one}")["name"] == "One"


@REPLACED
def test_the_default_of_the_project_is_replaced_too(at: Address) -> None:
    apollo = Apollo()
    default = getattr(apollo.project, f"{at.list.default}_id")
    other = next(row["id"] for row in apollo.listed(f"/{at.path}") if row["id"] != default)
    assert apollo.alice.delete(f"/{at.path}/{default}?moveTo={other}").status_code == 204
    apollo.project.refresh_from_db()
    assert getattr(apollo.project, f"{at.list.default}_id") == other


@EVERY_LIST
def test_a_list_of_any_length_costs_the_same(at: Address) -> None:
    apollo = Apollo()
    apollo.made(f"/{at.path}", name="One")
    apollo.listed(f"/{at.path}")
    with counted() as few:
        apollo.listed(f"/{at.path}")
    for number in range(20):
        apollo.made(f"/{at.path}", name=f"Value {number}")
    with counted() as many:
        assert len(apollo.listed(f"/{at.path}")) > 20
    assert few == many == [3]


def test_slugs_of_statuses_follow_their_names() -> None:
    apollo = Apollo()
    status = apollo.made("/issue-statuses", name="Zeta Próject ñ!", slug="mine")
    assert status["slug"] == "zeta-project-n"
    assert apollo.made("/issue-statuses", name="zeta project N")["slug"] == "zeta-project-n-1"
    assert apollo.made("/issue-statuses", name="!!!")["slug"] == "null"
    renamed = apollo.alice.patch(f"/issue-statuses/{status['id']}", {"name": "ZETA PROJECT N"}).json()
    assert renamed["slug"] == "zeta-project-n"
    renamed = apollo.alice.patch(f"/issue-statuses/{status['id']}", {"name": "Omega"}).json()
    assert renamed["slug"] == "omega"


def test_a_put_resets_what_has_a_default_and_keeps_the_rest() -> None:
    apollo = Apollo()
    full = {"order": 4, "color": "#abcdef", "is_closed": True, "is_archived": True, "wip_limit": 7}
    status = apollo.made("/userstory-statuses", name="Full", **full)
    reply = apollo.alice.put(f"/userstory-statuses/{status['id']}", {"project": apollo.project.pk, "name": "Put"})
    assert reply.json() == {
        **status,
        "name": "Put",
        "slug": "put",
        "order": 10,
        "color": "#999999",
        "is_closed": False,
        "is_archived": False,
    }
    assert apollo.alice.put(f"/userstory-statuses/{status['id']}", {"name": "Put"}).status_code == 400


@pytest.mark.parametrize(
    "field",
    [
        *({"name": ""}, {"name": None}, {"name": "n" * 256}, {"color": ""}, {"color": "c" * 21}, {"order": "first"}),
        *({"order": None}, {"order": 2**31}, {"wip_limit": "many"}, {"project": 999999999}, {"project": None}),
        *({"order": True}, {"wip_limit": False}, {"project": True}),
    ],
    ids=str,
)
def test_a_wrong_field_is_named_and_nothing_is_made(field: dict[str, Any]) -> None:
    apollo = Apollo()
    before = apollo.listed("/userstory-statuses")
    reply = apollo.alice.post("/userstory-statuses", {"project": apollo.project.pk, "name": "X", **field})
    assert reply.status_code == 400
    assert list(reply.json()) == list(field)
    assert apollo.listed("/userstory-statuses") == before


def test_names_of_defaults_are_told_in_the_callers_language_and_stored_in_english() -> None:
    apollo = Apollo()
    status = apollo.named("/userstory-statuses", "In progress")
    own = apollo.made("/userstory-statuses", name="Auf der Werft")
    spanish = apollo.alice.get(f"/userstory-statuses/{status}", Accept_Language="es").json()["name"]
    listed = {row["id"]: row["name"] for row in apollo.listed("/userstory-statuses", Accept_Language="es")}
    assert listed[status] == spanish
    assert listed[own["id"]] == "Auf der Werft"
    assert apollo.shown(f"/userstory-statuses/{status}")["name"] == "In progress"


def test_a_project_that_is_no_number_is_refused_and_a_negative_one_has_nothing() -> None:
    apollo = Apollo()
    for text in ("abc", "null", "", "-", "--1", "1.5"):
        assert apollo.alice.get(f"/priorities?project={text}").status_code == 400, text
    for path in ("priorities", "milestones", "userstories", "wiki", "roles", "webhooks", "epics/attachments"):
        reply = apollo.alice.get(f"/{path}?project=-1")
        assert (reply.status_code, reply.json()) == (200, []), path
    assert apollo.alice.get("/users?project=-1").status_code == 404
    assert apollo.nobody.get("/memberships?project=-1").status_code == 401


@pytest.mark.parametrize("value", [10**400, "1e400", "NaN", "much", [1], {}], ids=lambda value: str(value)[:6])
def test_points_that_are_no_finite_number_are_refused(value: object) -> None:
    apollo = Apollo()
    made = apollo.made("/points", name="Many", value=13)
    for reply in (
        apollo.alice.post("/points", {"project": apollo.project.pk, "name": "More", "value": value}),
        apollo.alice.patch(f"/points/{made['id']}", {"value": value}),
    ):
        assert (reply.status_code, list(reply.json())) == (400, ["value"])
        assert "must be a float" in reply.json()["value"][0]
    assert apollo.shown(f"/points/{made['id']}")["value"] == 13
