"""The one record of every committed change."""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from taiga.base import clock


class ChangeType(models.IntegerChoices):
    """What happened to the object."""

    CHANGE = 1
    CREATE = 2
    DELETE = 3


VERBS: Mapping[int, str] = {
    ChangeType.CHANGE: "change",
    ChangeType.CREATE: "create",
    ChangeType.DELETE: "delete",
}
"""What clients call the types of change."""


def new_entry_id() -> str:
    """A time-based UUID as text."""
    return str(uuid.uuid1())


class Change(models.Model):
    """A committed change: history entry, line of the change feed and outbox in one.

    `number` counts the changes of a project without holes. `told_at` is null until the effects that run in a worker
    have been prepared. `entry` is set when the change is the editing of an earlier change's comment. `context` is what
    effects must know and could not look up any more. Columns from `comment` on are what clients see in the history.
    """

    is_activity = False
    """Whether it counts as activity of its project. Set before the change is stored, and not stored."""
    is_first_activity = False
    """Whether it is the first counted activity of its project (an import may have left rows already). Not stored
    either.
    """

    uuid = models.CharField(max_length=36, unique=True, default=new_entry_id, editable=False)
    project = models.ForeignKey(
        "projects.Project", null=True, on_delete=models.CASCADE, related_name="changes", db_index=False
    )
    number = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    ref = models.BigIntegerField(null=True)
    type = models.SmallIntegerField(choices=ChangeType)
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="changes")
    by_name = models.CharField(max_length=256, blank=True, default="")
    session_id = models.TextField(null=True)
    diff = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    snapshot = models.JSONField(null=True)
    context = models.JSONField(default=dict)
    is_hidden = models.BooleanField(default=False)
    entry = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="edits", db_index=False)
    told_at = models.DateTimeField(null=True, default=None)

    comment = models.TextField(blank=True, default="")
    comment_html = models.TextField(blank=True, default="")
    delete_comment_date = models.DateTimeField(null=True)
    delete_comment_user = models.JSONField(null=True)
    comment_versions = models.JSONField(null=True)
    edit_comment_date = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "number"], name="change_number")]
        indexes: ClassVar = [
            models.Index(fields=["kind", "object_id", "id"], name="change_object"),
            models.Index(fields=["kind", "object_id"], name="change_comments", condition=~Q(comment="")),
            models.Index(fields=["id"], name="change_untold", condition=Q(told_at__isnull=True)),
            models.Index(fields=["entry"], name="change_edits", condition=Q(entry__isnull=False)),
        ]
