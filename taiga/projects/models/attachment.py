"""Files attached to an item or a wiki page."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from taiga.base import clock
from taiga.projects.models.project import Project
from taiga.projects.models.wiki import WikiPage
from taiga.projects.models.workitem import WorkItem, person


class Attachment(models.Model):
    """A file; `attached_file` is its path in the store, `thumbnail_format` the format of its thumbnails ("" if it has
    none).
    """

    owner = person("owned_attachments")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="attachments")
    item = models.ForeignKey(WorkItem, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments")
    wiki_page = models.ForeignKey(WikiPage, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=500, blank=True, default="")
    attached_file = models.CharField(max_length=500, null=True, blank=True)
    thumbnail_format = models.CharField(max_length=4, blank=True, default="")
    size = models.BigIntegerField(null=True, blank=True)
    sha1 = models.CharField(max_length=40, blank=True, default="")
    is_deprecated = models.BooleanField(default=False)
    from_comment = models.BooleanField(default=False)
    description = models.TextField(blank=True, default="")
    order = models.IntegerField(default=0)
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("project", "created_date", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(item__isnull=False, wiki_page__isnull=True) | Q(item__isnull=True, wiki_page__isnull=False),
                name="attachment_exactly_one",
            ),
        ]
