"""What goes along when an item gets another project."""

from io import BytesIO
from typing import Any

import pytest

from taiga.projects.models import Project
from tests.items.conftest import World
from tests.world import join, project_of


def upload(world: World, task: int) -> int:
    files = {"project": world.project.pk, "object_id": task, "attached_file": BytesIO(b"text")}
    attachment: int = world.alice.upload("/tasks/attachments", **files).json()["id"]
    return attachment


@pytest.fixture
def other(world: World) -> Project:
    """Another project of Alice's, where Bob is a member, too."""
    other = project_of(world.alice.user, "Other")
    join(world.bob.user, other)
    return other


def move(world: World, story: dict[str, Any], target: Project) -> Any:
    sent = {name: story[name] for name in ("version", "status", "milestone", "swimlane")}
    return world.alice.patch(f"/userstories/{story['id']}", {**sent, "project": target.pk})


def test_tasks_go_along_with_a_story_with_their_people_files_and_tags(world: World, other: Project) -> None:
    story = world.make()
    bob = world.bob.user.pk
    task = world.make("tasks", user_story=story["id"], assigned_to=bob, tags=["deep"])["id"]
    attachment = upload(world, task)
    assert world.bob.post(f"/tasks/{task}/watch").status_code == 200
    assert move(world, story, other).status_code == 200
    moved = world.bob.get(f"/tasks/{task}").json()
    assert (moved["project"], moved["assigned_to"], moved["watchers"]) == (other.pk, bob, [bob])
    files = world.bob.get(f"/tasks/attachments?project={other.pk}&object_id={task}").json()
    assert [file["id"] for file in files] == [attachment]
    assert world.bob.get(f"/projects/{other.pk}/tags_colors").json() == {"deep": None}


@pytest.mark.parametrize("value", ["abc", [1], {}, True, 1.5, "9" * 30], ids=str)
def test_what_names_nothing_is_refused_on_the_way_as_it_is_elsewhere(
    world: World, other: Project, value: object
) -> None:
    story, issue = world.make(), world.make("issues")
    for kind, item, names in (
        ("userstories", story, ("status", "milestone", "swimlane")),
        ("issues", issue, ("status", "type", "priority", "severity", "milestone")),
    ):
        sent = {"version": 1, "project": other.pk, **dict.fromkeys(names, value)}
        reply = world.alice.patch(f"/{kind}/{item['id']}", sent)
        assert (reply.status_code, reply.json().keys()) == (400, set(names))
        assert world.alice.get(f"/{kind}/{item['id']}").json()["project"] == world.project.pk


def test_tasks_lose_an_assignee_who_is_no_member_there(world: World) -> None:
    story = world.make()
    task = world.make("tasks", user_story=story["id"], assigned_to=world.bob.user.pk)["id"]
    assert move(world, story, project_of(world.alice.user, "Other")).status_code == 200
    assert world.alice.get(f"/tasks/{task}").json()["assigned_to"] is None
    assert world.bob.get(f"/tasks/{task}").status_code == 403
