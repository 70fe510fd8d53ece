"""What is told in a worker: the changes whose `told_at` is empty, in order, each at least once."""

import logging

from django.db import transaction
from django.utils.module_loading import import_string

from taiga.base import clock, jobs
from taiga.base.database import unclaimed, writing
from taiga.changes.models import Change
from taiga.changes.record import Effect, effects

log = logging.getLogger("taiga.changes")
BATCH = 100


def tell() -> int:
    """Run the worker's effects for some changes that are still untold; returns how many there were.

    The effects write rows of their own (mails, deliveries) in this transaction: after a crash all of it happens again,
    or none.
    """
    if not Change.objects.filter(told_at=None).exists():
        return 0
    with writing():
        changes = list(unclaimed(Change.objects.filter(told_at=None).order_by("id"))[:BATCH])
        for effect in effects("in a worker"):
            for change in changes:
                attempt(effect, change)
        Change.objects.filter(pk__in=[change.pk for change in changes]).update(told_at=clock.now())
    return len(changes)


def attempt(effect: Effect, change: Change) -> None:
    """One effect of one change; when it fails it is tried again on its own, and the others are told all the same."""
    try:
        with transaction.atomic():
            effect([change])
    except Exception:
        name = f"{effect.__module__}.{effect.__qualname__}"
        log.exception("%s failed for change %s", name, change.pk)
        jobs.enqueue("taiga.changes.outbox.tell_again", effect=name, change=change.pk)


def tell_again(effect: str, change: int) -> None:
    """A job: one effect of one change that failed before."""
    with writing():
        found = Change.objects.filter(pk=change).first()
        if found is not None:
            import_string(effect)([found])
