"""The threads that carry deliveries: a receiver that keeps one of them waiting keeps nobody else."""

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
COURIERS = 4
MOMENT = 0.5
"""Seconds in which what was posted has arrived, answered or not."""


class Couriers:
    """So many deliveries are under way at a time, each to another webhook. A process that ends waits for them."""

    def __init__(self, number: int) -> None:
        self._free = BoundedSemaphore(number)
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="courier")
        self._on_the_way: set[int] = set()

    def send_out(self) -> bool:
        """Let a courier carry what is due next; whether there was one, and something to carry."""
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
        self._on_the_way.add(delivery.webhook_id)
        self._threads.submit(self._carry, delivery)
        return True

    def let_arrive(self, webhook_id: int) -> None:
        """Wait until what is on the way to a webhook has arrived; if it was deleted before, nothing follows."""
        ends = time.monotonic() + MOMENT
        while self.is_on_the_way(webhook_id) and time.monotonic() < ends:
            time.sleep(0.01)

    def is_on_the_way(self, webhook_id: int) -> bool:
        """Whether a courier is under way to a webhook."""
        return webhook_id in self._on_the_way

    def _carry(self, delivery: Delivery) -> None:
        try:
            deliveries.carry(delivery)
        except Exception:
            log.exception("delivery %s failed; it is tried again", delivery.pk)
        finally:
            connections.close_all()
            self._on_the_way.discard(delivery.webhook_id)
            self._free.release()
            jobs.wake()


couriers = Couriers(COURIERS)


def send_due() -> int:
    """A round of the worker: send couriers out with what is due; nobody waits for them to come back."""
    sent = 0
    while settings.WEBHOOKS_ENABLED and couriers.send_out():
        sent += 1
    return sent
