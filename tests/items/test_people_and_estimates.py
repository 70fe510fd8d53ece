"""Who may be given an item, who may watch it, where it came from, and what it is estimated at."""

from typing import Any

import pytest

from taiga.projects.models import Points, Project
from tests.items.conftest import KINDS, World
from tests.world import project_of

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


@EVERY_KIND
def test_members_and_those_who_follow_the_project_may_watch(world: World, kind: str) -> None:
    path = f"/{kind}/{world.make(kind)['id']}"
    bob, carol = world.bob.user.pk, world.carol.user.pk
    refused = world.alice.patch(path, {"version": 1, "watchers": [bob, carol]})
    assert (refused.status_code, [*refused.json()]) == (400, ["watchers"])
    assert world.alice.get(path).json()["watchers"] == []
    assert world.alice.patch(path, {"version": 1, "watchers": [bob]}).json()["watchers"] == [bob]
    Project.objects.filter(pk=world.project.pk).update(is_private=False, public_permissions=["view_project"])
    assert world.carol.post(f"/projects/{world.project.pk}/watch").status_code == 200
    followed = world.alice.patch(path, {"version": 2, "watchers": [carol]})
    assert (followed.status_code, followed.json()["watchers"]) == (200, [carol])


@pytest.mark.parametrize("wrong", ["bob", [None], ["x"], [True], [10**9], {}])
def test_a_story_is_given_to_people_alone(world: World, wrong: Any) -> None:
    path = f"/userstories/{world.make()['id']}"
    bob = world.bob.user.pk
    refused = world.alice.patch(path, {"version": 1, "assigned_users": wrong})
    assert (refused.status_code, [*refused.json()]) == (400, ["assigned_users"])
    given = world.alice.patch(path, {"version": 1, "assigned_users": [bob]})
    assert given.json()["assigned_users"] == [bob]


@pytest.mark.parametrize("wrong", ["x", True, "-1", "1.5", None])
def test_an_estimate_is_one_of_the_projects(world: World, wrong: Any) -> None:
    story = world.make()
    path, role = f"/userstories/{story['id']}", next(iter(story["points"]))
    elsewhere = Points.objects.filter(project=project_of(world.alice.user, "Gemini")).first()
    assert elsewhere is not None
    for value in (wrong, elsewhere.pk, 10**9):
        refused = world.alice.patch(path, {"version": 1, "points": {role: value}})
        assert (refused.status_code, [*refused.json()]) == (400, ["points"])
    mine = Points.objects.get(project=world.project, name="13").pk
    estimated = world.alice.patch(path, {"version": 1, "points": {role: mine}}).json()
    assert estimated["points"] == {**story["points"], role: mine}
    assert estimated["total_points"] == 13


@pytest.mark.parametrize(("kind", "origin"), [("issues", "generated_from_issue"), ("tasks", "generated_from_task")])
def test_a_story_comes_of_something_in_its_project_that_one_may_comment_on(
    world: World, kind: str, origin: str
) -> None:
    elsewhere = project_of(world.alice.user, "Gemini")
    foreign = world.alice.post(f"/{kind}", {"project": elsewhere.pk, "subject": "Far"}).json()["id"]
    mine = world.make(kind)["id"]
    body = {"project": world.project.pk, "subject": "Story"}
    refused = world.alice.post("/userstories", {**body, origin: foreign})
    assert (refused.status_code, [*refused.json()]) == (400, [origin])
    rights = ["view_project", "view_us", "add_us", f"view_{kind}"]
    for more, status in (([], 400), ([f"comment_{kind[:-1]}"], 201), ([f"modify_{kind[:-1]}"], 201)):
        world.project.roles.update(permissions=[*rights, *more])
        assert world.bob.post("/userstories", {**body, origin: mine}).status_code == status, more
    comments = world.alice.get(f"/history/{kind[:-1]}/{mine}?type=comment").json()
    assert [one["user"]["username"] for one in comments] == ["bob", "bob"]
    assert world.alice.get(f"/history/{kind[:-1]}/{foreign}?type=comment").json() == []


def test_a_number_is_looked_for_in_the_project_that_is_named(world: World) -> None:
    story = world.make()
    elsewhere = project_of(world.alice.user, "Gemini")
    slug, key = world.project.slug, world.project.pk
    other = world.alice.post("/userstories", {"project": elsewhere.pk, "subject": "Far"}).json()
    assert other["ref"] == story["ref"]
    for query in (f"project={key}", f"project__slug={slug}", f"project={key}&project__slug={slug}"):
        assert world.alice.get(f"/userstories/by_ref?ref={story['ref']}&{query}").json()["id"] == story["id"], query
    far = f"/userstories/by_ref?ref={story['ref']}&project__slug={elsewhere.slug}"
    assert world.alice.get(far).json()["id"] == other["id"]
    assert world.alice.get(f"{far}&project={key}").status_code == 404
    for query in ("project=x&ref=1", f"project={key}&ref=x", f"project={key}&ref=999"):
        assert world.alice.get(f"/userstories/by_ref?{query}").status_code == 404, query


@EVERY_KIND
def test_an_item_stays_when_the_project_it_should_go_to_is_not_there(world: World, kind: str) -> None:
    path = f"/{kind}/{world.make(kind)['id']}"
    for project in (10**9, "x"):
        assert world.alice.patch(path, {"version": 1, "project": project}).status_code == 400
    assert world.alice.get(path).json()["project"] == world.project.pk
