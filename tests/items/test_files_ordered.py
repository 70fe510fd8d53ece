"""Attached files get other places, and other items."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from taiga.projects.models import Project
from tests.items.conftest import World
from tests.world import Caller, project_of

ORDER = "/userstories/attachments/bulk_update_order"


def attach(world: World, item: int, name: str = "notes.txt", by: Caller | None = None) -> int:
    file = SimpleUploadedFile(name, b"one small step")
    fields = {"project": world.project.pk, "object_id": item, "attached_file": file}
    reply = (by or world.alice).upload("/userstories/attachments", **fields)
    assert reply.status_code == 201, reply.content
    key: int = reply.json()["id"]
    return key


def names(world: World, item: int) -> list[str]:
    """The files of an item in their order."""
    rows = world.alice.get(f"/userstories/attachments?project={world.project.pk}&object_id={item}").json()
    return [row["name"] for row in sorted(rows, key=lambda row: row["order"])]


def entries(world: World, story: int) -> list[str]:
    """The ids of what the history tells of a story."""
    return [entry["id"] for entry in world.alice.get(f"/history/userstory/{story}").json()]


def test_files_go_first_or_right_behind_another(world: World) -> None:
    story = world.make()["id"]
    files = {name: attach(world, story, name) for name in ("a", "b", "c", "d")}
    first = world.bob.post(ORDER, {"object_id": story, "bulk_attachments": [files["d"], files["b"]]})
    assert [row["id"] for row in first.json()] == [files[name] for name in "dbac"]
    assert names(world, story) == ["d", "b", "a", "c"]
    body = {"object_id": story, "bulk_attachments": [files["c"]], "after_attachment_id": files["d"]}
    moved = world.bob.post(ORDER, body)
    assert [row["id"] for row in moved.json()] == [files[name] for name in "cba"]
    assert names(world, story) == ["d", "c", "b", "a"]


def test_an_order_alone_is_told_by_no_entry(world: World) -> None:
    story = world.make()["id"]
    one, two = attach(world, story, "a"), attach(world, story, "b")
    before = entries(world, story)
    assert len(before) == 2
    assert world.bob.post(ORDER, {"object_id": story, "bulk_attachments": [two, one]}).status_code == 200
    assert entries(world, story) == before


def test_only_files_of_one_item_are_ordered_together(world: World) -> None:
    story, other = world.make()["id"], world.make()["id"]
    mine, foreign = attach(world, story), attach(world, other)
    wrong = world.bob.post(ORDER, {"object_id": story, "bulk_attachments": [mine, foreign]})
    assert (wrong.status_code, [*wrong.json()]) == (400, ["bulk_attachments"])
    behind = {"object_id": story, "bulk_attachments": [mine], "after_attachment_id": foreign}
    wrong = world.bob.post(ORDER, behind)
    assert (wrong.status_code, [*wrong.json()]) == (400, ["after_attachment_id"])
    epic = world.make("epics")["id"]
    unknown = world.bob.post(ORDER, {"object_id": epic, "bulk_attachments": [mine]})
    assert (unknown.status_code, [*unknown.json()]) == (400, ["object_id"])


def test_who_may_order_files(world: World) -> None:
    story = world.make()["id"]
    body = {"object_id": story, "bulk_attachments": [attach(world, story)]}
    callers = (world.alice, world.bob, world.carol, world.nobody)
    assert [one.post(ORDER, body).status_code for one in callers] == [200, 200, 403, 401]
    Project.objects.filter(pk=world.project.pk).update(blocked_code="blocked-by-staff")
    assert [one.post(ORDER, body).status_code for one in callers] == [451, 451, 403, 401]


def test_a_file_goes_to_another_item_of_its_project_only(world: World) -> None:
    story, other = world.make()["id"], world.make()["id"]
    path = f"/userstories/attachments/{attach(world, story, 'a')}"
    elsewhere = project_of(world.alice.user, "Gemini")
    foreign = world.alice.post("/userstories", {"project": elsewhere.pk, "subject": "S"}).json()["id"]
    refused: list[dict[str, Any]] = [
        {"object_id": foreign},
        {"object_id": foreign, "project": elsewhere.pk},
        {"project": elsewhere.pk},
        {"object_id": world.make("epics")["id"]},
    ]
    for body in refused:
        assert world.alice.patch(path, body).status_code == 400, body
    assert (names(world, story), names(world, other)) == (["a"], [])
    moved = world.bob.patch(path, {"object_id": other})
    assert (moved.status_code, moved.json()["object_id"]) == (200, other)
    assert (names(world, story), names(world, other)) == ([], ["a"])


def test_a_file_is_replaced_by_a_file(world: World) -> None:
    path = f"/userstories/attachments/{attach(world, world.make()['id'])}"
    reply = world.bob.patch(path, {"attached_file": "no file"})
    assert (reply.status_code, [*reply.json()]) == (400, ["attached_file"])


def test_files_are_listed_of_one_item(world: World) -> None:
    story, other = world.make()["id"], world.make()["id"]
    mine, theirs = attach(world, story), attach(world, other)
    listed = f"/userstories/attachments?project={world.project.pk}&object_id="
    found = [world.bob.get(f"{listed}{item}").json() for item in (story, other)]
    assert [[row["id"] for row in rows] for rows in found] == [[mine], [theirs]]
    assert world.carol.get(f"{listed}{story}").json() == []
