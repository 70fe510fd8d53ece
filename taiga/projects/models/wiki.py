"""Wiki pages, and the links of the wiki's menu."""

from typing import ClassVar

from django.db import models

from taiga.base import clock
from taiga.projects.models.project import Project
from taiga.projects.models.workitem import person


class WikiPage(models.Model):
    """A wiki page, addressed by its slug (case-sensitive)."""

    type_key = "wiki.wikipage"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="wiki_pages")
    slug = models.CharField(max_length=500)
    content = models.TextField(blank=True, default="")
    owner = person("owned_wiki_pages")
    last_modifier = person("last_modified_wiki_pages")
    created_date = models.DateTimeField(default=clock.now)
    modified_date = models.DateTimeField(default=clock.now)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ("project", "slug")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "slug"], name="wiki_page_slug")]

    def __str__(self) -> str:
        return self.slug


class WikiLink(models.Model):
    """An entry of the wiki's menu; `href` is the slug of a page that need not exist."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="wiki_links")
    title = models.CharField(max_length=500)
    href = models.CharField(max_length=500)
    order = models.BigIntegerField(default=clock.milliseconds)

    class Meta:
        ordering = ("project", "order", "id")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "href"], name="wiki_link_href")]
