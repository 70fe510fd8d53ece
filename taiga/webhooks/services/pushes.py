"""Commits that mention items: `tg-12` adds a comment to an item, `tg-12 #closed` also changes its status."""

import re

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import writing
from taiga.base.requests import number
from taiga.projects.models import Kind, Status, WorkItem
from taiga.webhooks.forges import comments
from taiga.webhooks.forges.events import Commit, Push
from taiga.webhooks.services.incoming import Source, locked

STATUS = re.compile(r"tg-(\d+) +#([-\w]+)", re.ASCII)
ITEM = re.compile(r"tg-(\d+)", re.ASCII)


def apply(push: Push, source: Source) -> None:
    """Apply each commit to each of its items, in a transaction of its own; those before one that fails stay. Raises
    BadRequest.
    """
    for commit in push.commits:
        message = commit.message.lower()
        statuses = STATUS.findall(message)
        for ref, slug in statuses:
            with writing():
                change_status(named(source, ref), slug, commit, source)
        handled = {ref for ref, _slug in statuses}
        for ref in dict.fromkeys(ITEM.findall(message)):
            if ref not in handled:
                with writing():
                    mention(named(source, ref), commit, source)


def named(source: Source, ref: str) -> WorkItem:
    """The item with a reference. Raises BadRequest."""
    key = number(ref)
    item = locked(source.project_id, ref=key) if key is not None else None
    if item is None:
        raise errors.BadRequest(_("The referenced element doesn't exist"))
    return item


def change_status(item: WorkItem, slug: str, commit: Commit, source: Source) -> None:
    """Give an item a status of its kind. Raises BadRequest."""
    status = Status.objects.filter(project_id=item.project_id, kind=item.kind, slug=slug).first()
    if status is None:
        raise errors.BadRequest(_("The status doesn't exist"))
    before = item.status.name if item.status is not None else "–"
    comment = comments.changed_status(source.forge, commit, before, status.name)
    source.writer(commit.author).change(item, status=status.pk, comment=comment)


def mention(item: WorkItem, commit: Commit, source: Source) -> None:
    """Add a comment to an item that a commit mentions."""
    comment = comments.mentioned(source.forge, commit, Kind(item.kind))
    source.writer(commit.author).change(item, comment=comment)
