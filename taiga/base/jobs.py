"""Work that is done after the answer: a queue in the database, and the threads that empty it.

`enqueue` is called in the transaction of what it follows from, so that both happen or neither. A job is done at least
once: it is claimed for a while, and when its worker dies, another one takes it. Other packages add what they look
through at each turn of the worker in `settings.WORKER_ROUNDS`: names of functions that return how much they did.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from taiga.base import clock
from taiga.base.database import unclaimed, writing
from taiga.base.models import Job

log = logging.getLogger("taiga.jobs")
CLAIM = timedelta(minutes=10)
ATTEMPTS = 32
"""They take nearly a day, so that whatever was away may be back."""
IDLE = 1.0

_work = threading.Event()
_running: set[int] = set()


def wake() -> None:
    """There may be something to do: let the worker of this process look at once."""
    _work.set()


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
    due = Job.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), run_at__lte=now, failed_at=None)
    if not due.exists():
        return None
    with writing():
        job = unclaimed(due).order_by("run_at", "id").first()
        if job is not None:
            job.claimed_until = now + CLAIM
            job.save(update_fields=["claimed_until"])
    return job


def postpone(job: Job, failure: Exception) -> None:
    """Try again later, each time later; after the last attempt the job stays for somebody to look at."""
    log.error("job %s failed", job.task, exc_info=failure)
    job.attempts += 1
    job.claimed_until = None
    job.error = f"{type(failure).__name__}: {failure}"
    job.run_at = clock.now() + timedelta(seconds=min(2**job.attempts, 3600))
    if job.attempts >= ATTEMPTS:
        job.failed_at = clock.now()
    job.save()


@cache
def rounds() -> list[Callable[[], int]]:
    """What is done at each turn beside the queue."""
    return [import_string(name) for name in settings.WORKER_ROUNDS]


def work_off() -> int:
    """Do all there is to do now; returns how much it was."""
    total = 0
    while True:
        done = sum(turn() for turn in rounds()) + int(run_one())
        if not done:
            return total
        total += done


class Worker:
    """A thread that empties the queue until it is told to stop."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 10) -> bool:
        """Finish the job at hand and end; returns whether it ended in time."""
        self._stopping.set()
        _work.set()
        self._thread.join(timeout)
        put_back()
        return not self._thread.is_alive()

    def run_until_stopped(self) -> None:
        """The same in the calling thread: a process that only works."""
        self._run()

    def _run(self) -> None:
        while not self._stopping.is_set():
            _work.clear()
            try:
                close_old_connections()
                self._turn()
            except Exception:
                log.exception("the worker stumbled")
                self._stopping.wait(IDLE)
            _work.wait(IDLE)
        connections.close_all()

    def _turn(self) -> None:
        while not self._stopping.is_set():
            if not sum(turn() for turn in rounds()) + int(run_one()):
                return
