"""A project of Alice's with Bob in it, and callers for them, for Carol, and for nobody."""

from dataclasses import dataclass
from typing import Any

import pytest

from taiga.projects.models import Project, UserStoryStatus
from tests.world import Caller, join, person, project_of

KINDS = ("epics", "userstories", "tasks", "issues")


@dataclass
class World:
    """The people and their project."""

    project: Project
    alice: Caller
    bob: Caller
    carol: Caller
    nobody: Caller

    def status(self, slug: str) -> int:
        return UserStoryStatus.objects.get(project=self.project, slug=slug).pk

    def make(self, kind: str = "userstories", **fields: Any) -> dict[str, Any]:
        body = {"project": self.project.pk, "subject": "A thing", **fields}
        reply = self.alice.post(f"/{kind}", body)
        assert reply.status_code == 201, reply.content
        made: dict[str, Any] = reply.json()
        return made


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def shared_world(transactional_db: None) -> World:
    """The same for tests whose threads have connections of their own."""
    return build()


def build() -> World:
    alice, bob = person("alice"), person("bob")
    project = project_of(alice)
    join(bob, project)
    return World(project, Caller(alice), Caller(bob), Caller(person("carol")), Caller())
