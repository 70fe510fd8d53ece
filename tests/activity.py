"""A project in which things happen: Alice owns it, Bob works in it, Carol has nothing to do with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from taiga.base import jobs
from taiga.events import broadcast
from taiga.projects.models import Project
from tests.world import Caller, join, person, project_of

COLLECTIONS = {"epic": "epics", "userstory": "userstories", "task": "tasks", "issue": "issues", "wiki": "wiki"}


class Apollo:
    """The project, and its people as callers of the API."""

    def __init__(self, **more: Any) -> None:
        self.users = {name: person(name) for name in ("alice", "bob", "carol")}
        self.alice, self.bob, self.carol = (Caller(user) for user in self.users.values())
        self.nobody = Caller()
        self.project: Project = project_of(self.users["alice"], is_private=True, **more)
        join(self.users["bob"], self.project)

    def id(self, name: str) -> int:
        """The id of somebody."""
        return self.users[name].pk

    def status(self, kind: str, slug: str) -> int:
        """The id of a status."""
        found = self.alice.get(f"/projects/{self.project.pk}").json()[f"{kind}_statuses"]
        key: int = next(status["id"] for status in found if status["slug"] == slug)
        return key

    def role(self) -> int:
        """The id of some role."""
        return self.project.roles.values_list("pk", flat=True)[0]

    def make(self, kind: str, by: Caller | None = None, **body: Any) -> int:
        """A new object of a kind; returns its id."""
        words = {"slug": "home", "content": ""} if kind == "wiki" else {"subject": "Build a rocket"}
        reply = (by or self.alice).post(f"/{COLLECTIONS[kind]}", {"project": self.project.pk, **words, **body})
        assert reply.status_code == 201, reply.content
        key: int = reply.json()["id"]
        return key

    def change(self, kind: str, key: int, by: Caller | None = None, **body: Any) -> Any:
        """Change an object, whatever its version is."""
        address = f"/{COLLECTIONS[kind]}/{key}"
        version = self.alice.get(address).json()["version"]
        reply = (by or self.alice).patch(address, {"version": version, **body})
        assert reply.status_code == 200, reply.content
        return reply.json()

    def history(self, kind: str, key: int, query: str = "", by: Caller | None = None) -> list[Any]:
        """The entries of an object, newest first."""
        reply = (by or self.alice).get(f"/history/{kind}/{key}{query}")
        assert reply.status_code == 200, reply.content
        entries: list[Any] = reply.json()
        return entries

    def timeline(self, by: Caller | None = None, query: str = "") -> list[Any]:
        """The rows of the project's timeline, newest first."""
        reply = (by or self.alice).get(f"/timeline/project/{self.project.pk}{query}")
        assert reply.status_code == 200, reply.content
        rows: list[Any] = reply.json()
        return rows

    def rings(self, by: Caller) -> list[tuple[int, str | None]]:
        """What somebody's bell tells: types and subjects, newest first."""
        return [
            (ring["event_type"], ring["data"].get("obj", {}).get("subject"))
            for ring in by.get("/web-notifications").json()["objects"]
        ]


@contextmanager
def working() -> Iterator[None]:
    """What the block leaves for after the commit is done, and then the work of the worker."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield
    with TestCase.captureOnCommitCallbacks(execute=True):
        jobs.work_off()


@contextmanager
def heard(monkeypatch: Any) -> Iterator[list[tuple[str, Any]]]:
    """The messages of the live channel: routing keys and data."""
    messages: list[tuple[str, Any]] = []

    def keep(pushed: Any) -> None:
        messages.extend((message.routing_key, message.data) for message in pushed)

    monkeypatch.setattr(broadcast, "push_many", keep)
    yield messages


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the block sends to the database."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    statements.extend(query["sql"] for query in captured.captured_queries)
