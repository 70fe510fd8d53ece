"""Jobs: done at least once, again after a failure."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from taiga.base import jobs
from taiga.base.models import Job

pytestmark = pytest.mark.django_db
AWAY = [True]
DONE: list[int] = []


def do(number: int) -> None:
    """A job that needs a service which is down."""
    if AWAY:
        raise OSError("the store does not answer")
    DONE.append(number)


@pytest.fixture(autouse=True)
def clean() -> None:
    AWAY[:] = [True]
    DONE.clear()


def test_a_job_whose_means_are_away_for_hours_is_done_when_they_are_back() -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        jobs.enqueue(f"{__name__}.do", number=7)
        for _ in range(12 * 60):
            jobs.work_off()
            clock.shift(timedelta(minutes=1))
        row = Job.objects.get()
        assert (row.failed_at, row.error) == (None, "OSError: the store does not answer")
        assert row.attempts < 30
        AWAY.clear()
        clock.shift(timedelta(hours=1))
        jobs.work_off()
    assert DONE == [7]
    assert not Job.objects.exists()


def test_a_job_that_always_fails_is_left_for_somebody_to_look_at_after_a_day_and_holds_up_no_other() -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        jobs.enqueue(f"{__name__}.do", number=1)
        for _ in range(40):
            jobs.work_off()
            clock.shift(timedelta(hours=1))
        jobs.work_off()
        AWAY.clear()
        jobs.enqueue(f"{__name__}.do", number=2)
        clock.shift(timedelta(days=2))
        jobs.work_off()
    assert DONE == [2]
