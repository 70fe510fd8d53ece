"""What has to be sent to webhooks: rows that are made along with the changes they tell of, and claimed by workers.

A delivery is sent at least once. What is due for one webhook is sent in order, by one worker at a time; when nobody
answers it is tried again later, and meanwhile newer ones go ahead.
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
"""As long nobody else sends to a webhook that a worker is at; if it dies the webhook is free again."""
PATIENCE = tuple(timedelta(seconds=seconds) for seconds in (60, 300, 1800, 7200))
"""How long to wait after the first, second, … try that nobody answered; then no more is tried."""
KEPT = timedelta(days=1)
"""What was sent is remembered, lest a change that is told twice be sent twice."""
FORGOTTEN = "webhooks.forgotten"
MOMENT = 2 * jobs.IDLE
"""Seconds that a reader of the log waits at most for what is under way; a worker in another process looks by then."""


def queue(change: Change, body: str, webhooks: Iterable[int]) -> None:
    """Have a body sent to webhooks; what a webhook got of this change already is not sent again."""
    rows = [Delivery(webhook_id=key, change=change, body=body) for key in held(webhooks)]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def held(webhooks: Iterable[int]) -> list[int]:
    """Those that have not been deleted, and are not until the transaction ends; others may hold and claim them too."""
    if not connection.features.has_select_for_update:
        return list(webhooks)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM webhooks_webhook WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(webhooks)])
        return [row[0] for row in cursor.fetchall()]


def due() -> "QuerySet[Delivery]":
    """Deliveries whose time has come. What lies further ahead than it ever does was noted before somebody set the clock
    back.
    """
    now = clock.now()
    come = Q(next_attempt__lte=now) | Q(next_attempt__gt=now + PATIENCE[-1])
    return Delivery.objects.filter(come, sent_at=None)


def claim() -> Delivery | None:
    """What is due first for the webhook that has waited longest since something was sent to it, of those that nobody
    is sending to; from now on this worker is. However much is due for one of them, the others have their turns.
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
    """Webhooks for which something is due and to which nobody is sending. Who is said to be sending for longer than
    anybody may has set the clock back meanwhile.
    """
    free = Q(busy_until=None) | Q(busy_until__lte=now) | Q(busy_until__gt=now + CLAIM)
    return Webhook.objects.filter(free, Exists(due().filter(webhook=OuterRef("pk"))))


def carry(claimed: Delivery) -> None:
    """Send a delivery, unless it or its webhook was deleted since it was claimed."""
    delivery = Delivery.objects.select_related("webhook", "change").filter(pk=claimed.pk, sent_at=None).first()
    if delivery is None:
        return
    log = sending.call(delivery.webhook, delivery.body, f"{delivery.change.uuid}.{delivery.webhook_id}")
    with writing():
        if is_still_there(delivery.webhook):
            note(delivery, log)


def is_still_there(webhook: Webhook) -> bool:
    """Whether a webhook has not been deleted; and it is not, until the transaction ends."""
    return Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).exists()


def note(delivery: Delivery, log: WebhookLog) -> None:
    """What came of a try: it was answered, or is tried again, or has been tried often enough."""
    sending.keep(log)
    tried = delivery.attempts
    delivery.attempts += 1
    if sending.is_unanswered(log) and tried < len(PATIENCE):
        delivery.next_attempt = clock.now() + PATIENCE[tried]
    else:
        delivery.sent_at = clock.now()
    delivery.save(update_fields=["attempts", "next_attempt", "sent_at"])
    Webhook.objects.filter(pk=delivery.webhook_id).update(busy_until=clock.now())


def test(webhook: Webhook, *, by: int) -> WebhookLog:
    """Send something that means nothing, now."""
    return send_now(webhook, payloads.envelope("test", "test", by, {"test": "test"}))


def resend(log: WebhookLog) -> WebhookLog:
    """Send what a log holds once more, now: to the present address, signed with the present key."""
    return send_now(log.webhook, log.request_data)


def send_now(webhook: Webhook, payload: dict[str, Any]) -> WebhookLog:
    """Send a payload and return its log."""
    log = sending.call(webhook, sending.encoded(payload))
    with writing():
        if is_still_there(webhook):
            sending.keep(log)
    return log


def settle(webhook: Webhook) -> None:
    """Let what is under way arrive: who looks at the log after a change wants to find it there."""
    ends = time.monotonic() + MOMENT
    while is_under_way(webhook) and time.monotonic() < ends:
        time.sleep(0.01)


def is_under_way(webhook: Webhook) -> bool:
    """Whether something that was committed has not been tried yet."""
    if not settings.WEBHOOKS_ENABLED:
        return False
    untold = Change.objects.filter(told_at=None, project=webhook.project_id, kind__in=payloads.TYPES)
    return untold.exists() or webhook.deliveries.filter(sent_at=None, attempts=0).exists()


def forget_now_and_then() -> int:
    """In a worker: what was sent long ago is forgotten, once an hour."""
    if not cache.add(FORGOTTEN, True, 3600):
        return 0
    with writing():
        return Delivery.objects.filter(sent_at__lt=clock.now() - KEPT).delete()[0]
