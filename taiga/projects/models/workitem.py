"""Epics, user stories, tasks and issues: one table, four proxies."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from taiga.base import clock
from taiga.base.fields import TextListField
from taiga.projects.models.attributes import IssueType, Kind, OfKind, Points, Priority, Severity, Status, Swimlane
from taiga.projects.models.membership import Role
from taiga.projects.models.milestone import Milestone
from taiga.projects.models.project import Project

NULLABLE: dict[str, Any] = {"null": True, "blank": True}


def person(related_name: str, **more: Any) -> Any:
    """A foreign key to a user that becomes null when the account is deleted."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name=related_name, **NULLABLE, **more
    )


def value(model: Any, **more: Any) -> Any:
    """A foreign key to a value of one of the project's lists that becomes null when the value is deleted."""
    return models.ForeignKey(model, on_delete=models.SET_NULL, related_name="items", **NULLABLE, **more)


def rarely(name: str) -> models.Index:
    """A partial index of a column that is null in most rows."""
    return models.Index(fields=[name], name=f"item_{name}"[:30], condition=Q(**{f"{name}__isnull": False}))


def only(kind: Kind, **empty: Any) -> Q:
    """A condition: only rows of this kind use these columns; others leave them at the given empty values."""
    return Q(kind=kind) | Q(**empty)


class WorkItem(models.Model):
    """A work item of any kind: first the columns that all kinds share, then those of some kinds (guarded by the
    constraints below).

    No index contains `kanban_order`, and on PostgreSQL pages are left half empty, so that a whole column of a board is
    renumbered without touching any index (docs/performance.md). Columns with `db_index=False` lead one of the indexes
    below.
    """

    type_key: ClassVar[str]
    ANNOTATIONS_FOR_UPDATE: ClassVar = {"sprint_is_closed": F("milestone__closed")}
    """Expressions that are read together with an item that is to be changed."""
    sprint_is_closed: bool | None = None

    kind = models.CharField(max_length=9, choices=Kind)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="items", db_index=False)
    ref = models.BigIntegerField()
    subject = models.TextField()
    description = models.TextField(blank=True, default="")
    owner = person("owned_items")
    assigned_to = person("assigned_items", db_index=False)
    status = value(Status)
    is_blocked = models.BooleanField(default=False)
    blocked_note = models.TextField(blank=True, default="")
    tags = TextListField(default=list, null=True, blank=True)
    external_reference = TextListField(null=True, blank=True)
    version = models.IntegerField(default=1)
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)
    attributes_values = models.JSONField(default=dict)
    attributes_version = models.IntegerField(default=1)
    unrecorded = models.JSONField(null=True, editable=False)
    """The values of fields before they changed without a history entry; the item's next entry includes them."""

    milestone = value(Milestone, db_index=False)
    is_closed = models.BooleanField(default=False)
    finished_date = models.DateTimeField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    due_date_reason = models.TextField(blank=True, default="")

    color = models.CharField(max_length=32, blank=True, default="")
    epics_order = models.BigIntegerField(default=0)
    client_requirement = models.BooleanField(default=False)
    team_requirement = models.BooleanField(default=False)

    swimlane = value(Swimlane)
    backlog_order = models.BigIntegerField(default=0)
    sprint_order = models.BigIntegerField(default=0)
    kanban_order = models.BigIntegerField(default=0)
    generated_from_issue = models.ForeignKey(
        "self", on_delete=models.SET_NULL, related_name="stories_from_issue", db_index=False, **NULLABLE
    )
    generated_from_task = models.ForeignKey(
        "self", on_delete=models.SET_NULL, related_name="stories_from_task", db_index=False, **NULLABLE
    )
    from_task_ref = models.TextField(null=True, blank=True)
    tribe_gig = models.JSONField(null=True, blank=True)

    user_story = models.ForeignKey("self", on_delete=models.CASCADE, related_name="tasks", db_index=False, **NULLABLE)
    us_order = models.BigIntegerField(default=0)
    taskboard_order = models.BigIntegerField(default=0)
    is_iocaine = models.BooleanField(default=False)

    type = value(IssueType, db_index=False)
    severity = value(Severity, db_index=False)
    priority = value(Priority, db_index=False)

    class Meta:
        ordering = ("project", "kind", "ref")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "ref"], name="item_ref"),
            models.CheckConstraint(condition=only(Kind.EPIC, color="", epics_order=0), name="item_epic_columns"),
            models.CheckConstraint(
                condition=only(
                    Kind.USERSTORY,
                    swimlane__isnull=True,
                    backlog_order=0,
                    sprint_order=0,
                    kanban_order=0,
                    generated_from_issue__isnull=True,
                    generated_from_task__isnull=True,
                    from_task_ref__isnull=True,
                ),
                name="item_story_columns",
            ),
            models.CheckConstraint(
                condition=only(Kind.TASK, user_story__isnull=True, us_order=0, taskboard_order=0, is_iocaine=False),
                name="item_task_columns",
            ),
            models.CheckConstraint(
                condition=only(Kind.ISSUE, type__isnull=True, severity__isnull=True, priority__isnull=True),
                name="item_issue_columns",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.EPIC) | Q(milestone__isnull=True, due_date__isnull=True),
                name="item_epics_have_no_dates",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="item_version_counts_from_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project", "kind", "backlog_order", "ref"], name="item_backlog"),
            models.Index(
                fields=["project", "milestone", "backlog_order", "ref", "status", "kind"],
                name="item_stories",
                condition=Q(kind=Kind.USERSTORY),
            ),
            models.Index(fields=["project", "kind", "-id"], name="item_newest"),
            models.Index(fields=["project", "status", "swimlane"], name="item_cells", condition=Q(kind=Kind.USERSTORY)),
            models.Index(fields=["milestone", "kind", "sprint_order"], name="item_sprint"),
            models.Index(fields=["project", "created_date", "ref"], name="item_tasks", condition=Q(kind=Kind.TASK)),
            models.Index(fields=["project", "epics_order", "ref"], name="item_epics", condition=Q(kind=Kind.EPIC)),
            models.Index(fields=["assigned_to", "kind"], name="item_assigned"),
            *map(rarely, ("generated_from_issue", "generated_from_task", "user_story", "type", "severity", "priority")),
        ]

    def __str__(self) -> str:
        return f"#{self.ref} {self.subject}"


class Epic(WorkItem):
    """An epic: a large piece of work, made of user stories."""

    type_key = "epics.epic"
    kind_of = Kind.EPIC
    objects: ClassVar = OfKind(Kind.EPIC)

    class Meta:
        proxy = True


class UserStory(WorkItem):
    """A user story; `is_closed` is maintained by `services.closing`."""

    type_key = "userstories.userstory"
    kind_of = Kind.USERSTORY
    objects: ClassVar = OfKind(Kind.USERSTORY)

    class Meta:
        proxy = True


class Task(WorkItem):
    """A task, of a story (then in the same sprint) or on its own."""

    type_key = "tasks.task"
    kind_of = Kind.TASK
    objects: ClassVar = OfKind(Kind.TASK)

    class Meta:
        proxy = True


class Issue(WorkItem):
    """An issue."""

    type_key = "issues.issue"
    kind_of = Kind.ISSUE
    objects: ClassVar = OfKind(Kind.ISSUE)

    class Meta:
        proxy = True


class RolePoints(models.Model):
    """The estimate of a story for one computable role."""

    user_story = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="role_points")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="role_points")
    points = models.ForeignKey(Points, null=True, blank=True, on_delete=models.CASCADE, related_name="role_points")

    class Meta:
        ordering = ("user_story", "role")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user_story", "role"], name="role_points_once")]


class AssignedUser(models.Model):
    """One of the people a story is assigned to, besides `assigned_to`."""

    user_story = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="story_assignments")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user_story", "user"], name="assigned_once")]


class RelatedUserStory(models.Model):
    """A story belongs to an epic, possibly of another project."""

    type_key = "epics.relateduserstory"

    epic = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="related_user_stories")
    user_story = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="related_epics")
    order = models.BigIntegerField(default=clock.milliseconds)

    class Meta:
        ordering = ("user_story", "order", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_story", "epic"], name="related_story_once"),
            models.CheckConstraint(condition=~Q(epic=F("user_story")), name="related_story_is_another"),
        ]


class Vote(models.Model):
    """A user's vote for an item."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="votes")
    created_date = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["item", "user"], name="vote_once")]
