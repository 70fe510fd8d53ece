"""Stories in an epic: their places, and who makes new ones there."""

import json

import pytest

from tests.items.conftest import World
from tests.world import Caller, join, person, project_of


def test_a_put_without_an_order_puts_a_story_last_and_a_patch_leaves_it(world: World) -> None:
    epic = world.make("epics")["id"]
    path, story = f"/epics/{epic}/related_userstories", world.make()["id"]
    body = {"epic": epic, "user_story": story}
    assert world.bob.post(path, {**body, "order": 3}).json()["order"] == 3
    kept = world.bob.patch(f"{path}/{story}", {})
    assert (kept.json()["order"], kept.headers["Taiga-Info-Order-Updated"]) == (3, "{}")
    last = world.bob.put(f"{path}/{story}", body)
    assert last.json()["order"] > 1_000_000_000_000
    assert [*json.loads(last.headers["Taiga-Info-Order-Updated"]).values()] == [last.json()["order"]]


EDITOR, WRITER = ["view_project", "view_epics", "modify_epic"], ["view_project", "view_epics", "add_us", "modify_us"]


@pytest.mark.parametrize(
    ("here", "there", "status"), [(EDITOR, EDITOR, 200), (EDITOR, WRITER, 403), (WRITER, EDITOR, 403)]
)
def test_who_may_change_epics_in_both_projects_makes_stories_of_one_for_an_epic_of_the_other(
    world: World, here: list[str], there: list[str], status: int
) -> None:
    other = project_of(world.alice.user, "Gemini")
    join(world.bob.user, other)
    world.project.roles.update(permissions=here)
    other.roles.update(permissions=there)
    epic = world.make("epics")["id"]
    path, body = (
        f"/epics/{epic}/related_userstories/bulk_create",
        {"project_id": other.pk, "bulk_userstories": "a\n\nb"},
    )
    assert world.nobody.post(path, body).status_code == 401
    assert world.carol.post(path, body).status_code == 403
    assert world.bob.post(path, body).status_code == status
    assert len(world.alice.get(f"/userstories?project={other.pk}").json()) == (2 if status == 200 else 0)
    same = world.bob.post(path, {**body, "project_id": world.project.pk})
    assert same.status_code == (200 if here == EDITOR else 403)


def test_stories_take_the_places_that_a_client_wants_for_several(world: World) -> None:
    epic = world.make("epics")["id"]
    path = f"/epics/{epic}/related_userstories"
    a, b, c = stories = [world.make()["id"] for _number in range(3)]
    for place, story in enumerate(stories, start=1):
        world.bob.post(path, {"epic": epic, "user_story": story, "order": place})
    wishes = {str(a): 2, str(b): 3, "999999": 1}
    reply = world.bob.patch(f"{path}/{c}", {"order": 1}, Set_Orders=json.dumps(wishes))
    assert reply.status_code == 200
    places = {row["user_story"]: row["order"] for row in world.bob.get(path).json()}
    assert places == {c: 1, a: 2, b: 3}
    assert sorted(json.loads(reply.headers["Taiga-Info-Order-Updated"]).values()) == [1, 2, 3]


def test_a_relation_is_of_this_epic_and_this_story(world: World) -> None:
    epic, other, story = world.make("epics")["id"], world.make("epics")["id"], world.make()["id"]
    alone = world.make()["id"]
    world.bob.post(f"/epics/{epic}/related_userstories", {"epic": epic, "user_story": story})
    here = f"/epics/{epic}/related_userstories/{story}"
    root = Caller(person("root", is_superuser=True))
    nowhere = [f"/epics/{epic}/related_userstories/{alone}", f"/epics/{other}/related_userstories/{story}"]
    nowhere += [f"/epics/{epic}/related_userstories/x", f"/epics/x/related_userstories/{story}"]
    for path in nowhere:
        assert [one.get(path).status_code for one in (world.bob, world.nobody)] == [404, 404], path
        for method in ("PATCH", "DELETE"):
            statuses = [one.ask(method, path, {}).status_code for one in (world.nobody, world.bob, root)]
            assert statuses == [401, 403, 404], (method, path)
    assert world.bob.get(here).json()["user_story"] == story
    assert world.bob.get("/epics/999999/related_userstories").json() == []
    body = {"project_id": world.project.pk, "bulk_userstories": "a"}
    gone = "/epics/999999/related_userstories/bulk_create"
    assert [one.post(gone, body).status_code for one in (world.nobody, world.bob)] == [401, 404]
