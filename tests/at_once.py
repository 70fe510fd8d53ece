"""Calls that are made at the same moment, each from a thread with a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(calls: Sequence[Callable[[], Any]]) -> list[int]:
    """The statuses of calls that were made at the same time."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> int:
        try:
            barrier.wait(30)
            status: int = call().status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
