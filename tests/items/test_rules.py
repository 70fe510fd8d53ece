"""What Taiga's clients rely on when they work with items."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from taiga.projects.models import Milestone, Project, Swimlane, UserStory
from tests.items.conftest import KINDS, World
from tests.world import project_of

ANYBODY = ["view_project", "view_epics", "view_us", "view_tasks", "view_issues", "view_milestones"]


def sprint(world: World, **more: Any) -> Milestone:
    dates = {"estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
    return Milestone.objects.create(**{"project": world.project, "name": "One", "slug": "one", **dates, **more})


@pytest.mark.parametrize("kind", KINDS)
def test_only_members_see_and_change_items_of_a_private_project(world: World, kind: str) -> None:
    path = f"/{kind}/{world.make(kind)['id']}"
    seen = [caller.get(path).status_code for caller in (world.bob, world.carol, world.nobody)]
    body = {"version": 1, "subject": "theirs"}
    changed = [caller.patch(path, body).status_code for caller in (world.carol, world.nobody, world.bob)]
    assert (seen, changed) == ([200, 403, 401], [403, 401, 200])
    assert world.carol.get(f"/{kind}?project={world.project.pk}").json() == []


LISTS = (
    *(f"/{kind}?project={{}}" for kind in KINDS),
    "/userstories?project={}&milestone=null",
    "/milestones?project={}",
)


def open_to_all(world: World) -> None:
    rights = {"anon_permissions": ANYBODY, "public_permissions": ANYBODY}
    Project.objects.filter(pk=world.project.pk).update(is_private=False, **rights)


def infos(reply: Any) -> dict[str, str]:
    """What the headers tell of a project."""
    return {name: text for name, text in reply.headers.items() if name.lower().startswith("taiga-info")}


@pytest.mark.parametrize("kind", KINDS)
def test_facets_tell_strangers_nothing_of_a_private_project(world: World, kind: str) -> None:
    world.make(kind, tags=["secret"], assigned_to=world.bob.user.pk)
    facets = f"/{kind}/filters_data?project={world.project.pk}"
    replies = [one.get(facets) for one in (world.alice, world.bob, world.carol, world.nobody)]
    assert [reply.status_code for reply in replies] == [200, 200, 404, 401]
    for reply in replies[2:]:
        assert not [word for word in (b"secret", b"Bob", b"New", b"Back") if word in reply.content]
    Project.objects.filter(pk=world.project.pk).update(
        is_private=False, anon_permissions=ANYBODY, public_permissions=ANYBODY
    )
    assert [one.get(facets).status_code for one in (world.alice, world.bob, world.carol, world.nobody)] == [200] * 4


@pytest.mark.parametrize("path", LISTS)
def test_headers_tell_of_a_project_only_to_those_who_may_view_it(world: World, path: str) -> None:
    world.make()
    sprint(world)
    address, of_none = path.format(world.project.pk), path.format(999_999_999)
    members = [infos(one.get(address)) for one in (world.alice, world.bob)]
    assert members[0] == members[1]
    for other in (world.carol, world.nobody):
        assert infos(other.get(address)) == infos(world.alice.get(of_none))
    assert bool(members[0]) == path.startswith(("/userstories", "/milestones"))
    assert not members[0] or members[0] != infos(world.carol.get(address))
    Project.objects.filter(pk=world.project.pk).update(
        is_private=False, anon_permissions=ANYBODY, public_permissions=ANYBODY
    )
    assert [infos(one.get(address)) for one in (world.carol, world.nobody)] == members


CLOSED = [({"blocked_code": "blocked-by-staff"}, 451), ({"archived_code": "archived-by-staff"}, 403)]


@pytest.mark.parametrize(("code", "status"), CLOSED)
def test_a_closed_project_still_tells_what_is_there_already(world: World, code: dict[str, str], status: int) -> None:
    key, alice = world.project.pk, world.alice
    home, other = (alice.post("/wiki", {"project": key, "slug": slug, "content": ""}).json() for slug in ("home", "b"))
    epic, story, next_story = world.make("epics")["id"], world.make()["id"], world.make()["id"]
    stories = f"/epics/{epic}/related_userstories"
    assert alice.post(stories, {"epic": epic, "user_story": story}).status_code == 201
    Project.objects.filter(pk=key).update(**code)
    for reply in (
        alice.post("/wiki", {"project": key, "slug": "home", "content": ""}),
        alice.patch(f"/wiki/{other['id']}", {"version": 1, "slug": home["slug"]}),
        alice.post(stories, {"epic": epic, "user_story": story}),
    ):
        assert (reply.status_code, reply.json().keys()) == (400, {"__all__"})
    for reply in (
        alice.post("/wiki", {"project": key, "slug": "c", "content": ""}),
        alice.patch(f"/wiki/{other['id']}", {"version": 1, "slug": "c"}),
        alice.post(stories, {"epic": epic, "user_story": next_story}),
    ):
        assert reply.status_code == status


@pytest.mark.parametrize("milestone", [True, False])
def test_a_project_that_is_not_there_has_no_story_without_a_lane(world: World, milestone: bool) -> None:
    told = infos(world.alice.get("/userstories?project=999999999" + "&milestone=null" * milestone))
    backlog = {"Taiga-Info-Backlog-Total-Userstories": "0"} if milestone else {}
    assert told == {"Taiga-Info-Userstories-Without-Swimlane": "false", **backlog}


def test_a_story_is_closed_by_its_tasks_if_it_has_any(world: World) -> None:
    story = world.make(status=world.status("done"))
    assert story["is_closed"]
    task = world.make("tasks", user_story=story["id"])
    path = f"/userstories/{story['id']}"
    assert not world.alice.get(path).json()["is_closed"]
    closed = world.project.status_list.get(kind="task", slug="closed").pk
    world.alice.patch(f"/tasks/{task['id']}", {"version": 1, "status": closed})
    assert world.alice.get(path).json()["finish_date"] is not None
    assert world.alice.delete(f"/tasks/{task['id']}").status_code == 204
    assert world.alice.get(path).json()["is_closed"]


def test_a_sprint_closes_with_its_last_open_item_and_opens_with_the_next(world: World) -> None:
    one = sprint(world)
    story = world.make(milestone=one.pk)
    assert not Milestone.objects.get(pk=one.pk).closed
    world.alice.patch(f"/userstories/{story['id']}", {"version": 1, "status": world.status("done")})
    assert Milestone.objects.get(pk=one.pk).closed
    world.make("issues", milestone=one.pk)
    assert not Milestone.objects.get(pk=one.pk).closed


def test_a_sprint_closes_when_its_last_open_story_leaves_and_opens_when_it_comes_back(world: World) -> None:
    one = sprint(world)
    world.make(milestone=one.pk, status=world.status("done"))
    path = f"/userstories/{world.make(milestone=one.pk)['id']}"
    states = []
    for version, milestone in enumerate((one.pk, None, one.pk), start=1):
        assert world.alice.patch(path, {"version": version, "milestone": milestone}).status_code == 200
        states.append(Milestone.objects.get(pk=one.pk).closed)
    assert states == [False, True, False]


def test_a_change_of_status_leaves_the_swimlane_alone(world: World) -> None:
    lane = Swimlane.objects.create(project=world.project, name="Fast")
    story = world.make(swimlane=lane.pk)
    path = f"/userstories/{story['id']}"
    body = {"version": 1, "status": world.status("ready")}
    assert world.alice.patch(path, body).json()["swimlane"] == lane.pk
    put = {"version": 2, "project": world.project.pk, "subject": "x"}
    assert world.alice.put(path, put).json()["swimlane"] is None


@pytest.mark.parametrize("field", ["status", "milestone", "swimlane"])
def test_nothing_of_another_project_is_taken(world: World, field: str) -> None:
    other = project_of(world.alice.user, "Other")
    foreign = {
        "status": other.status_list.get(kind="userstory", slug="new").pk,
        "milestone": sprint(world, project=other, name="Far", slug="far").pk,
        "swimlane": Swimlane.objects.create(project=other, name="Far").pk,
    }
    story = world.make()
    reply = world.alice.patch(f"/userstories/{story['id']}", {"version": 1, field: foreign[field]})
    assert reply.status_code == 403
    assert world.alice.get(f"/userstories/{story['id']}").json()["version"] == 1


def test_a_story_keeps_its_place_beside_those_that_step_back(world: World) -> None:
    ids = [world.make(backlog_order=number)["id"] for number in range(1, 6)]
    reply = world.alice.patch(f"/userstories/{ids[3]}", {"version": 1, "backlog_order": 2})
    assert reply.headers["Taiga-Info-Order-Updated"] == f'{{"{ids[1]}": 3, "{ids[2]}": 4, "{ids[4]}": 6}}'
    listed = world.alice.get(f"/userstories?project={world.project.pk}").json()
    assert [one["id"] for one in listed] == [ids[0], ids[3], ids[1], ids[2], ids[4]]


def test_stories_are_put_behind_one_of_their_column(world: World) -> None:
    ids = [world.make()["id"] for _number in range(4)]
    body = {"project_id": world.project.pk, "status_id": world.status("ready"), "bulk_userstories": [ids[0]]}
    world.alice.post("/userstories/bulk_update_kanban_order", body)
    body |= {"bulk_userstories": ids[2:], "after_userstory_id": ids[0]}
    moved = world.alice.post("/userstories/bulk_update_kanban_order", body).json()
    assert [(one["id"], one["kanban_order"]) for one in moved] == [(ids[2], 2), (ids[3], 3)]
    both = body | {"before_userstory_id": ids[0]}
    refused = world.alice.post("/userstories/bulk_update_kanban_order", both)
    assert (refused.status_code, list(refused.json())) == (400, ["before_userstory_id"])


def test_the_former_body_of_the_backlog_is_told_what_is_missing(world: World) -> None:
    story = world.make()["id"]
    body = {"project_id": world.project.pk, "bulk_stories": [{"us_id": story, "order": 1}]}
    reply = world.alice.post("/userstories/bulk_update_backlog_order", body)
    assert (reply.status_code, list(reply.json())) == (400, ["bulk_userstories"])


EPICS = ["epic=null", "exclude_epic=null", "epic=", "exclude_epic=", "epic={0}", "exclude_epic={0}", "epic={0},{1}"]
EPICS += ["exclude_epic={0},{1}", "epic={0},null", "exclude_epic={0},null", "epic=null,{1}"]


def in_epics(query: str, first: int, second: int, stories: dict[str, int]) -> set[int]:
    """The stories that a filter for epics is meant to find."""
    name, _equals, value = query.format(first, second).partition("=")
    named = {"null": {stories["loose"]}, str(first): {stories["one"], stories["both"]}}
    named[str(second)] = {stories["both"], stories["two"]}
    chosen = {story for word in value.split(",") if word for story in named[word]}
    everything = {*stories.values()}
    if not value:
        return everything
    return chosen if name == "epic" else everything - chosen


@pytest.mark.parametrize("query", EPICS)
@pytest.mark.parametrize("has_epics", [True, False])
def test_a_filter_for_epics_finds_what_it_says_and_leaves_the_facets_whole(
    world: World, query: str, has_epics: bool
) -> None:
    stories = {name: world.make(subject=name, tags=["red"])["id"] for name in ("loose", "one", "two", "both")}
    first, second = (world.make("epics")["id"] for _number in range(2)) if has_epics else (998, 999)
    links = {"one": [first], "two": [second], "both": [first, second]} if has_epics else {}
    for name, epics in links.items():
        for epic in epics:
            body = {"epic": epic, "user_story": stories[name]}
            assert world.alice.post(f"/epics/{epic}/related_userstories", body).status_code == 201
    expected = in_epics(query, first, second, stories)
    if not has_epics:
        value = query.partition("=")[2].split(",")
        is_all = query.startswith("exclude") != ("null" in value) or not query.partition("=")[2]
        expected = {*stories.values()} if is_all else set()
    asked = query.format(first, second)
    path = f"/userstories?project={world.project.pk}&{asked}"
    assert {one["id"] for one in world.alice.get(path).json()} == expected
    assert {one["id"] for one in world.alice.get(f"{path}&only_ref=1").json()} == expected
    for story in stories.values():
        assert world.alice.get(f"/userstories/{story}?{asked}").status_code == 200
    facets = world.alice.get(f"/userstories/filters_data?project={world.project.pk}&{asked}").json()
    counts = {one["id"]: one["count"] for one in facets["epics"]}
    assert counts == ({None: 1, first: 2, second: 2} if has_epics else {None: 4})
    assert [facets["tags"][0]["count"], *(one["count"] for one in facets["statuses"])][:2] == [len(expected)] * 2


@pytest.mark.parametrize("order", ["", "&order_by=backlog_order"])
def test_a_story_without_status_stands_beside_none_of_the_list_without_it(world: World, order: str) -> None:
    stories = [world.make()["id"] for _number in range(3)]
    UserStory.objects.filter(pk=stories[1]).update(status=None)
    query = f"project={world.project.pk}{order}"
    assert [row["id"] for row in world.bob.get(f"/userstories?{query}").json()] == [stories[0], stories[2]]
    around = [world.bob.get(f"/userstories/{story}?{query}").json()["neighbors"] for story in stories]
    beside = [[side and side["id"] for side in one.values()] for one in around]
    assert beside == [[None, stories[2]], [None, None], [stories[0], None]]
    alone = world.bob.get(f"/userstories/{stories[0]}").json()["neighbors"]
    assert alone["next"]["id"] == stories[1]


HOSTILE = ["\u202eright to left", "<script>alert(1)</script>", "x" * 1_000_000, "' OR 1=1 --", "\U0001f600", "  "]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_kept_as_they_are(world: World, kind: str, text: str) -> None:
    assert world.make(kind, subject=text)["subject"] == text


@pytest.mark.parametrize(
    "raw",
    [
        b'{"project": 1, "subject": "a\\u0000b"}',
        b'{"project": 1, "subject": "\\ud800"}',
        b'{"project": NaN}',
        b"[" * 100_000,
        b'{"project": 99999999999999999999999, "subject": "x"}',
        b"[]",
        b'"text"',
        b"\xff\xfe",
    ],
)
def test_hostile_bodies_are_refused(world: World, raw: bytes) -> None:
    for kind in KINDS:
        reply = Client().post(f"/api/v1/{kind}", raw, "application/json", headers=world.alice.headers)
        assert reply.status_code == 400, reply.content


@pytest.mark.parametrize("field", ["tags", "watchers", "assigned_users", "points", "external_reference", "comment"])
@pytest.mark.parametrize("value", [7, "text", [[]], {"a": "b"}, [{"a": 1}], True])
def test_values_of_the_wrong_shape_are_refused_and_change_nothing(world: World, field: str, value: Any) -> None:
    story = world.make()
    path = f"/userstories/{story['id']}"
    reply = world.alice.patch(path, {"version": 1, field: value})
    taken = (field, value) == ("comment", "text")
    assert reply.status_code == (200 if taken else 400), reply.content
    assert world.alice.get(path).json()["version"] == (2 if taken else 1)


def wrong(reply: Any) -> set[str]:
    """The fields that a refusal names."""
    assert reply.status_code == 400, reply.content
    return set(reply.json())


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_wrong_with_an_item_is_told_before_anything_else(world: World, kind: str) -> None:
    carol, item = world.carol.user.pk, world.make(kind)["id"]
    story = {"assigned_users": [999_999]} if kind == "userstories" else {}
    sent = {"project": world.project.pk, "tags": [["a", "red"]], "assigned_to": carol, "watchers": [carol], **story}
    for caller in (world.carol, world.nobody):
        assert wrong(caller.post(f"/{kind}", sent)) == {"subject", "tags"}
        assert wrong(caller.post(f"/{kind}", {**sent, "subject": "x"})) == {"tags"}
    people = {"assigned_to", *story}
    assert wrong(world.bob.post(f"/{kind}", sent)) == {"subject", "tags", *people}
    path = f"/{kind}/{item}"
    assert wrong(world.bob.patch(path, {**sent, "subject": ""})) == {"subject", "tags", "watchers", *people}
    Project.objects.filter(pk=world.project.pk).update(archived_code="archived-by-staff")
    known = {**sent, "subject": "x", "tags": []}
    assert wrong(world.bob.post(f"/{kind}", known)) == people
    assert wrong(world.bob.patch(path, known)) == {"watchers", *people}
    assert wrong(world.bob.patch(path, {"subject": "x"})) == {"version"}
    assert world.bob.patch(path, {"subject": "x", "version": 1}).status_code == 403


def test_what_is_wrong_with_a_file_is_told_before_its_project_is_closed(world: World) -> None:
    task = world.make("tasks")["id"]
    sent = {"project": world.project.pk, "object_id": task, "attached_file": BytesIO(b"text")}
    path = f"/tasks/attachments/{world.bob.upload('/tasks/attachments', **sent).json()['id']}"
    Project.objects.filter(pk=world.project.pk).update(blocked_code="blocked-by-staff")
    assert wrong(world.bob.patch(path, {"order": "first"})) == {"order"}
    assert wrong(world.bob.patch(path, {"attached_file": "text"})) == {"attached_file"}
    assert world.bob.patch(path, {"object_id": 999_999}).status_code == 400
    assert world.bob.patch(path, {"order": 1}).status_code == 451
    assert world.bob.delete(path).status_code == 451


@pytest.mark.parametrize("key", ["²", "9" * 30, 10**30, -(10**30), -1, 1.5, True, None], ids=str)
def test_what_is_no_id_is_refused_wherever_ids_stand_in_a_value(world: World, key: Any) -> None:
    story = world.make()
    path = f"/userstories/{story['id']}"
    role = next(iter(story["points"]))
    for field, value in {"watchers": [key], "assigned_users": [key], "points": {role: key}}.items():
        reply = world.alice.patch(path, {"version": 1, field: value})
        assert (reply.status_code, list(reply.json())) == (400, [field])
    assert world.alice.patch(path, {"version": 1, "points": {str(key): story["points"][role]}}).status_code == 400
    assert world.alice.get(path).json()["version"] == 1


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2091-01-09", "2091-01-09"),
        ("2091-1-9", "2091-01-09"),
        ("2091-01-9", "2091-01-09"),
        ("", None),
        (None, None),
        *((text, "") for text in ("20910109", "2091-01", "2091-001-09", "91-01-09", "2091-02-30", "2091-1-9T00:00", 7)),
    ],
)
def test_a_day_may_be_written_without_zeros(world: World, sent: Any, stored: str | None) -> None:
    for kind in ("userstories", "tasks", "issues"):
        reply = world.alice.post(f"/{kind}", {"project": world.project.pk, "subject": "x", "due_date": sent})
        if stored == "":
            assert (reply.status_code, list(reply.json())) == (400, ["due_date"]), kind
        else:
            assert (reply.status_code, reply.json()["due_date"]) == (201, stored), kind


@pytest.mark.parametrize("kind", ["tasks", "issues"])
def test_a_sprint_that_was_done_opens_again_when_something_in_it_becomes_an_open_story(world: World, kind: str) -> None:
    milestone = sprint(world)
    closed = world.alice.get(f"/{kind[:-1]}-statuses?project={world.project.pk}").json()
    made = world.make(kind, milestone=milestone.pk, status=next(one["id"] for one in closed if one["is_closed"]))
    path = f"/milestones/{milestone.pk}"
    assert world.alice.get(path).json()["closed"] is True
    reply = world.alice.post(f"/{kind}/{made['id']}/promote_to_user_story", {"project_id": world.project.pk})
    assert (reply.status_code, world.alice.get(path).json()["closed"]) == (200, False)


def test_a_story_of_an_issue_is_closed_where_stories_begin_closed(world: World) -> None:
    Project.objects.filter(pk=world.project.pk).update(default_us_status=world.status("done"))
    issue = world.make("issues")["id"]
    world.alice.post(f"/issues/{issue}/promote_to_user_story", {"project_id": world.project.pk})
    (story,) = world.alice.get(f"/userstories?project={world.project.pk}").json()
    assert (story["is_closed"], story["finish_date"] is not None) == (True, True)


@pytest.mark.parametrize(
    ("kind", "orders"),
    [
        ("epics", ["epics_order"]),
        ("userstories", ["backlog_order", "sprint_order"]),
        ("tasks", ["us_order", "taskboard_order"]),
    ],
)
def test_a_new_item_may_be_the_first_of_all(world: World, kind: str, orders: list[str]) -> None:
    made = world.make(kind, **dict.fromkeys(orders, 0))
    assert [made[name] for name in orders] == [0] * len(orders)


LINES = {"epics": "bulk_epics", "userstories": "bulk_stories", "tasks": "bulk_tasks", "issues": "bulk_issues"}


@pytest.mark.parametrize("kind", KINDS)
def test_only_line_feeds_part_the_subjects_of_many_items(world: World, kind: str) -> None:
    text = " one\r\n\ntwo\u2028still two\x0bas well\n"
    body = {"project_id": world.project.pk, "milestone_id": sprint(world).pk, LINES[kind]: text}
    made = world.alice.post(f"/{kind}/bulk_create", body).json()
    assert sorted(item["subject"] for item in made) == ["one", "two\u2028still two\x0bas well"]


@pytest.mark.parametrize("kind", KINDS)
def test_items_that_are_made_together_are_told_as_one_is(world: World, kind: str) -> None:
    body = {"project_id": world.project.pk, "milestone_id": sprint(world).pk, LINES[kind]: "one\ntwo\nthree"}
    made = world.bob.post(f"/{kind}/bulk_create", body).json()
    told = [world.bob.get(f"/{kind}/{item['id']}").json() for item in made]
    assert made == [{name: value for name, value in item.items() if name != "neighbors"} for item in told]


def test_many_epics_without_a_status_get_the_projects_own(world: World) -> None:
    body = {"project_id": world.project.pk, "bulk_epics": "one", "status_id": None}
    (epic,) = world.alice.post("/epics/bulk_create", body).json()
    assert epic["status"] == world.project.default_epic_status_id


def test_issues_that_are_put_into_a_sprint_together_tell_of_it_with_their_next_entry(world: World) -> None:
    issue, milestone = world.make("issues")["id"], sprint(world)
    body = {"project_id": world.project.pk, "milestone_id": milestone.pk, "bulk_issues": [{"issue_id": issue}]}
    assert world.bob.post("/issues/bulk_update_milestone", body).json() == {str(issue): milestone.pk}
    assert world.alice.get(f"/history/issue/{issue}").json() == []
    world.alice.patch(f"/issues/{issue}", {"version": 1, "subject": "Renamed"})
    (entry,) = world.alice.get(f"/history/issue/{issue}").json()
    assert entry["values_diff"] == {"subject": ["A thing", "Renamed"], "milestone": [None, "One"]}


def test_what_is_put_without_an_order_goes_to_the_end(world: World) -> None:
    epic, story = world.make("epics")["id"], world.make()["id"]
    relations = f"/epics/{epic}/related_userstories"
    relation, named = {"epic": epic, "user_story": story}, {"project": world.project.pk, "title": "Home"}
    assert world.alice.post(relations, {**relation, "order": 1}).json()["order"] == 1
    link = world.alice.post("/wiki-links", {**named, "order": 1}).json()
    for path, body in ((f"{relations}/{story}", relation), (f"/wiki-links/{link['id']}", named)):
        assert world.alice.patch(path, {"epic": epic, "title": "Home"}).json()["order"] == 1
        assert world.alice.put(path, body).json()["order"] > 1_000_000_000_000
