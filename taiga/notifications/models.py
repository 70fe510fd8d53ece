"""The bell, and the mails that wait to be sent."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from taiga.base import clock
from taiga.changes.models import ChangeType


class NotificationType(models.IntegerChoices):
    """Why the bell rings."""

    ASSIGNED = 1
    MENTIONED = 2
    ADDED_AS_WATCHER = 3
    ADDED_AS_MEMBER = 4
    COMMENT = 5
    MENTIONED_IN_COMMENT = 6


class WebNotification(models.Model):
    """One ring of one person's bell."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="web_notifications", db_index=False
    )
    event_type = models.SmallIntegerField(choices=NotificationType)
    data = models.JSONField()
    created = models.DateTimeField(default=clock.now)
    read = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-created"], name="bell_user"),
            models.Index(fields=["user"], name="bell_unread", condition=Q(read__isnull=True)),
        ]


class Notice(models.Model):
    """Changes of one object by one person that wait to become mails: within a while they are gathered into one.

    `changes` are ids of changes, `recipients` of people, in the order in which they came.
    """

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="notices")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    type = models.SmallIntegerField(choices=ChangeType)
    changes = models.JSONField(default=list)
    recipients = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "object_id", "owner", "type"], name="notice_once")
        ]


class Mail(models.Model):
    """A mail that waits; it is deleted when it was handed over, and tried again when that failed.

    `template` names the texts, `context` is what they tell (plain JSON), `lang` the language they are written in.
    `next_attempt` lies ahead while somebody is at it. After the last attempt `failed_at` is set and the mail stays.
    """

    to = models.EmailField(max_length=255)
    lang = models.CharField(max_length=20, blank=True, default="")
    template = models.CharField(max_length=100)
    context = models.JSONField(default=dict)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    attempts = models.SmallIntegerField(default=0)
    next_attempt = models.DateTimeField(default=clock.now)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_attempt"], name="mail_due", condition=Q(failed_at__isnull=True))
        ]
