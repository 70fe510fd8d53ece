"""Lanes of the kanban board, and the limits of their cells."""

import pytest

from taiga.projects.models import Project, UserStory
from tests.projects.apollo import Apollo, counted, heard

pytestmark = pytest.mark.django_db


def lanes_of(apollo: Apollo) -> list[tuple[str, int | None]]:
    """The stories as they stand on the board, each with its lane."""
    return [(story.subject, story.swimlane_id) for story in apollo.stories()]


def default_of(apollo: Apollo) -> int | None:
    return Project.objects.values_list("default_swimlane", flat=True).get(pk=apollo.project.pk)


def limits_of(apollo: Apollo, lane: int) -> dict[str, int | None]:
    return {row["name"]: row["wip_limit"] for row in apollo.shown(f"/swimlanes/{lane}")["statuses"]}


def test_the_first_lane_takes_all_stories_and_is_the_default() -> None:
    apollo = Apollo()
    old = apollo.story("old")["id"]
    apollo.carol.post("/userstories", {"project": apollo.other.pk, "subject": "hers"})
    with heard() as told:
        lane = apollo.lane("Alpha")["id"]
    assert lanes_of(apollo) == [("old", lane)]
    assert default_of(apollo) == lane
    assert ("userstories", "change", "userstories.userstory", [old]) in told
    assert ("projects", "create", "projects.swimlane", lane) in told
    assert UserStory.objects.get(subject="hers").swimlane_id is None


def test_later_lanes_take_no_stories_and_new_stories_are_in_none() -> None:
    apollo = Apollo()
    first = apollo.lane("Alpha")["id"]
    apollo.story("new")
    apollo.lane("Beta")
    assert lanes_of(apollo) == [("new", None)]
    assert default_of(apollo) == first


def test_a_lane_shows_the_statuses_with_limits_of_its_own() -> None:
    apollo = Apollo()
    ready = apollo.named("/userstory-statuses", "Ready")
    apollo.alice.patch(f"/userstory-statuses/{ready}", {"wip_limit": 4})
    first, second = apollo.lane("Alpha"), apollo.lane("Beta")
    assert tuple(first) == ("id", "name", "order", "project", "statuses")
    assert limits_of(apollo, first["id"])["Ready"] == 4
    assert set(limits_of(apollo, second["id"]).values()) == {None}
    row = next(row for row in first["statuses"] if row["name"] == "Ready")
    limit = row.pop("swimlane_userstory_status_id")
    status = {**apollo.shown(f"/userstory-statuses/{ready}"), "wip_limit": 4}
    del status["project"]
    assert row == status
    assert apollo.shown(f"/swimlane-userstory-statuses/{limit}") == {
        "id": limit,
        "status": ready,
        "swimlane": first["id"],
        "wip_limit": 4,
    }


def test_a_new_status_brings_its_limit_where_there_is_but_one_lane() -> None:
    apollo = Apollo()
    first = apollo.lane("Alpha")["id"]
    apollo.made("/userstory-statuses", name="Extra", wip_limit=6)
    second = apollo.lane("Beta")["id"]
    apollo.made("/userstory-statuses", name="Another", wip_limit=7)
    assert {name: limits_of(apollo, first)[name] for name in ("Extra", "Another")} == {"Extra": 6, "Another": None}
    assert limits_of(apollo, second)["Another"] is None


def test_lanes_are_renamed_and_ordered_only_in_bulk() -> None:
    apollo = Apollo()
    one, two = apollo.lane("Alpha"), apollo.lane("Beta")
    renamed = apollo.alice.patch(f"/swimlanes/{one['id']}", {"name": "Omega", "order": 1}).json()
    assert renamed == {**one, "name": "Omega"}
    assert apollo.alice.patch(f"/swimlanes/{one['id']}", {"name": "Beta"}).status_code == 400
    assert apollo.alice.patch(f"/swimlanes/{one['id']}", {"project": apollo.other.pk}).status_code == 400
    body = {"project": apollo.project.pk, "bulk_swimlanes": [[two["id"], 1], [one["id"], 2]]}
    with heard() as told:
        assert apollo.alice.post("/swimlanes/bulk_update_order", body).status_code == 204
    assert [row["name"] for row in apollo.listed("/swimlanes")] == ["Beta", "Omega"]
    assert told == [("projects", "change", "projects.swimlane", sorted([one["id"], two["id"]]))]


def test_lanes_of_other_projects_keep_their_places() -> None:
    apollo = Apollo()
    hers = apollo.carol.post("/swimlanes", {"project": apollo.other.pk, "name": "Hers"}).json()
    body = {"project": apollo.project.pk, "bulk_swimlanes": [[hers["id"], 1]]}
    assert apollo.alice.post("/swimlanes/bulk_update_order", body).status_code == 204
    assert apollo.carol.get(f"/swimlanes/{hers['id']}").json() == hers


def test_a_lane_does_not_go_while_its_stories_have_no_place() -> None:
    apollo = Apollo()
    first, second = apollo.lane("Alpha")["id"], apollo.lane("Beta")["id"]
    hers = apollo.carol.post("/swimlanes", {"project": apollo.other.pk, "name": "Hers"}).json()["id"]
    root = apollo.superuser()
    story = apollo.story("b", swimlane=second)["id"]
    for caller, address, status in (
        (apollo.alice, f"/swimlanes/{second}", 400),
        (apollo.alice, f"/swimlanes/{second}?moveTo={second}", 400),
        (root, f"/swimlanes/{second}?moveTo={hers}", 400),
        (apollo.alice, f"/swimlanes/{second}?moveTo={hers}", 403),
        (apollo.alice, f"/swimlanes/{second}?moveTo=999999999", 404),
        (apollo.alice, f"/swimlanes/{first}?moveTo={second}", 400),
        (apollo.alice, "/swimlanes/999999999", 403),
        (root, "/swimlanes/999999999", 404),
        (apollo.bob, f"/swimlanes/{second}?moveTo={first}", 403),
        (apollo.nobody, f"/swimlanes/{second}?moveTo={first}", 401),
    ):
        assert caller.delete(address).status_code == status, address
    assert UserStory.objects.get(pk=story).swimlane_id == second


def test_stories_of_a_lane_that_goes_stand_behind_those_of_the_other() -> None:
    apollo = Apollo()
    one, two, three = (apollo.lane(name)["id"] for name in ("One", "Two", "Three"))
    for subject, lane in (("3a", three), ("none", None), ("2a", two), ("1a", one), ("2b", two), ("3b", three)):
        apollo.story(subject, swimlane=lane)
    with heard() as told:
        assert apollo.alice.delete(f"/swimlanes/{two}?moveTo={three}").status_code == 204
    assert lanes_of(apollo) == [
        ("none", None),
        ("1a", one),
        ("3a", three),
        ("3b", three),
        ("2a", three),
        ("2b", three),
    ]
    assert [story.kanban_order for story in apollo.stories()] == [0, 1, 2, 3, 4, 5]
    assert ("projects", "delete", "projects.swimlane", two) in told
    assert sum(matches == "projects.swimlaneuserstorystatus" for _subject, _verb, matches, _pk in told) == 6
    moved = next(pks for subject, _verb, _matches, pks in told if subject == "userstories")
    assert len(moved) == 6


def test_stories_of_a_lane_that_goes_stand_before_the_lanes_behind_the_other_one() -> None:
    apollo = Apollo()
    one, two, three = (apollo.lane(name)["id"] for name in ("One", "Two", "Three"))
    apollo.alice.post("/swimlanes/bulk_update_order", {"project": apollo.project.pk, "bulk_swimlanes": [[one, 2**40]]})
    for subject, lane in (("1a", one), ("2a", two), ("3a", three)):
        apollo.story(subject, swimlane=lane)
    assert apollo.alice.delete(f"/swimlanes/{three}?moveTo={two}").status_code == 204
    assert lanes_of(apollo) == [("1a", one), ("2a", two), ("3a", two)]


def test_after_the_last_lane_stories_are_in_none_and_a_new_first_one_takes_them_again() -> None:
    apollo = Apollo()
    lane = apollo.lane("Alpha")["id"]
    story = apollo.story("a", swimlane=lane)["id"]
    with heard() as told:
        assert apollo.alice.delete(f"/swimlanes/{lane}").status_code == 204
    assert ("userstories", "change", "userstories.userstory", [story]) in told
    assert lanes_of(apollo) == [("a", None)]
    assert default_of(apollo) is None
    again = apollo.lane("Beta")["id"]
    assert lanes_of(apollo) == [("a", again)]
    assert default_of(apollo) == again


def test_only_the_limit_of_a_cell_is_written() -> None:
    apollo = Apollo()
    lane = apollo.lane("Alpha")
    row = lane["statuses"][0]["swimlane_userstory_status_id"]
    address = f"/swimlane-userstory-statuses/{row}"
    with heard() as told:
        reply = apollo.alice.patch(address, {"wip_limit": 3, "status": 1, "swimlane": 1})
    assert reply.json() == {"id": row, "status": lane["statuses"][0]["id"], "swimlane": lane["id"], "wip_limit": 3}
    assert told == [("projects", "change", "projects.swimlaneuserstorystatus", row)]
    assert apollo.alice.put(address, {}).json()["wip_limit"] == 3
    assert apollo.alice.patch(address, {"wip_limit": "many"}).status_code == 400
    assert apollo.alice.patch(address, {"wip_limit": None}).json()["wip_limit"] is None
    assert apollo.alice.post("/swimlane-userstory-statuses", {}).status_code == 405
    assert apollo.alice.delete(address).status_code == 405
    assert apollo.bob.patch(address, {"wip_limit": 1}).status_code == 403
    assert apollo.nobody.get(address).status_code == 401


def test_limits_are_listed_for_all_projects_and_for_one() -> None:
    apollo = Apollo()
    apollo.lane("Alpha")
    apollo.carol.post("/swimlanes", {"project": apollo.other.pk, "name": "Hers"})
    mine = apollo.listed("/swimlane-userstory-statuses")
    assert len(mine) == 6
    assert apollo.bob.get("/swimlane-userstory-statuses").json() == mine
    assert apollo.nobody.get("/swimlane-userstory-statuses").json() == []
    assert len(apollo.superuser().get("/swimlane-userstory-statuses").json()) == 12


@pytest.mark.parametrize(("close", "status"), [("archive", 403), ("block", 451)])
def test_closed_projects_keep_their_lanes(close: str, status: int) -> None:
    apollo = Apollo()
    lane = apollo.lane("Alpha")
    row = lane["statuses"][0]["swimlane_userstory_status_id"]
    getattr(apollo, close)()
    body = {"project": apollo.project.pk, "name": "X"}
    assert apollo.alice.post("/swimlanes", body).status_code == status
    assert apollo.alice.patch(f"/swimlanes/{lane['id']}", {"name": "X"}).status_code == status
    assert apollo.alice.delete(f"/swimlanes/{lane['id']}").status_code == status
    assert apollo.alice.patch(f"/swimlane-userstory-statuses/{row}", {"wip_limit": 1}).status_code == status
    assert apollo.listed("/swimlanes") == [lane]


def test_a_lane_that_has_to_stay_is_refused_before_a_closed_project() -> None:
    apollo = Apollo()
    default, other = apollo.lane("Alpha"), apollo.lane("Beta")
    apollo.block()
    assert apollo.alice.delete(f"/swimlanes/{other['id']}").status_code == 400
    assert apollo.alice.delete(f"/swimlanes/{default['id']}?moveTo={other['id']}").status_code == 400
    assert apollo.alice.delete(f"/swimlanes/{other['id']}?moveTo={default['id']}").status_code == 451


def test_a_list_of_lanes_costs_the_same_however_many_there_are() -> None:
    apollo = Apollo()
    apollo.lane("Alpha")
    apollo.listed("/swimlanes")
    with counted() as few:
        apollo.listed("/swimlanes")
    for number in range(12):
        apollo.lane(f"Lane {number}")
    with counted() as many:
        assert len(apollo.listed("/swimlanes")) == 13
    assert few == many == [4]
