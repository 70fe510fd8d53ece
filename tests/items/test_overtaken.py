"""Whoever works on an old version overwrites nobody, whatever else has happened to the item meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from taiga.projects.api.epics import EpicBody
from taiga.projects.api.issues import IssueBody
from taiga.projects.api.tasks import TaskBody
from taiga.projects.api.userstories import UserStoryBody
from taiga.projects.api.wiki import PageBody
from taiga.projects.models import WikiPage
from tests.items.conftest import KINDS, World
from tests.world import join, person

TRACKED = (*KINDS, "wiki")
TEXT = {"wiki": "content"}
OTHER = {"wiki": "slug"}
HISTORY = {"epics": "epic", "userstories": "userstory", "tasks": "task", "issues": "issue", "wiki": "wiki"}


def text_of(kind: str) -> str:
    """The field that two people write."""
    return TEXT.get(kind, "subject")


@dataclass
class Scene:
    """An item or page that several people have open."""

    world: World
    kind: str

    def __post_init__(self) -> None:
        words = {"slug": f"page-{WikiPage.objects.count()}", "content": "old"} if self.kind == "wiki" else {}
        self.id = self.world.make(self.kind, **words)["id"]
        self.path = f"/{self.kind}/{self.id}"

    def now(self) -> Any:
        return self.world.alice.get(self.path).json()

    def change(self, by: Any, version: int, **fields: Any) -> Any:
        return by.patch(self.path, {"version": version, **fields})


Meanwhile = Callable[[Scene], Any]


def attach(scene: Scene) -> Any:
    file = SimpleUploadedFile("a.txt", b"text", "text/plain")
    path, project = f"/{scene.kind}/attachments", scene.world.project.pk
    return scene.world.bob.upload(path, project=project, object_id=scene.id, attached_file=file)


def describe_a_file(scene: Scene) -> Any:
    made = attach(scene).json()
    return scene.world.bob.patch(f"/{scene.kind}/attachments/{made['id']}", {"description": str(made["id"])})


def remove_a_file(scene: Scene) -> Any:
    return scene.world.bob.delete(f"/{scene.kind}/attachments/{attach(scene).json()['id']}")


def watch(scene: Scene) -> Any:
    scene.world.bob.post(f"{scene.path}/watch")
    return scene.world.bob.post(f"{scene.path}/unwatch")


def make_watchers(scene: Scene) -> Any:
    dave = person(f"dave{scene.id}v{scene.now()['version']}")
    join(dave, scene.world.project)
    return scene.change(scene.world.bob, scene.now()["version"], watchers=[dave.pk])


def comment(scene: Scene) -> Any:
    return scene.change(scene.world.bob, scene.now()["version"], comment="Well")


def edit_a_comment(scene: Scene) -> Any:
    comment(scene)
    path = f"/history/{HISTORY[scene.kind]}/{scene.id}"
    entry = scene.world.bob.get(path).json()[0]["id"]
    return scene.world.bob.post(f"{path}/edit_comment?id={entry}", {"comment": "Better"})


def vote(scene: Scene) -> Any:
    return scene.world.bob.post(f"{scene.path}/upvote")


def fill_a_custom_field(scene: Scene) -> Any:
    version = scene.world.bob.get(f"/{scene.kind}/custom-attributes-values/{scene.id}").json()["version"]
    kind = HISTORY[scene.kind]
    field = {"project": scene.world.project.pk, "name": f"Cost {scene.id} {version}", "type": "text"}
    key = scene.world.alice.post(f"/{kind}-custom-attributes", field).json()["id"]
    body = {"attributes_values": {key: "ten"}, "version": version}
    return scene.world.bob.patch(f"/{scene.kind}/custom-attributes-values/{scene.id}", body)


def move_on_the_board(scene: Scene) -> Any:
    scene.world.make()
    slugs = ("ready", "in-progress", "done")
    turn = scene.world.bob.get(f"/history/userstory/{scene.id}").json()
    status = scene.world.status(slugs[len(turn) % 3])
    body = {"project_id": scene.world.project.pk, "status_id": status, "bulk_userstories": [scene.id]}
    return scene.world.bob.post("/userstories/bulk_update_kanban_order", body)


def move_in_the_backlog(scene: Scene) -> Any:
    body = {"project_id": scene.world.project.pk, "bulk_userstories": [scene.id]}
    return scene.world.bob.post(
        "/userstories/bulk_update_backlog_order", {**body, "after_userstory_id": scene.world.make()["id"]}
    )


def relate(scene: Scene) -> Any:
    body = {"epic": scene.id, "user_story": scene.world.make()["id"]}
    return scene.world.bob.post(f"{scene.path}/related_userstories", body)


def save_nothing(scene: Scene) -> Any:
    return scene.change(scene.world.bob, scene.now()["version"])


FOR_ALL: tuple[Meanwhile, ...] = (
    attach,
    describe_a_file,
    remove_a_file,
    watch,
    make_watchers,
    comment,
    edit_a_comment,
    save_nothing,
)
FOR_ITEMS: tuple[Meanwhile, ...] = (vote, fill_a_custom_field)
OWN: dict[str, tuple[Meanwhile, ...]] = {"userstories": (move_on_the_board, move_in_the_backlog), "epics": (relate,)}
EVERY_KIND = pytest.mark.parametrize("kind", TRACKED)
TIMES = 2


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
@EVERY_KIND
def test_a_stale_version_is_refused_for_a_field_that_changed_and_taken_for_another(
    world: World, kind: str, is_first: bool
) -> None:
    """Whether the field was changed before or after the other things that happened."""
    for meanwhile in (*FOR_ALL, *(FOR_ITEMS if kind != "wiki" else ()), *OWN.get(kind, ())):
        scene = Scene(world, kind)
        changed: dict[str, Any] = {text_of(kind): "Bob's"}
        rename = partial(scene.change, world.bob, **changed)
        if is_first:
            assert rename(version=1).status_code == 200
        assert {meanwhile(scene).status_code for _time in range(TIMES)} <= {200, 201, 204}
        if not is_first:
            assert rename(version=scene.now()["version"]).status_code == 200
        ensure_the_stale_one_is_merged(scene, meanwhile.__name__)


def ensure_the_stale_one_is_merged(scene: Scene, meanwhile: str) -> None:
    """Alice, who knows the first version, gets only what Bob did not change."""
    alice, text, other = scene.world.alice, text_of(scene.kind), OTHER.get(scene.kind, "description")
    mine = f"alices-{scene.id}"
    for stale in ({text: mine}, {text: mine, other: mine}):
        refused = scene.change(alice, 1, **stale)
        assert (refused.status_code, list(refused.json())) == (400, ["version"]), meanwhile
    version = scene.now()["version"]
    assert scene.change(alice, 1, **{other: mine}).status_code == 200, meanwhile
    now = scene.now()
    assert (now[text], now[other], now["version"]) == ("Bob's", mine, version + 1)


def test_what_was_changed_on_the_board_is_not_overwritten_either(world: World) -> None:
    scene = Scene(world, "userstories")
    assert scene.change(world.bob, 1, description="Bob's").status_code == 200
    assert move_on_the_board(scene).status_code == 200
    assert scene.change(world.alice, 1, status=world.status("done")).status_code == 400
    assert scene.change(world.alice, 1, subject="Alice's").status_code == 200


NOT_WRITTEN = {"project", "version", "comment"}
TEXTS = ("Bob's", "Alice's")
ORDERS = (71, 72)
FLAGS = (True, False)
DATES = ("2041-01-02", "2041-01-03")
PLAIN: dict[str, tuple[Any, Any]] = {
    "subject": TEXTS,
    "description": TEXTS,
    "blocked_note": TEXTS,
    "content": TEXTS,
    "slug": ("bobs-slug", "alices-slug"),
    "color": ("#00ff00", "#0000ff"),
    "tags": (["bob"], ["alice"]),
    "external_reference": (["bob", "1"], ["alice", "1"]),
    "is_blocked": FLAGS,
    "client_requirement": FLAGS,
    "team_requirement": FLAGS,
    "is_iocaine": FLAGS,
    "due_date": DATES,
    "due_date_reason": TEXTS,
    **dict.fromkeys(("epics_order", "backlog_order", "sprint_order", "us_order", "taskboard_order"), ORDERS),
}
NO_WORD = {"watchers", "external_reference", "due_date_reason"}
UNTOLD = {
    "epics": NO_WORD,
    "userstories": {*NO_WORD, "assigned_to", "generated_from_issue", "generated_from_task"},
    "tasks": NO_WORD,
    "issues": NO_WORD,
    "wiki": {"watchers"},
}
"""Fields that the history does not tell of, or under another name: as in Taiga the last one wins."""
DERIVED = {"is_closed", "finish_date", "finished_date"}
"""The status says them; what is sent for them is overruled."""


def two_values(scene: Scene, field: str) -> tuple[Any, Any]:
    """What Bob and Alice want a field to be; neither is what it is."""
    world = scene.world
    alice, bob = world.alice.user.pk, world.bob.user.pk
    makers: dict[str, Callable[[], tuple[Any, Any]]] = {
        "assigned_to": lambda: (bob, alice),
        "watchers": lambda: ([bob], [alice]),
        "assigned_users": lambda: ([bob], [alice]),
        "milestone": lambda: (sprint(world, "One"), sprint(world, "Two")),
        "swimlane": lambda: (lane(world, "One"), lane(world, "Two")),
        "user_story": lambda: (world.make()["id"], world.make()["id"]),
        "generated_from_issue": lambda: (world.make("issues")["id"], world.make("issues")["id"]),
        "generated_from_task": lambda: (world.make("tasks")["id"], world.make("tasks")["id"]),
        "points": lambda: estimates(world),
        **dict.fromkeys(("status", "type", "severity", "priority"), lambda: listed(scene, field)),
    }
    return makers[field]() if field in makers else PLAIN[field]


def sprint(world: World, name: str) -> Any:
    dates = {"estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
    return world.alice.post("/milestones", {"project": world.project.pk, "name": name, **dates}).json()["id"]


def lane(world: World, name: str) -> Any:
    return world.alice.post("/swimlanes", {"project": world.project.pk, "name": name}).json()["id"]


def listed(scene: Scene, field: str) -> tuple[int, int]:
    """Two of the project's statuses, types and so on that the item does not have."""
    names = {"status": f"{HISTORY[scene.kind].replace('userstory', 'us')}_statuses", "type": "issue_types"}
    plural = names.get(field) or {"severity": "severities", "priority": "priorities"}[field]
    present = scene.now()[field]
    rows = scene.world.alice.get(f"/projects/{scene.world.project.pk}").json()[plural]
    first, second = [row["id"] for row in rows if row["id"] != present][:2]
    return first, second


def estimates(world: World) -> tuple[dict[str, int], dict[str, int]]:
    project = world.alice.get(f"/projects/{world.project.pk}").json()
    role = next(role["id"] for role in project["roles"] if role["computable"])
    return {str(role): project["points"][3]["id"]}, {str(role): project["points"][4]["id"]}


BODIES: dict[str, Any] = {
    "epics": EpicBody,
    "userstories": UserStoryBody,
    "tasks": TaskBody,
    "issues": IssueBody,
    "wiki": PageBody,
}


@EVERY_KIND
def test_of_two_who_change_any_one_field_of_the_history_the_second_is_refused(world: World, kind: str) -> None:
    for field in sorted(BODIES[kind].model_fields.keys() - NOT_WRITTEN - DERIVED):
        scene = Scene(world, kind)
        bobs, alices = two_values(scene, field)
        more = {"is_blocked": True} if field == "blocked_note" else {}
        version = scene.now()["version"]
        assert scene.change(world.bob, version, **{field: bobs}, **more).status_code == 200, field
        attach(scene)
        second = scene.change(world.alice, version, **{field: alices})
        if field in UNTOLD[kind]:
            assert second.status_code == 200, field
        else:
            assert (second.status_code, list(second.json())) == (400, ["version"]), field
        other = next(name for name in (text_of(kind), OTHER.get(kind, "description")) if name != field)
        assert scene.change(world.alice, version, **{other: f"alices-{field}"}).status_code == 200, field
        again = scene.change(world.alice, scene.now()["version"], **{field: alices}, **more)
        assert again.status_code == 200, field
