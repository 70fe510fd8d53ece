"""The rows of the timelines."""

from typing import ClassVar

from django.db import models

from taiga.base import clock


class TimelineEntry(models.Model):
    """One row of one timeline: of a project (`namespace` is `project:<id>`) or of a person concerned.

    A person's row belongs to whom it concerns (`user`), while its namespace is `user:<id of the actor>`.
    """

    user = models.ForeignKey("users.User", null=True, on_delete=models.CASCADE, related_name="timeline")
    namespace = models.CharField(max_length=250)
    event_type = models.CharField(max_length=250)
    project = models.ForeignKey("projects.Project", null=True, on_delete=models.CASCADE, related_name="timeline")
    data = models.JSONField(default=dict)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-created", "-id")
        indexes: ClassVar = [
            models.Index(fields=["namespace", "-created", "-id"], name="timeline_namespace"),
            models.Index(fields=["user", "-created", "-id"], name="timeline_user"),
        ]
