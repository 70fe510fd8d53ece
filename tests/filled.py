"""A project with something of everything: for each filter and order there are items of each sort, and some without."""

import random
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from taiga.projects.models import Role
from tests.world import Caller, join, person, project_of

KINDS = ("epics", "userstories", "tasks", "issues")
STATUSES = {
    "epics": "epic_statuses",
    "userstories": "us_statuses",
    "tasks": "task_statuses",
    "issues": "issue_statuses",
}
OF_EACH = 12
SUBJECTS = ("Same", "same", "Älpha", "beta one", "=1+1", "zeta #1")
TEXTS = ("", "words here", "see #1\n\n# Head")
TAGS: tuple[list[Any], ...] = ([], ["red"], ["red", ["blue", "#00f"]], ["a b", "ünï"])
DAYS = (None, "2020-01-31", "2999-12-31")
ALL = {"x_disable_pagination": "1"}


class Filled:
    """Alice owns the project, Bob works in it, Carol has nothing to do with it; always the same."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        users = [person(name) for name in ("alice", "bob", "carol")]
        self.alice, self.bob, self.carol = (Caller(user) for user in users)
        self.project = project_of(users[0], is_private=True)
        self.role: Role = join(users[1], self.project).role
        self.people = [users[0].pk, users[1].pk]
        for number in (1, 2, 3):
            days = {"estimated_start": f"2026-0{number}-01", "estimated_finish": f"2026-0{number}-20"}
            self.make("milestones", name=f"Sprint {number}", **days)
        for name in ("Soon", "Later"):
            self.make("swimlanes", name=name)
        self.shown = self.alice.get(f"/projects/{self.project.pk}").json()
        for kind in KINDS:
            for number in range(OF_EACH):
                self.make(kind, subject=SUBJECTS[number % len(SUBJECTS)], **self.fields(kind))
        self.surround()

    def make(self, path: str, **fields: Any) -> int:
        reply = self.alice.post(f"/{path}", {"project": self.project.pk, **fields})
        assert reply.status_code == 201, reply.content
        key: int = reply.json().get("id", 0)
        return key

    def rows(self, kind: str, query: str = "", by: Caller | None = None) -> list[dict[str, Any]]:
        """A whole list of the project."""
        reply = (by or self.alice).get(f"/{kind}?project={self.project.pk}{query}", **ALL)
        assert reply.status_code == 200, (query, reply.content)
        found: list[dict[str, Any]] = reply.json()
        return found

    def one(self, name: str) -> int:
        """The id of one of the project's values."""
        key: int = self.chance.choice(self.shown[name])["id"]
        return key

    def maybe(self, name: str) -> int | None:
        return self.chance.choice((self.one(name), None))

    def fields(self, kind: str) -> dict[str, Any]:
        """What can be said of an item, at random."""
        known: dict[str, Any] = {
            "description": self.chance.choice(TEXTS),
            "status": self.one(STATUSES[kind]),
            "assigned_to": self.chance.choice((*self.people, None)),
            "tags": self.chance.choice(TAGS),
            "is_blocked": self.chance.random() < 0.5,
            "blocked_note": "*why*",
        }
        if kind != "epics":
            known |= {"due_date": self.chance.choice(DAYS), "milestone": self.maybe("milestones")}
        return known | self.more.get(kind, dict)()

    @property
    def more(self) -> dict[str, Callable[[], dict[str, Any]]]:
        """What only one kind has."""
        return {
            "userstories": lambda: {
                "swimlane": self.maybe("swimlanes"),
                "assigned_users": self.chance.sample(self.people, self.chance.randrange(3)),
                "points": {str(role["id"]): self.one("points") for role in self.shown["roles"] if role["computable"]},
                "team_requirement": self.chance.random() < 0.5,
            },
            "tasks": lambda: {"is_iocaine": self.chance.random() < 0.5},
            "issues": lambda: {
                "type": self.one("issue_types"),
                "severity": self.one("severities"),
                "priority": self.one("priorities"),
            },
        }

    def surround(self) -> None:
        """Relations, watchers, votes, files, comments and pages."""
        for epic in self.rows("epics")[:4]:
            for story in self.chance.sample(self.rows("userstories"), 3):
                self.make(f"epics/{epic['id']}/related_userstories", epic=epic["id"], user_story=story["id"])
        for kind in KINDS:
            for row in self.rows(kind)[::2]:
                path = f"/{kind}/{row['id']}"
                for caller in self.chance.sample((self.alice, self.bob), self.chance.randrange(3)):
                    assert caller.post(f"{path}/upvote").status_code == 200
                    assert caller.post(f"{path}/watch").status_code == 200
                assert self.bob.patch(path, {"comment": "hm", "version": row["version"]}).status_code == 200
            file = SimpleUploadedFile("notes.txt", b"one small step")
            fields = {"project": self.project.pk, "object_id": row["id"], "attached_file": file}
            assert self.alice.upload(f"/{kind}/attachments", **fields).status_code == 201
        for slug in ("home", "away"):
            self.make("wiki", slug=slug, content="# Hello #1")
