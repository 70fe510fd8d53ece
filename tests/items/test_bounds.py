"""How much work a request is: bounded numbers of statements, whatever the size of the project."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models.functions import JSONObject
from django.test.utils import CaptureQueriesContext

from taiga.base.database import writing
from taiga.projects.models import Vote, WorkItem
from tests.items.conftest import KINDS, World


def statements(call: Any) -> int:
    call()
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code == 200
    return len(captured)


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_many_costs_as_many_statements_as_a_list_of_one(world: World, kind: str) -> None:
    path = f"/{kind}?project={world.project.pk}&include_attachments=1&include_tasks=1&page_size=100"
    fields = {"tags": ["red"], "assigned_to": world.bob.user.pk, "description": "See #1"}
    world.make(kind, **fields)
    one = statements(lambda: world.alice.get(path))
    for _number in range(29):
        item = world.make(kind, **fields)
        Vote.objects.create(item_id=item["id"], user=world.bob.user)
    assert len(world.alice.get(path).json()) == 30
    assert statements(lambda: world.alice.get(path)) == one
    assert one <= 10


@pytest.mark.parametrize("kind", KINDS)
def test_facets_cost_a_constant_number_of_statements(world: World, kind: str) -> None:
    path = f"/{kind}/filters_data?project={world.project.pk}"
    world.make(kind, tags=["red"])
    one = statements(lambda: world.alice.get(path))
    for number in range(20):
        world.make(kind, tags=[f"tag {number}"])
    assert statements(lambda: world.alice.get(path)) == one


def test_one_item_costs_a_constant_number_of_statements(world: World) -> None:
    story = world.make(tags=["red"])
    few = statements(lambda: world.alice.get(f"/userstories/{story['id']}"))
    for _number in range(20):
        world.make()
    assert statements(lambda: world.alice.get(f"/userstories/{story['id']}")) == few <= 9


def test_a_change_of_status_with_a_comment_takes_few_statements(world: World) -> None:
    story = world.make(tags=["red"])
    world.alice.patch(f"/userstories/{story['id']}", {"version": 1, "comment": "warm", "status": world.status("ready")})
    asked = asked_to_finish(world, story["id"], version=2)
    assert len(asked) < 17, "\n".join(asked)


def test_to_ring_a_bell_takes_three_statements_more_and_fewer_than_twenty_in_all(world: World) -> None:
    heard, silent = world.make(tags=["red"]), world.make(tags=["red"])
    world.bob.post(f"/userstories/{heard['id']}/watch")
    for story in (heard, silent):
        world.alice.patch(f"/userstories/{story['id']}", {"version": 1, "comment": "warm"})
    more, few = (asked_to_finish(world, story["id"], version=2) for story in (heard, silent))
    assert len(world.bob.get("/web-notifications").json()["objects"]) == 2
    assert len(more) == len(few) + 3 < 20, "\n".join(more)


def asked_to_finish(world: World, story: int, *, version: int) -> list[str]:
    """The statements of a change of status with a comment."""
    body = {"version": version, "status": world.status("done"), "comment": "shipped"}
    with CaptureQueriesContext(connection) as captured:
        assert world.alice.patch(f"/userstories/{story}", body).status_code == 200
    return [one["sql"] for one in captured if not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]


def test_a_thousand_stories_in_bulk_are_one_transaction_of_few_statements(world: World) -> None:
    body = {"project_id": world.project.pk, "bulk_stories": "\n".join(f"Story {n}" for n in range(1000))}
    with CaptureQueriesContext(connection) as captured:
        reply = world.alice.post("/userstories/bulk_create", body)
    assert (reply.status_code, len(reply.json())) == (200, 1000)
    assert WorkItem.objects.filter(project=world.project).count() == 1000
    assert len(captured) < 120


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has one writer at a time")
def test_a_new_thread_makes_its_queries_while_somebody_writes(shared_world: World) -> None:
    """Whoever waited for the writer there might be what the writer waits for."""

    def query() -> str:
        try:
            return str(Vote.objects.values(told=JSONObject(id="user_id")).query)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads, writing():
        Vote.objects.create(item_id=shared_world.make()["id"], user=shared_world.bob.user)
        assert "JSON_OBJECT" in threads.submit(query).result(timeout=10)
