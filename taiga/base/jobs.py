"""Work that is done after the answer: a queue in the database, and the threads that empty it.

`enqueue` belongs into the transaction of what the job follows from, so that both are committed or neither is. A job
runs at least once: a worker claims it for a limited time, and if that worker dies another one takes it.

What a worker looks through is listed in `settings.WORKER_LANES`: dotted names of functions that return how much they
did. Each lane has its own thread, so that a function that waits for another server delays only its lane.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string

from taiga.base import clock
from taiga.base.database import unclaimed, writing
from taiga.base.models import Job

log = logging.getLogger("taiga.jobs")
CLAIM = timedelta(minutes=10)
ATTEMPTS = 32
"""With growing pauses they take nearly a day, so that a server that was down may be up again."""
LONGEST_PAUSE = 3600
"""Seconds between two attempts, at most."""
IDLE = 1.0
"""Seconds after which an idle worker looks again without having been woken."""

_running: set[int] = set()


class Signal:
    """A condition that counts how often it was sent, so that a thread that was busy meanwhile does not miss it."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def send(self) -> None:
        """Wake all threads that wait."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def seen(self) -> int:
        """The count so far: read it before looking for work, and pass it to `wait`."""
        return self._count

    def wait(self, seen: int, seconds: float) -> None:
        """Return when the signal has been sent since `seen` was read, or after this many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, seconds)


_signal = Signal()


def wake() -> None:
    """Have the workers of this process look for work at once."""
    _signal.send()


def enqueue(task: str, *, delay: timedelta = timedelta(0), **arguments: Any) -> Job:
    """Have `task` (a dotted name) called with these JSON arguments, `delay` after this transaction is committed."""
    job = Job.objects.create(task=task, arguments=arguments, run_at=clock.now() + delay)
    transaction.on_commit(wake)
    return job


def run_one() -> bool:
    """Run one job that is due; returns whether there was one."""
    job = claim()
    if job is None:
        return False
    _running.add(job.pk)
    try:
        import_string(job.task)(**job.arguments)
    except Exception as failure:
        postpone(job, failure)
    else:
        job.delete()
    finally:
        _running.discard(job.pk)
    return True


def release_claims() -> None:
    """Release the jobs that this process is running, since it is about to end."""
    Job.objects.filter(pk__in=list(_running)).update(claimed_until=None)


def claim() -> Job | None:
    """The next job that is due, claimed for this worker; None if there is none."""
    now = clock.now()
    free = due(now)
    if not free.exists():
        return None
    with writing():
        job = unclaimed(free).order_by("run_at", "id").first()
        if job is not None:
            job.claimed_until = now + CLAIM
            job.save(update_fields=["claimed_until"])
    return job


def due(now: datetime) -> "QuerySet[Job]":
    """Unclaimed jobs whose time has come.

    A time further ahead than any that is ever set was written before the clock was set back, and counts as past.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lt=now) | Q(claimed_until__gt=now + CLAIM)
    at_once = Q(attempts=0, run_at__lte=F("created_at"))
    again = Q(attempts__gt=0, run_at__gt=now + timedelta(seconds=LONGEST_PAUSE))
    return Job.objects.filter(free, Q(run_at__lte=now) | at_once | again, failed_at=None)


def postpone(job: Job, failure: Exception) -> None:
    """Schedule another attempt, with a pause that doubles each time; after the last one the job stays, for an operator
    to look at.
    """
    log.error("job %s failed", job.task, exc_info=failure)
    job.attempts += 1
    job.claimed_until = None
    job.error = f"{type(failure).__name__}: {failure}"
    job.run_at = clock.now() + timedelta(seconds=min(2**job.attempts, LONGEST_PAUSE))
    if job.attempts >= ATTEMPTS:
        job.failed_at = clock.now()
    job.save()


Lane = list[Callable[[], int]]


@cache
def lanes() -> list[Lane]:
    """The functions of `settings.WORKER_LANES`, a list for each thread."""
    return [[import_string(name) for name in names] for names in settings.WORKER_LANES]


def run_round(lane: Lane) -> int:
    """Call each function of a lane once; returns how much they did."""
    return sum(look() for look in lane)


def work_off() -> int:
    """Run all lanes in this thread until nothing is left to do; returns how much was done."""
    total = 0
    while done := sum(run_round(lane) for lane in lanes()):
        total += done
    return total


class Worker:
    """The worker threads of this process, one for each lane."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(lane,), name=f"worker-{number}", daemon=True)
            for number, lane in enumerate(lanes())
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10) -> bool:
        """Let the threads finish what they are doing, for at most `timeout` seconds; returns whether all have ended."""
        self._stopping.set()
        wake()
        ends = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0, ends - time.monotonic()))
        release_claims()
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, lane: Lane) -> None:
        while not self._stopping.is_set():
            seen = _signal.seen()
            try:
                close_old_connections()
                while not self._stopping.is_set() and run_round(lane):
                    pass
            except Exception:
                log.exception("the worker failed and continues")
                self._stopping.wait(IDLE)
            _signal.wait(seen, IDLE)
        connections.close_all()
