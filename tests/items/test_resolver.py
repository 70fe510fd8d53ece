"""The ids behind #numbers and slugs."""

from typing import Any

import pytest

from tests.items.conftest import World
from tests.world import project_of

NAMES = {"epics": "epic", "userstories": "us", "tasks": "task", "issues": "issue"}
EVERY_KIND = pytest.mark.parametrize("kind", list(NAMES))


def resolve(world: World, query: str, by: Any = None) -> Any:
    return (by or world.bob).get(f"/resolver?project={world.project.slug}{query}")


@EVERY_KIND
def test_an_item_is_found_by_its_number_among_those_of_its_project(world: World, kind: str) -> None:
    elsewhere = project_of(world.alice.user, "Gemini")
    world.alice.post(f"/{kind}", {"project": elsewhere.pk, "subject": "Other"})
    item, name = world.make(kind), NAMES[kind]
    wanted = {"project": world.project.pk, name: item["id"]}
    assert resolve(world, f"&{name}={item['ref']}").json() == wanted
    assert resolve(world, f"&ref={item['ref']}").json() == wanted
    other = "us" if name == "task" else "task"
    assert resolve(world, f"&{other}={item['ref']}").status_code == 404
    assert resolve(world, "&ref=999").json() == {"project": world.project.pk}


@EVERY_KIND
def test_what_one_may_not_see_is_left_out(world: World, kind: str) -> None:
    item, name = world.make(kind), NAMES[kind]
    world.project.roles.update(permissions=["view_project"])
    for query in (f"&{name}={item['ref']}", f"&ref={item['ref']}", f"&{name}=999"):
        assert resolve(world, query).json() == {"project": world.project.pk}, query
        assert [resolve(world, query, one).status_code for one in (world.carol, world.nobody)] == [403, 401]


def test_pages_and_sprints_are_found_by_their_slugs(world: World) -> None:
    key = world.project.pk
    dates = {"estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}
    sprint = world.alice.post("/milestones", {"project": key, "name": "One", **dates}).json()
    page = world.alice.post("/wiki", {"project": key, "slug": "home", "content": ""}).json()["id"]
    found = resolve(world, f"&milestone={sprint['slug']}&wikipage=home").json()
    assert found == {"project": key, "milestone": sprint["id"], "wikipage": page}
    assert resolve(world, "&ref=home").json() == {"project": key, "wikipage": page}
    assert resolve(world, "&ref=other").json() == {"project": key}
    assert resolve(world, "&wikipage=other").status_code == 404
    world.project.roles.update(permissions=["view_project"])
    assert resolve(world, "&ref=home").json() == {"project": key}
    assert resolve(world, f"&milestone={sprint['slug']}&wikipage=home").json() == {"project": key}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("&us=one", "us"),
        ("&issue=-1", "issue"),
        ("&ref=1&us=1", "non_field_errors"),
        ("&ref=1&wikipage=home", "non_field_errors"),
    ],
)
def test_what_cannot_be_resolved_is_named(world: World, query: str, wrong: str) -> None:
    reply = resolve(world, query)
    assert (reply.status_code, [*reply.json()]) == (400, [wrong])


def test_a_project_must_be_named(world: World) -> None:
    reply = world.bob.get("/resolver?us=1")
    assert (reply.status_code, [*reply.json()]) == (400, ["project"])
    assert world.bob.get("/resolver?project=none").status_code == 404
    assert world.nobody.get("/resolver?project=none").status_code == 401
    for address in ("/search?text=a", "/search?text=a&project=999999", "/search?text=a&project=x"):
        assert [one.get(address).status_code for one in (world.bob, world.nobody)] == [404, 401], address
