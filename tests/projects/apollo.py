"""Alice's project as these tests use it: who asks, what is made by asking, and what open boards hear."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from taiga.events.messages import Message
from taiga.projects.models import Project, UserStory
from tests.world import Caller, join, person, project_of

Json = dict[str, Any]
SPRINT = {"estimated_start": "2130-01-01", "estimated_finish": "2130-01-15"}


class Apollo:
    """Alice owns the project and Bob works in it; Carol is an outsider with a project of her own."""

    def __init__(self, **more: Any) -> None:
        self.alice, self.bob, self.carol = (Caller(person(name)) for name in ("alice", "bob", "carol"))
        self.nobody = Caller()
        self.project: Project = project_of(self.alice.user, **more)
        self.other: Project = project_of(self.carol.user, "Soyuz")
        join(self.bob.user, self.project)

    def superuser(self) -> Caller:
        return Caller(person("root", is_superuser=True))

    def made(self, path: str, **fields: Any) -> Json:
        """What a POST to a list of the project made."""
        reply = self.alice.post(path, {"project": self.project.pk, **fields})
        assert reply.status_code == 201, reply.content
        found: Json = reply.json()
        return found

    def story(self, subject: Any = "S", **fields: Any) -> Json:
        return self.made("/userstories", subject=subject, **fields)

    def task(self, subject: Any = "T", **fields: Any) -> Json:
        return self.made("/tasks", subject=subject, **fields)

    def issue(self, subject: Any = "I", **fields: Any) -> Json:
        return self.made("/issues", subject=subject, **fields)

    def sprint(self, name: str = "Sprint", **fields: Any) -> Json:
        return self.made("/milestones", name=name, **{**SPRINT, **fields})

    def lane(self, name: str) -> Json:
        return self.made("/swimlanes", name=name)

    def listed(self, path: str, **headers: str) -> list[Json]:
        """A list of the project, whole."""
        mark = "&" if "?" in path else "?"
        reply = self.alice.get(f"{path}{mark}project={self.project.pk}", **{"X_Disable_Pagination": "1", **headers})
        assert reply.status_code == 200, reply.content
        found: list[Json] = reply.json()
        return found

    def named(self, path: str, name: str) -> int:
        """The id of a value of one of the project's lists."""
        found: int = next(row["id"] for row in self.listed(path) if row["name"] == name)
        return found

    def shown(self, path: str) -> Json:
        reply = self.alice.get(path)
        assert reply.status_code == 200, reply.content
        found: Json = reply.json()
        return found

    def stories(self) -> list[UserStory]:
        """All of them as they stand on the kanban board."""
        return list(UserStory.objects.filter(project=self.project).order_by("kanban_order", "pk"))

    def block(self) -> None:
        Project.objects.filter(pk=self.project.pk).update(blocked_code="blocked-by-staff")

    def archive(self) -> None:
        Project.objects.filter(pk=self.project.pk).update(archived_code="archived-by-staff")


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many queries the block makes; the statements that are compiled once must have been run before."""
    count: list[int] = []
    with CaptureQueriesContext(connection) as captured:
        yield count
    count.append(len(captured))


@contextmanager
def heard() -> Iterator[list[Any]]:
    """What open boards hear of the block: subject, what happened, to what kind of thing, and its id or ids."""
    told: list[Any] = []

    def push_many(pushed: Iterable[Message]) -> None:
        told.extend(
            (one.routing_key.rpartition(".")[2], one.data["type"], one.data["matches"], one.data["pk"])
            for one in pushed
        )

    with pytest.MonkeyPatch.context() as patch, TestCase.captureOnCommitCallbacks(execute=True):
        patch.setattr("taiga.events.broadcast.push_many", push_many)
        yield told
