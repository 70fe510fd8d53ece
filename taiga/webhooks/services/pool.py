"""The threads that send deliveries, so that a slow receiver delays no other one."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from django.conf import settings
from django.db import connections

from taiga.base import jobs
from taiga.webhooks.models import Delivery
from taiga.webhooks.services import deliveries

log = logging.getLogger("taiga.webhooks")
THREADS = 4
ARRIVAL_TIMEOUT = 0.5
"""Seconds in which a request that was sent has arrived, whether or not it is answered."""


class DeliveryPool:
    """Sends at most `number` deliveries at a time, each to another webhook. A process that ends waits for them."""

    def __init__(self, number: int) -> None:
        self._free = BoundedSemaphore(number)
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="delivery")
        self._busy: set[int] = set()

    def start_next(self) -> bool:
        """Send what is due next, in a thread; False if all threads are busy, or if nothing is due."""
        if not self._free.acquire(blocking=False):
            return False
        delivery = None
        try:
            delivery = deliveries.claim()
        finally:
            if delivery is None:
                self._free.release()
        if delivery is None:
            return False
        self._busy.add(delivery.webhook_id)
        self._threads.submit(self._deliver, delivery)
        return True

    def wait_for(self, webhook_id: int) -> None:
        """Wait until a delivery to this webhook has arrived. If the webhook was deleted before, no other one
        follows.
        """
        ends = time.monotonic() + ARRIVAL_TIMEOUT
        while self.is_delivering_to(webhook_id) and time.monotonic() < ends:
            time.sleep(0.01)

    def is_delivering_to(self, webhook_id: int) -> bool:
        """Whether a delivery to this webhook is being sent."""
        return webhook_id in self._busy

    def _deliver(self, delivery: Delivery) -> None:
        try:
            deliveries.deliver(delivery)
        except Exception:
            log.exception("delivery %s failed; it is tried again", delivery.pk)
        finally:
            connections.close_all()
            self._busy.discard(delivery.webhook_id)
            self._free.release()
            jobs.wake()


pool = DeliveryPool(THREADS)


def send_due() -> int:
    """A round of the worker: have the pool send what is due, and return without waiting for it."""
    sent = 0
    while settings.WEBHOOKS_ENABLED and pool.start_next():
        sent += 1
    return sent
