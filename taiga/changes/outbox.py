"""The outbox: changes whose `told_at` is null, processed by a worker in order, each at least once."""

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
    """Run the worker's effects for a batch of pending changes; returns the size of the batch.

    Effects only write rows of their own (mails, deliveries) in this transaction, so after a crash a batch is repeated
    as a whole or not at all.
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
    """Run one effect of one change. If it fails, it alone is retried by a job; the other effects are not held up."""
    try:
        with transaction.atomic():
            effect([change])
    except Exception:
        name = f"{effect.__module__}.{effect.__qualname__}"
        log.exception("%s failed for change %s", name, change.pk)
        jobs.enqueue("taiga.changes.outbox.tell_again", effect=name, change=change.pk)


def tell_again(effect: str, change: int) -> None:
    """Job: retry one effect of one change."""
    with writing():
        stored = Change.objects.filter(pk=change).first()
        if stored is not None:
            import_string(effect)([stored])
