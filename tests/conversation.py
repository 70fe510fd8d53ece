"""Conversations at random: people who ask for what they may, for what they may not, and for what nobody can have."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from taiga.projects.models import (
    Epic,
    EpicStatus,
    Issue,
    IssueStatus,
    Kind,
    Milestone,
    Points,
    RelatedUserStory,
    Role,
    Swimlane,
    Task,
    TaskStatus,
    UserStory,
    UserStoryStatus,
    WorkItem,
)
from tests.world import Caller, join, person, project_of

Asked = tuple[str, str, Any]
"""Method, address and body of a request."""
MODELS: dict[str, Any] = {"epics": Epic, "userstories": UserStory, "tasks": Task, "issues": Issue}
STATUSES: dict[str, Any] = {
    "epics": EpicStatus,
    "userstories": UserStoryStatus,
    "tasks": TaskStatus,
    "issues": IssueStatus,
}
PATHS: dict[str, str] = {Kind.EPIC: "epics", Kind.USERSTORY: "userstories", Kind.TASK: "tasks", Kind.ISSUE: "issues"}
BULK = {"epics": "epics", "userstories": "stories", "tasks": "tasks", "issues": "issues"}
KEYS = {"userstories": "us_id", "tasks": "task_id", "issues": "issue_id"}
SPEAKERS = ("alice", "alice", "alice", "bob", "bob", "carol", "nobody")
TEXTS = ("alpha", "beta gamma", "Größe", "@bob, see #3", "**b** o'neil", "x" * 40)
TAGS = ("red", "Green", "a b", "it's", ["blue", "#00f"], ["red", None])
NONSENSE: tuple[Any, ...] = (None, "x", 0, -1, 10**6, 2**70, [], {}, True, 1.5)


@dataclass(frozen=True)
class Said:
    """One request and its answer."""

    who: str
    method: str
    path: str
    body: Any
    answer: Any

    @property
    def refused(self) -> bool:
        return bool(self.answer.status_code >= 400)


class Conversation:
    """Alice owns a project, Bob works in it, Carol has another one; the same seed gives the same conversation."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
        self.people = [alice.pk, bob.pk, carol.pk]
        self.callers = {"alice": Caller(alice), "bob": Caller(bob), "carol": Caller(carol), "nobody": Caller()}
        self.project, self.other = project_of(alice), project_of(carol, "Borealis")
        join(bob, self.project)
        self.requests: tuple[Callable[[], Asked], ...] = (
            *(self.make, self.make_several, self.change, self.change, self.change, self.remove, self.say),
            *(self.drag_in_backlog, self.drag_on_kanban, self.drag_on_taskboard, self.move_to_sprint),
            *(self.vote_or_watch, self.relate, self.promote, self.fill, self.colour, self.allow),
            *(self.edit_status, self.edit_status, self.replace_status, self.set_up_lane, self.plan_sprint),
            *(self.estimate_for, self.replace_points),
        )
        for caller, project in ((self.callers["alice"], self.project), (self.callers["carol"], self.other)):
            self.begin(caller, project.pk)

    def begin(self, caller: Caller, project: int) -> None:
        """What a conversation can be about."""
        for number in range(2):
            days = {"estimated_start": f"2026-0{number + 1}-01", "estimated_finish": f"2026-0{number + 1}-20"}
            caller.post("/milestones", {"project": project, "name": f"Sprint {number}", **days})
        for path in MODELS:
            for text in TEXTS[:3]:
                body = {"project": project, "subject": text}
                if path == "tasks":
                    body["user_story"] = UserStory.objects.filter(project=project)[0].pk
                assert caller.post(f"/{path}", body).status_code == 201

    def go_on(self) -> Said:
        """Somebody asks for something."""
        who = self.chance.choice(SPEAKERS)
        method, path, body = self.chance.choice(self.requests)()
        if isinstance(body, dict) and body and self.chance.random() < 0.05:
            body[self.chance.choice(list(body))] = self.chance.choice(NONSENSE)
        return Said(who, method, path, body, self.callers[who].ask(method, path, body))

    def one(self, model: type[Model]) -> int:
        """The id of some row, mostly of the project."""
        rows = model._default_manager.order_by("pk").values_list("pk", flat=True)
        own = rows.filter(**{"epic__project" if model is RelatedUserStory else "project": self.project.pk})
        found: int = self.chance.choice(list(own if own and self.chance.random() < 0.9 else rows) or [0])
        return found

    def some(self, model: type[Model]) -> list[int]:
        """The ids of a few; one of them may be named twice."""
        return [self.one(model) for _number in range(self.chance.randint(1, 3))]

    def maybe(self, value: Any) -> Any:
        """The value, or null."""
        return self.chance.choice((value, value, None))

    def words(self) -> str:
        return self.chance.choice(TEXTS)

    def kind(self) -> str:
        return self.chance.choice(list(MODELS))

    def fields(self, path: str) -> dict[str, Any]:
        """A few of what can be said of an item."""
        known: dict[str, Callable[[], Any]] = {
            "subject": self.words,
            "description": self.words,
            "status": lambda: self.one(STATUSES[path]),
            "assigned_to": lambda: self.maybe(self.chance.choice(self.people)),
            "tags": lambda: self.chance.sample(TAGS, 2),
            "is_blocked": lambda: self.chance.random() < 0.5,
            "comment": self.words,
        }
        if path != "epics":
            known["milestone"] = lambda: self.maybe(self.one(Milestone))
            known["due_date"] = lambda: self.maybe("2026-02-03")
        if path == "userstories":
            known["swimlane"] = lambda: self.maybe(self.one(Swimlane))
            known["backlog_order"] = lambda: self.chance.randint(1, 4)
            known["assigned_users"] = lambda: self.chance.sample(self.people, 2)
            known["points"] = lambda: {str(self.one(Role)): self.one(Points)}
        if path == "tasks":
            known["user_story"] = lambda: self.maybe(self.one(UserStory))
            known["taskboard_order"] = lambda: self.chance.randint(1, 4)
        return {name: known[name]() for name in self.chance.sample(list(known), self.chance.randint(1, 4))}

    def make(self) -> Asked:
        path = self.kind()
        return "POST", f"/{path}", {"project": self.project.pk, "subject": self.words(), **self.fields(path)}

    def make_several(self) -> Asked:
        path = self.kind()
        body = {
            "project_id": self.project.pk,
            f"bulk_{BULK[path]}": "one\n\n two ",
            "status_id": self.one(STATUSES[path]),
        }
        return "POST", f"/{path}/bulk_create", body | ({"milestone_id": self.one(Milestone)} if path == "tasks" else {})

    def change(self) -> Asked:
        path = self.kind()
        item = WorkItem.objects.filter(pk=self.one(MODELS[path])).first()
        version = item.version - (self.chance.random() < 0.1) if item else 1
        return "PATCH", f"/{path}/{item.pk if item else 0}", {**self.fields(path), "version": version}

    def remove(self) -> Asked:
        path = self.kind()
        return "DELETE", f"/{path}/{self.one(MODELS[path])}", None

    def say(self) -> Asked:
        path = self.kind()
        item = WorkItem.objects.filter(pk=self.one(MODELS[path])).first()
        return "PATCH", f"/{path}/{item.pk if item else 0}", {"comment": self.words(), "version": item and item.version}

    def drag_in_backlog(self) -> Asked:
        place = self.chance.choice(("after_userstory_id", "before_userstory_id"))
        body = {
            "project_id": self.project.pk,
            "bulk_userstories": self.some(UserStory),
            place: self.maybe(self.one(UserStory)),
        }
        return (
            "POST",
            "/userstories/bulk_update_backlog_order",
            {**body, "milestone_id": self.maybe(self.one(Milestone))},
        )

    def drag_on_kanban(self) -> Asked:
        body = {"project_id": self.project.pk, "status_id": self.one(UserStoryStatus)}
        return "POST", "/userstories/bulk_update_kanban_order", {**body, "bulk_userstories": self.some(UserStory)}

    def drag_on_taskboard(self) -> Asked:
        tasks = [{"task_id": key, "order": self.chance.randint(1, 4)} for key in self.some(Task)]
        return "POST", "/tasks/bulk_update_taskboard_order", {"project_id": self.project.pk, "bulk_tasks": tasks}

    def move_to_sprint(self) -> Asked:
        path = self.chance.choice(list(KEYS))
        items = [{KEYS[path]: key, "order": self.chance.randint(1, 4)} for key in self.some(MODELS[path])]
        body = {"project_id": self.project.pk, "milestone_id": self.one(Milestone), f"bulk_{BULK[path]}": items}
        address = (f"/{path}/bulk_update_milestone", f"/milestones/{self.one(Milestone)}/move_{path}_to_sprint")
        return "POST", self.chance.choice(address), body

    def vote_or_watch(self) -> Asked:
        path, action = self.kind(), self.chance.choice(("upvote", "downvote", "watch", "unwatch"))
        return "POST", f"/{path}/{self.one(MODELS[path])}/{action}", None

    def relate(self) -> Asked:
        epic, story = self.one(Epic), self.one(UserStory)
        return "POST", f"/epics/{epic}/related_userstories", {"epic": epic, "user_story": story}

    def promote(self) -> Asked:
        path = self.chance.choice(("tasks", "issues"))
        return "POST", f"/{path}/{self.one(MODELS[path])}/promote_to_user_story", {"project_id": self.project.pk}

    def fill(self) -> Asked:
        path = self.kind()
        return (
            "PATCH",
            f"/{path}/custom-attributes-values/{self.one(MODELS[path])}",
            {"attributes_values": {}, "version": 1},
        )

    def colour(self) -> Asked:
        action = self.chance.choice(("create_tag", "edit_tag", "delete_tag"))
        name = self.chance.choice(("red", "green", "blue"))
        body = {"from_tag": name, "to_tag": self.words()} if action == "edit_tag" else {"tag": name, "color": "#fff"}
        return "POST", f"/projects/{self.project.pk}/{action}", body

    def allow(self) -> Asked:
        some = ["view_project", "view_us", "view_tasks", "modify_task", "add_us", "comment_us", "view_milestones"]
        return "PATCH", f"/roles/{self.one(Role)}", {"permissions": self.chance.sample(some, 5)}

    def edit_status(self) -> Asked:
        path = self.chance.choice(("userstory", "task"))
        status = self.one(UserStoryStatus if path == "userstory" else TaskStatus)
        return "PATCH", f"/{path}-statuses/{status}", {"is_closed": self.chance.random() < 0.5}

    def replace_status(self) -> Asked:
        path = self.chance.choice(("userstory", "task", "issue"))
        model = {"userstory": UserStoryStatus, "task": TaskStatus, "issue": IssueStatus}[path]
        return "DELETE", f"/{path}-statuses/{self.one(model)}?moveTo={self.one(model)}", None

    def estimate_for(self) -> Asked:
        return "PATCH", f"/roles/{self.one(Role)}", {"computable": self.chance.random() < 0.5}

    def replace_points(self) -> Asked:
        return "DELETE", f"/points/{self.one(Points)}?moveTo={self.one(Points)}", None

    def set_up_lane(self) -> Asked:
        if self.chance.random() < 0.7:
            return "POST", "/swimlanes", {"project": self.project.pk, "name": self.words()}
        return "DELETE", f"/swimlanes/{self.one(Swimlane)}?moveTo={self.one(Swimlane)}", None

    def plan_sprint(self) -> Asked:
        if self.chance.random() < 0.3:
            return "DELETE", f"/milestones/{self.one(Milestone)}", None
        days = {"estimated_start": "2026-03-01", "estimated_finish": self.chance.choice(("2026-03-09", "2026-01-01"))}
        return "POST", "/milestones", {"project": self.project.pk, "name": self.words(), **days}
