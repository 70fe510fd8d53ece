"""The lists of values that classify a project's items: statuses, types, points, due dates, swimlanes, custom fields."""

from typing import ClassVar, TypeVar

from django.db import models
from django.db.models import Q

from taiga.base import clock
from taiga.projects.models.project import Project


class Kind(models.TextChoices):
    """The four kinds of work item, in the words of references (`/project/x/us/1`)."""

    EPIC = "epic"
    USERSTORY = "userstory"
    TASK = "task"
    ISSUE = "issue"


class Attribute(models.Model):
    """One value of one of a project's lists."""

    name = models.CharField(max_length=255)
    order = models.IntegerField(default=10)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="%(class)s_list")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Status(Attribute):
    """A state of an item of one kind. `is_archived` and `wip_limit` only apply to user stories."""

    kind = models.CharField(max_length=9, choices=Kind)
    slug = models.CharField(max_length=255)
    is_closed = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)
    color = models.CharField(max_length=20, default="#999999")
    wip_limit = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "kind", "name"], name="status_name"),
            models.UniqueConstraint(fields=["project", "kind", "slug"], name="status_slug"),
            models.CheckConstraint(
                condition=Q(kind="userstory") | Q(is_archived=False, wip_limit__isnull=True),
                name="status_only_stories_archive",
            ),
        ]


T = TypeVar("T", bound=models.Model)


class OfKind(models.Manager[T]):
    """A manager of the rows of one kind, which also sets the kind of new rows."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> models.QuerySet[T]:
        return super().get_queryset().filter(kind=self.kind)

    def deconstruct(self) -> tuple[bool, str, None, tuple[Kind], dict[str, object]]:
        return False, f"{type(self).__module__}.{type(self).__name__}", None, (self.kind,), {}


class EpicStatus(Status):
    """A status of epics."""

    type_key = "projects.epicstatus"
    kind_of = Kind.EPIC
    objects: ClassVar = OfKind(Kind.EPIC)

    class Meta:
        proxy = True


class UserStoryStatus(Status):
    """A status of user stories."""

    type_key = "projects.userstorystatus"
    kind_of = Kind.USERSTORY
    objects: ClassVar = OfKind(Kind.USERSTORY)

    class Meta:
        proxy = True


class TaskStatus(Status):
    """A status of tasks."""

    type_key = "projects.taskstatus"
    kind_of = Kind.TASK
    objects: ClassVar = OfKind(Kind.TASK)

    class Meta:
        proxy = True


class IssueStatus(Status):
    """A status of issues."""

    type_key = "projects.issuestatus"
    kind_of = Kind.ISSUE
    objects: ClassVar = OfKind(Kind.ISSUE)

    class Meta:
        proxy = True


class Coloured(Attribute):
    """A value with a colour."""

    color = models.CharField(max_length=20, default="#999999")

    class Meta:
        abstract = True


class IssueType(Coloured):
    """A type of issues."""

    type_key = "projects.issuetype"

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "name"], name="issue_type_name")]


class Priority(Coloured):
    """A priority of issues."""

    type_key = "projects.priority"

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "name"], name="priority_name")]


class Severity(Coloured):
    """A severity of issues."""

    type_key = "projects.severity"

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "name"], name="severity_name")]


class Points(Attribute):
    """An estimate; `value` null means unknown."""

    type_key = "projects.points"

    value = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "name"], name="points_name")]


class DueDate(Coloured):
    """A label for due dates of stories, tasks or issues that are near or past."""

    kind = models.CharField(max_length=9, choices=Kind)
    by_default = models.BooleanField(default=False)
    days_to_due = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "kind", "name"], name="due_date_name"),
            models.CheckConstraint(condition=~Q(kind="epic"), name="due_date_not_for_epics"),
        ]


class UserStoryDueDate(DueDate):
    """A due date label of user stories."""

    type_key = "projects.userstoryduedate"
    kind_of = Kind.USERSTORY
    objects: ClassVar = OfKind(Kind.USERSTORY)

    class Meta:
        proxy = True


class TaskDueDate(DueDate):
    """A due date label of tasks."""

    type_key = "projects.taskduedate"
    kind_of = Kind.TASK
    objects: ClassVar = OfKind(Kind.TASK)

    class Meta:
        proxy = True


class IssueDueDate(DueDate):
    """A due date label of issues."""

    type_key = "projects.issueduedate"
    kind_of = Kind.ISSUE
    objects: ClassVar = OfKind(Kind.ISSUE)

    class Meta:
        proxy = True


class Swimlane(models.Model):
    """A swimlane of the kanban board."""

    type_key = "projects.swimlane"

    name = models.TextField()
    order = models.BigIntegerField(default=clock.milliseconds)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="swimlanes")

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "name"], name="swimlane_name")]

    def __str__(self) -> str:
        return self.name


class SwimlaneUserStoryStatus(models.Model):
    """The work-in-progress limit of one story status in one lane."""

    type_key = "projects.swimlaneuserstorystatus"

    swimlane = models.ForeignKey(Swimlane, on_delete=models.CASCADE, related_name="limits")
    status = models.ForeignKey(UserStoryStatus, on_delete=models.CASCADE, related_name="swimlane_limits")
    wip_limit = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ("swimlane", "status", "id")
        constraints: ClassVar = [models.UniqueConstraint(fields=["swimlane", "status"], name="swimlane_status_once")]

    @property
    def project_id(self) -> int:
        """The project of the lane. Select the lane together with the row, else this costs a query."""
        return self.swimlane.project_id


class CustomAttributeType(models.TextChoices):
    """The type of a custom field, which decides how clients edit it."""

    TEXT = "text"
    MULTILINE = "multiline"
    RICHTEXT = "richtext"
    DATE = "date"
    URL = "url"
    DROPDOWN = "dropdown"
    CHECKBOX = "checkbox"
    NUMBER = "number"


class CustomAttribute(models.Model):
    """A custom field for one kind of item; `extra` holds the options of a dropdown."""

    kind = models.CharField(max_length=9, choices=Kind)
    name = models.CharField(max_length=64)
    description = models.TextField(blank=True, default="")
    type = models.CharField(max_length=16, choices=CustomAttributeType, default=CustomAttributeType.TEXT)
    order = models.BigIntegerField(default=clock.milliseconds)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="custom_attributes")
    extra = models.JSONField(null=True, default=None, blank=True)
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("project", "order", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "kind", "name"], name="custom_attribute_name"),
        ]

    def __str__(self) -> str:
        return self.name


class EpicCustomAttribute(CustomAttribute):
    """A custom field of epics."""

    type_key = "projects.epiccustomattribute"
    kind_of = Kind.EPIC
    objects: ClassVar = OfKind(Kind.EPIC)

    class Meta:
        proxy = True


class UserStoryCustomAttribute(CustomAttribute):
    """A custom field of user stories."""

    type_key = "projects.userstorycustomattribute"
    kind_of = Kind.USERSTORY
    objects: ClassVar = OfKind(Kind.USERSTORY)

    class Meta:
        proxy = True


class TaskCustomAttribute(CustomAttribute):
    """A custom field of tasks."""

    type_key = "projects.taskcustomattribute"
    kind_of = Kind.TASK
    objects: ClassVar = OfKind(Kind.TASK)

    class Meta:
        proxy = True


class IssueCustomAttribute(CustomAttribute):
    """A custom field of issues."""

    type_key = "projects.issuecustomattribute"
    kind_of = Kind.ISSUE
    objects: ClassVar = OfKind(Kind.ISSUE)

    class Meta:
        proxy = True


class StatusTransition(models.Model):
    """An allowed change of status. As soon as a project lists one for a kind, no others are allowed for that kind."""

    type_key = "projects.statustransition"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="status_transitions")
    kind = models.CharField(max_length=9, choices=Kind)
    from_status = models.ForeignKey(Status, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    to_status = models.ForeignKey(Status, on_delete=models.CASCADE, related_name="+")
    roles = models.JSONField(null=True, blank=True, default=None)

    class Meta:
        ordering = ("project", "kind", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "kind", "from_status", "to_status"],
                name="status_transition_once",
                nulls_distinct=False,
            ),
        ]
