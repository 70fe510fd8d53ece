"""Projects, templates, and settings of projects."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from taiga.base import clock
from taiga.base.fields import TextListField


class ProjectTemplate(models.Model):
    """The lists, roles and modules that a new project begins with (spec of its JSON members: the API docs)."""

    name = models.CharField(max_length=250)
    slug = models.CharField(max_length=250, unique=True)
    description = models.TextField()
    order = models.BigIntegerField(default=clock.milliseconds)
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)
    default_owner_role = models.CharField(max_length=50)
    is_contact_activated = models.BooleanField(default=True)
    is_epics_activated = models.BooleanField(default=False)
    is_backlog_activated = models.BooleanField(default=True)
    is_kanban_activated = models.BooleanField(default=False)
    is_wiki_activated = models.BooleanField(default=True)
    is_issues_activated = models.BooleanField(default=True)
    is_looking_for_people = models.BooleanField(default=False)
    looking_for_people_note = models.TextField(default="", blank=True)
    videoconferences = models.CharField(max_length=250, null=True, blank=True)
    videoconferences_extra_data = models.CharField(max_length=250, null=True, blank=True)
    default_options = models.JSONField(null=True, blank=True)
    epic_statuses = models.JSONField(null=True, blank=True)
    us_statuses = models.JSONField(null=True, blank=True)
    us_duedates = models.JSONField(null=True, blank=True)
    points = models.JSONField(null=True, blank=True)
    task_statuses = models.JSONField(null=True, blank=True)
    task_duedates = models.JSONField(null=True, blank=True)
    issue_statuses = models.JSONField(null=True, blank=True)
    issue_types = models.JSONField(null=True, blank=True)
    issue_duedates = models.JSONField(null=True, blank=True)
    priorities = models.JSONField(null=True, blank=True)
    severities = models.JSONField(null=True, blank=True)
    roles = models.JSONField(null=True, blank=True)
    epic_custom_attributes = models.JSONField(null=True, blank=True)
    us_custom_attributes = models.JSONField(null=True, blank=True)
    task_custom_attributes = models.JSONField(null=True, blank=True)
    issue_custom_attributes = models.JSONField(null=True, blank=True)
    tags = TextListField(default=list)
    tags_colors = models.JSONField(default=list)

    class Meta:
        ordering = ("order", "name")

    def __str__(self) -> str:
        return self.name


class WipLimitMode(models.TextChoices):
    """What happens when a work-in-progress limit is exceeded."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


def default_of(model: str) -> Any:
    """A foreign key to the project's default value of one list."""
    return models.OneToOneField(model, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")


class Project(models.Model):
    """A project. Its two counters, `last_ref` and `last_change`, number its items (`ref`) and its committed changes."""

    type_key = "projects.project"

    name = models.CharField(max_length=250)
    slug = models.CharField(max_length=250, unique=True)
    description = models.TextField()
    logo = models.CharField(max_length=500, null=True, blank=True)
    logo_format = models.CharField(max_length=4, blank=True, default="")
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_projects"
    )
    members: Any = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="projects.Membership",
        through_fields=("project", "user"),
        related_name="projects",
    )
    total_milestones = models.IntegerField(null=True, blank=True)
    total_story_points = models.FloatField(null=True, blank=True)
    is_contact_activated = models.BooleanField(default=True)
    is_epics_activated = models.BooleanField(default=False)
    is_backlog_activated = models.BooleanField(default=True)
    is_kanban_activated = models.BooleanField(default=False)
    is_wiki_activated = models.BooleanField(default=True)
    is_issues_activated = models.BooleanField(default=True)
    videoconferences = models.CharField(max_length=250, null=True, blank=True)
    videoconferences_extra_data = models.CharField(max_length=250, null=True, blank=True)
    creation_template = models.ForeignKey(
        ProjectTemplate, null=True, blank=True, on_delete=models.SET_NULL, related_name="projects"
    )
    is_private = models.BooleanField(default=True)
    anon_permissions = TextListField(default=list, blank=True)
    public_permissions = TextListField(default=list, blank=True)
    is_featured = models.BooleanField(default=False)
    is_looking_for_people = models.BooleanField(default=False)
    looking_for_people_note = models.TextField(default="", blank=True)
    epics_csv_uuid = models.CharField(max_length=32, null=True, blank=True, db_index=True)
    userstories_csv_uuid = models.CharField(max_length=32, null=True, blank=True, db_index=True)
    tasks_csv_uuid = models.CharField(max_length=32, null=True, blank=True, db_index=True)
    issues_csv_uuid = models.CharField(max_length=32, null=True, blank=True, db_index=True)
    transfer_token = models.CharField(max_length=255, null=True, blank=True)
    blocked_code = models.CharField(max_length=255, null=True, blank=True)
    archived_code = models.CharField(max_length=255, null=True, blank=True)
    tags = TextListField(default=list, null=True, blank=True)
    tags_colors = models.JSONField(default=list, null=True, blank=True)
    wip_limit_mode = models.CharField(max_length=5, choices=WipLimitMode, default=WipLimitMode.OFF)

    total_fans = models.PositiveIntegerField(default=0, db_index=True)
    total_fans_last_week = models.PositiveIntegerField(default=0, db_index=True)
    total_fans_last_month = models.PositiveIntegerField(default=0, db_index=True)
    total_fans_last_year = models.PositiveIntegerField(default=0, db_index=True)
    # every change of the project increments these: an index on them would be written each time
    total_activity = models.PositiveIntegerField(default=0)
    total_activity_last_week = models.PositiveIntegerField(default=0)
    total_activity_last_month = models.PositiveIntegerField(default=0)
    total_activity_last_year = models.PositiveIntegerField(default=0)
    totals_updated_datetime = models.DateTimeField(default=clock.now)

    default_epic_status = default_of("projects.EpicStatus")
    default_us_status = default_of("projects.UserStoryStatus")
    default_points = default_of("projects.Points")
    default_task_status = default_of("projects.TaskStatus")
    default_priority = default_of("projects.Priority")
    default_severity = default_of("projects.Severity")
    default_issue_status = default_of("projects.IssueStatus")
    default_issue_type = default_of("projects.IssueType")
    default_swimlane = default_of("projects.Swimlane")

    last_ref = models.BigIntegerField(default=0, editable=False)
    last_change = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("name", "id")
        indexes: ClassVar = [models.Index(fields=["name", "id"], name="projects_name_id")]

    def __str__(self) -> str:
        return self.name


class ModulesConfig(models.Model):
    """The settings of a project's integrations, one JSON member each."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="modules_config")
    config = models.JSONField(null=True, default=dict)


class ContactEntry(models.Model):
    """A message from a user to the admins of a project."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    comment = models.TextField()
    created_date = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-created_date", "id")


class Section(models.IntegerChoices):
    """The section in which a project opens for a member."""

    TIMELINE = 1
    EPICS = 2
    BACKLOG = 3
    KANBAN = 4
    ISSUES = 5
    WIKI = 6


class UserProjectSettings(models.Model):
    """The settings of one user for one project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="user_settings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="project_settings")
    homepage = models.SmallIntegerField(choices=Section, default=Section.TIMELINE)
    created_at = models.DateTimeField(default=clock.now)
    modified_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("created_at",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "user"], name="user_settings_once")]


class Like(models.Model):
    """A user likes a project (is a fan)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="likes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes")
    created_date = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "user"], name="like_once")]
