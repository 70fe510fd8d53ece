"""The table of jobs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from taiga.base import clock


class Job(models.Model):
    """A call of `task` (a dotted name) with `arguments`, made by a worker at least once, not before `run_at`.

    `claimed_until` is set while a worker is at it; when it lies in the past, that worker died and the job is free.
    """

    task = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    run_at = models.DateTimeField(default=clock.now)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run_at"], name="job_due", condition=Q(failed_at__isnull=True))]
