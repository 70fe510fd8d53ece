"""Writes the projects that the benchmarks read: `python -m bench.project FACTS` fills the database of the settings.

Everything that makes lists expensive is there: watchers, votes, estimates, tags, epics, attachments, custom values,
comments and history. The same arguments always give the same rows. What the benchmarks must know goes to FACTS.
"""

import json
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import django
from django.db import models

django.setup()

from taiga.auth import tokens  # noqa: E402
from taiga.base.database import writing  # noqa: E402
from taiga.changes.models import Change, ChangeType  # noqa: E402
from taiga.changes.record import Actor  # noqa: E402
from taiga.projects.models import (  # noqa: E402
    AssignedUser,
    Attachment,
    CustomAttribute,
    IssueType,
    Kind,
    Membership,
    Milestone,
    Points,
    Priority,
    Project,
    RelatedUserStory,
    Role,
    RolePoints,
    Severity,
    Status,
    Swimlane,
    Vote,
    Watch,
    WorkItem,
)
from taiga.projects.services import freezing, memberships, projects  # noqa: E402
from taiga.projects.services.kinds import KINDS  # noqa: E402
from taiga.server import start  # noqa: E402
from taiga.timeline.models import TimelineEntry  # noqa: E402
from taiga.users.models import User  # noqa: E402

WORDS = [
    *("login", "page", "board", "sprint", "report", "export", "import", "avatar", "search", "filter", "column", "card"),
    *("drag", "order", "email", "token", "role", "member", "invite", "upload", "thumbnail", "wiki", "link", "epic"),
    *("story", "task", "issue", "swimlane", "limit", "chart", "burndown", "webhook", "event", "cache", "index"),
    *(
        "migration",
        "backup",
        "restore",
        "audit",
        "session",
        "password",
        "reset",
        "locale",
        "theme",
        "mobile",
        "keyboard",
    ),
]
BEGIN = datetime(2025, 1, 6, 9, tzinfo=UTC)
MEMBERS = 20
TAGS = 30
BATCH = 1_000
SIZES = {"big": 5_000, "small": 1_000}
"""Stories of the two projects; what depends on their size shows in the difference."""
COLUMN = 10_000
"""Cards of the project that has all of them in one column."""

Rows = dict[type[models.Model], list[Any]]
M = TypeVar("M", bound=models.Model)


class Writer:
    """Makes one project, and keeps its rows until they are stored together."""

    def __init__(self, people: Sequence[User], name: str) -> None:
        self.pick = random.Random(name)
        self.people = people
        self.project = make_project(people, name)
        self.rows: Rows = {}
        self.refs = iter(range(1, 10**9))
        self.numbers = iter(range(self.project.last_change + 1, 10**9))
        mine: Any = {"project": self.project}
        self.statuses = {kind: list(Status.objects.filter(kind=kind, **mine)) for kind in Kind}
        self.points = list(Points.objects.filter(**mine))
        self.roles = list(Role.objects.filter(computable=True, **mine))
        self.lanes = [Swimlane.objects.create(name=f"Lane {number}", order=number, **mine) for number in range(1, 4)]
        self.sprints: list[Milestone] = []
        self.fields = {
            kind: [CustomAttribute.objects.create(kind=kind, name=f"Field {n}", order=n, **mine) for n in (1, 2)]
            for kind in Kind
        }

    def words(self, least: int, most: int) -> str:
        return " ".join(self.pick.choice(WORDS) for _ in range(self.pick.randint(least, most)))

    def keep(self, row: M) -> M:
        self.rows.setdefault(type(row), []).append(row)
        return row

    def store(self) -> None:
        """Stories first, then other items, then what hangs on them."""
        items = self.rows.pop(WorkItem, [])
        for are_stories in (True, False):
            part = [item for item in items if (item.kind == Kind.USERSTORY) == are_stories]
            WorkItem.objects.bulk_create(part, batch_size=BATCH)
        for model, rows in self.rows.items():
            model._default_manager.bulk_create(rows, batch_size=BATCH)
        self.rows.clear()

    def item(self, kind: Kind, minute: int, **more: Any) -> WorkItem:
        pick, status = self.pick, self.pick.choice(self.statuses[kind])
        at = BEGIN + timedelta(minutes=minute)
        subject = self.words(3, 9).capitalize()
        return self.keep(
            WorkItem(
                kind=kind,
                project=self.project,
                ref=next(self.refs),
                subject=subject,
                description="\n\n".join(self.words(10, 60) for _ in range(2)),
                owner=pick.choice(self.people),
                assigned_to=pick.choice([None, *self.people]),
                status=status,
                is_blocked=pick.random() < 0.03,
                tags=[f"tag{number}" for number in pick.sample(range(TAGS), pick.randint(0, 3))],
                created_date=at,
                modified_date=at + timedelta(minutes=5),
                attributes_values={str(field.pk): self.words(1, 3) for field in self.fields[kind]},
                finished_date=at if status.is_closed and kind != Kind.EPIC else None,
                **more,
            )
        )

    def story(self, number: int, sprint: Milestone | None) -> WorkItem:
        order = 1_735_000_000_000_000 + number * 1_000
        more = {"backlog_order": order, "sprint_order": order, "kanban_order": order}
        lane = self.pick.choice([None, *self.lanes])
        story = self.item(Kind.USERSTORY, number, milestone=sprint, swimlane=lane, **more)
        story.is_closed = story.status.is_closed
        return story

    def sprint(self, number: int) -> Milestone:
        begin = (BEGIN + timedelta(days=14 * number)).date()
        return Milestone.objects.create(
            name=f"Sprint {number + 1}",
            slug=f"sprint-{number + 1}",
            owner=self.people[0],
            project=self.project,
            estimated_start=begin,
            estimated_finish=begin + timedelta(days=14),
            order=number + 1,
        )

    def fill(self, stories: int) -> None:
        """Two tasks for each story, an issue for every other one, and an epic of ten stories for every fiftieth."""
        self.sprints = [self.sprint(number) for number in range(max(1, stories // 80))]
        for number in range(stories):
            sprint = self.pick.choice([None, *self.sprints])
            story = self.story(number, sprint)
            for place in (1, 2):
                self.item(Kind.TASK, number, milestone=sprint, user_story=story, us_order=place, taskboard_order=number)
            if number % 2:
                self.issue(number)
        for number in range(max(1, stories // 50)):
            self.item(Kind.EPIC, number, epics_order=number + 1, color=f"#{self.pick.randrange(2**24):06x}")
        made = self.rows[WorkItem]
        self.store()
        for item in made:
            self.surround(item)
        self.relate(made)
        self.store()
        Project.objects.filter(pk=self.project.pk).update(
            last_ref=next(self.refs) - 1, last_change=next(self.numbers) - 1
        )

    def issue(self, number: int) -> WorkItem:
        values: Any = {"project": self.project}
        lists = {"type": IssueType, "severity": Severity, "priority": Priority}
        if not hasattr(self, "issue_values"):
            self.issue_values = {name: list(model._default_manager.filter(**values)) for name, model in lists.items()}
        return self.item(Kind.ISSUE, number, **{name: self.pick.choice(of) for name, of in self.issue_values.items()})

    def surround(self, item: WorkItem) -> None:
        """What hangs on an item."""
        pick, mine = self.pick, {"item": item}
        self.changes(item)
        for user in pick.sample(self.people, 2):
            self.keep(Watch(project=self.project, user=user, **mine))
        for user in pick.sample(self.people, pick.choice([0, 0, 0, 1, 3])):
            self.keep(Vote(user=user, **mine))
        if pick.random() < 0.1:
            for name in ("plan.pdf", "view.png"):
                path = f"attachments/{item.ref:x}/{name}"
                file = {"name": name, "attached_file": path, "size": 30_000, "owner": item.owner}
                self.keep(Attachment(project=self.project, **file, **mine))
        if item.kind == Kind.USERSTORY:
            for role in self.roles:
                self.keep(RolePoints(user_story=item, role=role, points=pick.choice(self.points)))
            for user in pick.sample(self.people, pick.choice([0, 0, 1, 2])):
                self.keep(AssignedUser(user_story=item, user=user))

    def changes(self, item: WorkItem) -> None:
        """Its creation, a change of status, and two comments on every fourth item."""
        model = KINDS[Kind(item.kind)].model
        item.__class__ = model  # whose kind the history goes by
        self.change(item, model, ChangeType.CREATE, snapshot=freezing.freeze(item))
        status = self.pick.choice(self.statuses[Kind(item.kind)])
        self.change(item, model, ChangeType.CHANGE, diff={"status": [status.pk, item.status_id]})
        for _ in range(2 if self.pick.random() < 0.25 else 0):
            text = self.words(5, 30)
            self.change(item, model, ChangeType.CHANGE, comment=text, comment_html=f"<p>{text}</p>")

    def change(self, item: WorkItem, model: Any, type: ChangeType, **more: Any) -> None:
        by = self.pick.choice(self.people)
        change = Change(
            project=self.project,
            number=next(self.numbers),
            kind=model.type_key,
            object_id=item.pk,
            ref=item.ref,
            type=type,
            at=item.created_date,
            by=by,
            by_name=by.full_name,
            told_at=item.created_date,
            **more,
        )
        self.keep(change)
        self.keep(
            TimelineEntry(
                namespace=f"project:{self.project.pk}",
                event_type=f"{model.type_key}.{'create' if type == ChangeType.CREATE else 'change'}",
                project=self.project,
                data={"user": {"id": by.pk}, "project": {"id": self.project.pk}, "values_diff": change.diff},
                created=item.created_date,
            )
        )

    def relate(self, items: Sequence[WorkItem]) -> None:
        """Ten stories for each epic."""
        stories = [item for item in items if item.kind == Kind.USERSTORY]
        for epic in items:
            if epic.kind == Kind.EPIC:
                for place, story in enumerate(self.pick.sample(stories, min(10, len(stories))), start=1):
                    self.keep(RelatedUserStory(epic=epic, user_story=story, order=place))

    def fill_column(self, cards: int) -> None:
        """Stories and nothing else, all in one cell of the board."""
        status = self.statuses[Kind.USERSTORY][0]
        for number in range(cards):
            story = self.story(number, None)
            story.status, story.is_closed, story.finished_date = status, False, None
            story.swimlane, story.kanban_order = None, number + 1
        self.store()
        Project.objects.filter(pk=self.project.pk).update(last_ref=next(self.refs) - 1)

    def facts(self) -> dict[str, Any]:
        """What the benchmarks ask for."""
        items = WorkItem.objects.filter(project=self.project)
        stories = items.filter(kind=Kind.USERSTORY).order_by("backlog_order", "ref")
        ids = list(stories.values_list("id", flat=True))
        return {
            "id": self.project.pk,
            "slug": self.project.slug,
            "stories": ids,
            "sprints": [sprint.pk for sprint in self.sprints],
            "statuses": {kind.value: [status.pk for status in self.statuses[kind]] for kind in Kind},
            "lanes": [lane.pk for lane in self.lanes],
        }


def make_people() -> Iterator[User]:
    """Nobody of them can log in; the benchmarks have a token of the first."""
    for number in range(MEMBERS):
        user = User(username=f"member{number}", email=f"member{number}@example.com", full_name=f"Member No {number}")
        user.read_new_terms = True
        user.set_unusable_password()
        user.save()
        yield user


def make_project(people: Sequence[User], name: str) -> Project:
    """Empty, with all modules and its members."""
    project = projects.create(name=name, description=f"The {name} project", by=Actor(people[0]))
    project.is_kanban_activated = project.is_epics_activated = True
    pick = random.Random(name)
    project.tags_colors = [[f"tag{number}", f"#{pick.randrange(2**24):06x}"] for number in range(TAGS)]
    project.save(update_fields=["is_kanban_activated", "is_epics_activated", "tags_colors"])
    roles = list(project.roles.all())
    rows = [Membership(project=project, user=user, email=user.email, role=pick.choice(roles)) for user in people[1:]]
    memberships.set_up_members(Membership.objects.bulk_create(rows))
    Change.objects.filter(project=project).update(told_at=BEGIN)
    project.refresh_from_db()
    return project


def make() -> dict[str, Any]:
    """Everything, in one transaction."""
    start.prepare()
    with writing():
        people = list(make_people())
        facts: dict[str, Any] = {"token": tokens.issue(tokens.ACCESS, people[0].pk), "user": people[0].pk}
        for name, stories in SIZES.items():
            writer = Writer(people, f"{name} project")
            writer.fill(stories)
            facts[name] = writer.facts()
        writer = Writer(people, "one column")
        writer.fill_column(COLUMN)
        facts["column"] = writer.facts()
    return facts


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(make()), encoding="utf-8")
