"""Watched objects, and notification policies of projects."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from taiga.base import clock
from taiga.projects.models.milestone import Milestone
from taiga.projects.models.project import Project
from taiga.projects.models.wiki import WikiPage
from taiga.projects.models.workitem import WorkItem


class NotifyLevel(models.IntegerChoices):
    """Which changes a person is notified about."""

    INVOLVED = 1
    ALL = 2
    NONE = 3


class NotifyPolicy(models.Model):
    """The notification levels of one user for one project. It is kept when the membership ends."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="notify_policies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notify_policies")
    notify_level = models.SmallIntegerField(choices=NotifyLevel)
    live_notify_level = models.SmallIntegerField(choices=NotifyLevel, default=NotifyLevel.INVOLVED)
    web_notify_level = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    modified_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("created_at",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "user"], name="notify_policy_once")]


class Watch(models.Model):
    """A user watches one object: an item, a wiki page or a sprint."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")
    item = models.ForeignKey(WorkItem, null=True, blank=True, on_delete=models.CASCADE, related_name="watches")
    wiki_page = models.ForeignKey(WikiPage, null=True, blank=True, on_delete=models.CASCADE, related_name="watches")
    milestone = models.ForeignKey(Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="watches")
    created_date = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "user"], name="watch_item_once"),
            models.UniqueConstraint(fields=["wiki_page", "user"], name="watch_wiki_page_once"),
            models.UniqueConstraint(fields=["milestone", "user"], name="watch_milestone_once"),
            models.CheckConstraint(
                condition=Q(item__isnull=False, wiki_page__isnull=True, milestone__isnull=True)
                | Q(item__isnull=True, wiki_page__isnull=False, milestone__isnull=True)
                | Q(item__isnull=True, wiki_page__isnull=True, milestone__isnull=False),
                name="watch_exactly_one",
            ),
        ]
