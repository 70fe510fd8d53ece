"""Work that is done after the answer: a queue in the database, and the threads that empty it.

`enqueue` is called in the transaction of what it follows from, so that both happen or neither. A job is done at least
once: it is claimed for a while, and when its worker dies, another one takes it. What is looked through at each turn,
the queue and what other packages add, stands in `settings.WORKER_LANES`: names of functions that return how much they
did, each lane with a thread of its own, so that what has to wait for somebody else holds up only its own lane.
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
"""They take nearly a day, so that whatever was away may be back."""
LONGEST = 3600
"""Seconds between two attempts, at most."""
IDLE = 1.0

_running: set[int] = set()


class Bell:
    """Rings for all who wait; who was busy meanwhile has heard it all the same."""

    def __init__(self) -> None:
        self._rung = 0
        self._rings = threading.Condition()

    def ring(self) -> None:
        """Let all look at once."""
        with self._rings:
            self._rung += 1
            self._rings.notify_all()

    def heard(self) -> int:
        """What `wait` takes, asked for before one looks."""
        return self._rung

    def wait(self, heard: int, seconds: float) -> None:
        """Until it rings once more than was heard, or so long."""
        with self._rings:
            self._rings.wait_for(lambda: self._rung != heard, seconds)


_bell = Bell()


def wake() -> None:
    """There may be something to do: let the worker of this process look at once."""
    _bell.ring()


def enqueue(task: str, *, delay: timedelta = timedelta(0), **arguments: Any) -> Job:
    """Have `task` (a dotted name) called with these JSON arguments once this transaction is committed, or later."""
    job = Job.objects.create(task=task, arguments=arguments, run_at=clock.now() + delay)
    transaction.on_commit(wake)
    return job


def run_one() -> bool:
    """Do one job that is due; returns whether there was one."""
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


def put_back() -> None:
    """Free the jobs that this process is at, as it is about to end."""
    Job.objects.filter(pk__in=list(_running)).update(claimed_until=None)


def claim() -> Job | None:
    """The next job that is due and that nobody works at."""
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
    """Jobs whose time has come and that nobody works at. What lies further ahead than it ever does was noted before
    somebody set the clock back.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lt=now) | Q(claimed_until__gt=now + CLAIM)
    at_once = Q(attempts=0, run_at__lte=F("created_at"))
    again = Q(attempts__gt=0, run_at__gt=now + timedelta(seconds=LONGEST))
    return Job.objects.filter(free, Q(run_at__lte=now) | at_once | again, failed_at=None)


def postpone(job: Job, failure: Exception) -> None:
    """Try again later, each time later; after the last attempt the job stays for somebody to look at."""
    log.error("job %s failed", job.task, exc_info=failure)
    job.attempts += 1
    job.claimed_until = None
    job.error = f"{type(failure).__name__}: {failure}"
    job.run_at = clock.now() + timedelta(seconds=min(2**job.attempts, LONGEST))
    if job.attempts >= ATTEMPTS:
        job.failed_at = clock.now()
    job.save()


Lane = list[Callable[[], int]]


@cache
def lanes() -> list[Lane]:
    """What is done at each turn, for each thread."""
    return [[import_string(name) for name in names] for names in settings.WORKER_LANES]


def turn(lane: Lane) -> int:
    """Look once through a lane; returns how much was done."""
    return sum(look() for look in lane)


def work_off() -> int:
    """Do all there is to do now, in this thread; returns how much it was."""
    total = 0
    while done := sum(turn(lane) for lane in lanes()):
        total += done
    return total


class Worker:
    """The threads that do it until they are told to stop."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(lane,), name=f"worker-{number}", daemon=True)
            for number, lane in enumerate(lanes())
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10) -> bool:
        """Finish what is at hand and end; returns whether it ended in time."""
        self._stopping.set()
        wake()
        ends = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0, ends - time.monotonic()))
        put_back()
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, lane: Lane) -> None:
        while not self._stopping.is_set():
            heard = _bell.heard()
            try:
                close_old_connections()
                while not self._stopping.is_set() and turn(lane):
                    pass
            except Exception:
                log.exception("the worker stumbled")
                self._stopping.wait(IDLE)
            _bell.wait(heard, IDLE)
        connections.close_all()
