"""A process that does background work only."""

import signal
import threading

from django.conf import settings

from taiga.base.jobs import Worker


def work() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: asked_to_stop.set())
    worker = Worker()
    worker.start()
    print("Taiga's worker is ready", flush=True)
    asked_to_stop.wait()
    worker.stop(settings.TAIGA_STOP_TIMEOUT)
