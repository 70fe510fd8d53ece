"""The queue of what has to be sent to webhooks: rows that are written with the changes, and claimed by workers.

A delivery is sent at least once. Deliveries to one webhook are sent in order, by one worker at a time. One that nobody
answers is sent again later; newer ones do not wait for it.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from taiga.base import clock, jobs
from taiga.base.database import unclaimed, writing
from taiga.changes.models import Change
from taiga.webhooks.models import Delivery, Webhook, WebhookLog
from taiga.webhooks.queries import payloads
from taiga.webhooks.services import sending

CLAIM = timedelta(seconds=2 * sending.TIMEOUT)
"""How long a worker may send to a webhook before another one takes over, since it has probably died."""
RETRY_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (60, 300, 1800, 7200))
"""The pause after each attempt without an answer; after the last one there is no further attempt."""
KEPT_FOR = timedelta(days=1)
"""How long a sent delivery is kept, so that a change that is processed twice is not sent twice."""
CLEANED = "webhooks.forgotten"
PENDING_TIMEOUT = 2 * jobs.IDLE
"""Seconds that a reader of the log waits at most for pending deliveries; by then the worker of another process has
looked.
"""


def queue(change: Change, body: str, webhooks: Iterable[int]) -> None:
    """Queue a body for some webhooks, except those for which this change has been queued before."""
    rows = [Delivery(webhook_id=key, change=change, body=body) for key in locked_shared(webhooks)]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def locked_shared(webhooks: Iterable[int]) -> list[int]:
    """Those of the webhooks that exist, locked against deletion until the transaction ends; others may still claim
    them.
    """
    if not connection.features.has_select_for_update:
        return list(webhooks)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM webhooks_webhook WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(webhooks)])
        return [row[0] for row in cursor.fetchall()]


def due() -> "QuerySet[Delivery]":
    """Deliveries whose time has come.

    A time further ahead than any that is ever set was written before the clock was set back, and counts as past.
    """
    now = clock.now()
    reached = Q(next_attempt__lte=now) | Q(next_attempt__gt=now + RETRY_DELAYS[-1])
    return Delivery.objects.filter(reached, sent_at=None)


def claim() -> Delivery | None:
    """The next delivery, with its webhook claimed for this worker; None if nothing is due.

    It is the first one of that free webhook to which nothing has been sent for the longest time, so that a webhook with
    many deliveries does not hold up the others.
    """
    if not due().exists():
        return None
    now = clock.now()
    with writing():
        webhook = unclaimed(waiting(now), no_key=True).order_by(F("busy_until").asc(nulls_first=True), "id").first()
        if webhook is None:
            return None
        delivery = due().filter(webhook=webhook).order_by("next_attempt", "id").first()
        if delivery is not None:
            Webhook.objects.filter(pk=webhook.pk).update(busy_until=now + CLAIM)
    return delivery


def waiting(now: datetime) -> "QuerySet[Webhook]":
    """Webhooks that have due deliveries and that no worker has claimed.

    A claim that lasts longer than any may was made before the clock was set back.
    """
    free = Q(busy_until=None) | Q(busy_until__lte=now) | Q(busy_until__gt=now + CLAIM)
    return Webhook.objects.filter(free, Exists(due().filter(webhook=OuterRef("pk"))))


def deliver(claimed: Delivery) -> None:
    """Send a delivery, unless it or its webhook has been deleted since it was claimed."""
    delivery = Delivery.objects.select_related("webhook", "change").filter(pk=claimed.pk, sent_at=None).first()
    if delivery is None:
        return
    log = sending.call(delivery.webhook, delivery.body, f"{delivery.change.uuid}.{delivery.webhook_id}")
    with writing():
        if is_still_there(delivery.webhook):
            record(delivery, log)


def is_still_there(webhook: Webhook) -> bool:
    """Whether a webhook exists; if so, it is locked against deletion until the transaction ends."""
    return Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).exists()


def record(delivery: Delivery, log: WebhookLog) -> None:
    """Record an attempt: it was answered, is repeated later, or was the last one."""
    sending.keep(log)
    tried = delivery.attempts
    delivery.attempts += 1
    if sending.is_unanswered(log) and tried < len(RETRY_DELAYS):
        delivery.next_attempt = clock.now() + RETRY_DELAYS[tried]
    else:
        delivery.sent_at = clock.now()
    delivery.save(update_fields=["attempts", "next_attempt", "sent_at"])
    Webhook.objects.filter(pk=delivery.webhook_id).update(busy_until=clock.now())


def test(webhook: Webhook, *, by: int) -> WebhookLog:
    """Send a test payload now."""
    return send_now(webhook, payloads.envelope("test", "test", by, {"test": "test"}))


def resend(log: WebhookLog) -> WebhookLog:
    """Send the payload of a log once more, now, to the present address and signed with the present key."""
    return send_now(log.webhook, log.request_data)


def send_now(webhook: Webhook, payload: dict[str, Any]) -> WebhookLog:
    """Send a payload; returns the log."""
    log = sending.call(webhook, sending.encoded(payload))
    with writing():
        if is_still_there(webhook):
            sending.keep(log)
    return log


def wait_for_pending(webhook: Webhook) -> None:
    """Wait until pending deliveries have been attempted: a client that reads the log after a change expects to find
    them there.
    """
    ends = time.monotonic() + PENDING_TIMEOUT
    while is_under_way(webhook) and time.monotonic() < ends:
        time.sleep(0.01)


def is_under_way(webhook: Webhook) -> bool:
    """Whether a committed change has not been sent yet."""
    if not settings.WEBHOOKS_ENABLED:
        return False
    untold = Change.objects.filter(told_at=None, project=webhook.project_id, kind__in=payloads.TYPES)
    return untold.exists() or webhook.deliveries.filter(sent_at=None, attempts=0).exists()


def delete_old_hourly() -> int:
    """In a worker, once an hour: delete the deliveries that were sent long ago; returns how many."""
    if not cache.add(CLEANED, True, 3600):
        return 0
    with writing():
        return Delivery.objects.filter(sent_at__lt=clock.now() - KEPT_FOR).delete()[0]
