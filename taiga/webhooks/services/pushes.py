"""Commits that name items: `tg-12` comments on an item, `tg-12 #closed` gives it that status as well."""

import re

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import writing
from taiga.base.requests import number
from taiga.projects.models import Kind, Status, WorkItem
from taiga.webhooks.forges import words
from taiga.webhooks.forges.events import Commit, Push
from taiga.webhooks.services.incoming import Source, locked

STATUS = re.compile(r"tg-(\d+) +#([-\w]+)", re.ASCII)
ITEM = re.compile(r"tg-(\d+)", re.ASCII)


def apply(push: Push, source: Source) -> None:
    """Each commit, each item by itself: what comes before one that can't be done stays done. Raises BadRequest."""
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
    """The item with a #number. Raises BadRequest."""
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
    comment = words.changed_status(source.forge, commit, before, status.name)
    source.writer(commit.author).change(item, status=status.pk, comment=comment)


def mention(item: WorkItem, commit: Commit, source: Source) -> None:
    """Tell an item that a commit mentions it."""
    comment = words.mentioned(source.forge, commit, Kind(item.kind))
    source.writer(commit.author).change(item, comment=comment)
