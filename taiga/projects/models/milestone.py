"""Sprints."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from taiga.base import clock
from taiga.projects.models.project import Project


class Milestone(models.Model):
    """A sprint. `closed` follows from its items; a value set by hand lasts until one of them is saved."""

    type_key = "milestones.milestone"

    name = models.CharField(max_length=200, db_index=True)
    slug = models.CharField(max_length=250, db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_milestones"
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    estimated_start = models.DateField()
    estimated_finish = models.DateField()
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)
    closed = models.BooleanField(default=False)
    disponibility = models.FloatField(null=True, blank=True, default=0.0)
    order = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("project", "created_date")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "project"], name="milestone_name"),
            models.UniqueConstraint(fields=["slug", "project"], name="milestone_slug"),
            models.CheckConstraint(
                condition=Q(estimated_start__lte=F("estimated_finish")), name="milestone_starts_before_it_ends"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["project", "estimated_start"], name="milestone_project_start")]

    def __str__(self) -> str:
        return self.name
