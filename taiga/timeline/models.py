"""The rows of the timelines."""

from typing import ClassVar

from django.db import models

from taiga.base import clock


class TimelineEntry(models.Model):
    """One row of one timeline: of a project (`namespace` is `project:<id>`) or of a person concerned.

    A person's row belongs to the person concerned (`user`); its namespace is `user:<id of the actor>`. A row that
    relates a story to an epic carries the id of the story's project, since only those who may see that project may read
    it.
    """

    user = models.ForeignKey("users.User", null=True, on_delete=models.CASCADE, related_name="timeline", db_index=False)
    namespace = models.CharField(max_length=250)
    event_type = models.CharField(max_length=250)
    project = models.ForeignKey("projects.Project", null=True, on_delete=models.CASCADE, related_name="timeline")
    story_project_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-created", "-id")
        indexes: ClassVar = [
            # covers everything that counting needs, so that the rows themselves are only read for a page
            models.Index(
                fields=["namespace", "-created", "-id", "event_type", "project", "story_project_id"],
                name="timeline_of_namespace",
            ),
            models.Index(fields=["user", "-created", "-id", "event_type", "project"], name="timeline_of_user"),
        ]
