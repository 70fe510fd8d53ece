"""What somebody who types a text is shown of what it refers to."""

from io import BytesIO

import pytest

from taiga.projects.models import Project, Role
from tests.items.conftest import KINDS, World
from tests.world import Caller

NAMES = {"epics": "epic", "userstories": "us", "tasks": "task", "issues": "issue", "wiki": "wikipage"}
CODES = {"epics": "view_epics", "userstories": "view_us", "tasks": "view_tasks", "issues": "view_issues"}


@pytest.fixture
def text(world: World) -> str:
    """It refers to an item of each kind, and to a file of each and of a wiki page."""
    things = {kind: world.make(kind, subject=f"title of {kind}") for kind in KINDS}
    things["wiki"] = world.make("wiki", slug="home")
    words = ["See", *(f"#{things[kind]['ref']}" for kind in KINDS)]
    for kind, thing in things.items():
        file = BytesIO(b"text")
        file.name = f"file-of-{kind}.png"
        fields = {"project": world.project.pk, "object_id": thing["id"], "attached_file": file}
        key = world.alice.upload(f"/{kind}/attachments", **fields).json()["id"]
        words.append(f"![x](http://localhost:8000/media/x#_taiga-refresh={NAMES[kind]}:{key})")
    return " ".join(words)


def shown(caller: Caller, world: World, text: str) -> set[str]:
    """The kinds of which the HTML tells a title, and those of which it has the address of a file."""
    html = caller.post("/wiki/render", {"project_id": world.project.pk, "content": text}).json()["data"]
    titles = {kind for kind in KINDS if f"title of {kind}" in html}
    return titles | {f"file of {kind}" for kind in NAMES if f"file-of-{kind}.png?token=" in html}


def test_who_sees_everything_is_shown_everything(world: World, text: str) -> None:
    everything = {*KINDS, *(f"file of {kind}" for kind in NAMES)}
    assert shown(world.alice, world, text) == shown(world.bob, world, text) == everything
    assert shown(world.carol, world, text) == shown(world.nobody, world, text) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_shown_titles_and_files_of_what_he_may_not_see(world: World, text: str, kind: str) -> None:
    codes = ["view_project", CODES[kind]]
    Role.objects.filter(memberships__user=world.bob.user).update(permissions=codes)
    Project.objects.filter(pk=world.project.pk).update(is_private=False, anon_permissions=codes, public_permissions=[])
    for caller in (world.bob, world.carol, world.nobody):
        assert shown(caller, world, text) == {kind, f"file of {kind}"}
    Project.objects.filter(pk=world.project.pk).update(anon_permissions=["view_project", "view_wiki_pages"])
    assert shown(world.nobody, world, text) == {"file of wiki"}
