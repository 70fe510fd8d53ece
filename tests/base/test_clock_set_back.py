"""After the clock was set back: what was scheduled by the wrong clock does not wait for that time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Kept
from pytest_django import Settings

from taiga.base import jobs
from taiga.base.models import Job
from taiga.notifications import mails
from taiga.notifications.services import notices, outgoing
from tests.activity import Apollo, working
from tests.world import Caller

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=9)
AWAY = [False]
DONE: list[int] = []


def do(number: int) -> None:
    """A job that may fail."""
    if AWAY[0]:
        raise OSError("the store does not answer")
    DONE.append(number)


class Moody(Kept):
    """A mail server that refuses mails from time to time."""

    def send_messages(self, messages: Any) -> int:
        if AWAY[0]:
            raise OSError("not now")
        sent: int = super().send_messages(messages)
        return sent


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    AWAY[0] = False
    DONE.clear()
    outgoing.backoff.reset()
    with time_machine.travel(datetime.now(UTC) + HOURS, tick=False) as found:
        yield found
    outgoing.backoff.reset()


def test_a_job_that_was_to_be_done_at_once_is_done(clock: Any) -> None:
    jobs.enqueue(f"{__name__}.do", number=1)
    jobs.enqueue(f"{__name__}.do", delay=timedelta(minutes=5), number=2)
    clock.shift(-HOURS)
    jobs.work_off()
    assert DONE == [1]
    clock.shift(HOURS + timedelta(minutes=6))
    jobs.work_off()
    assert DONE == [1, 2]


def test_a_job_that_failed_is_tried_again_and_each_time_later(clock: Any) -> None:
    AWAY[0] = True
    jobs.enqueue(f"{__name__}.do", number=1)
    jobs.work_off()
    clock.shift(-HOURS)
    jobs.work_off()
    assert Job.objects.get().attempts == 2
    AWAY[0] = False
    clock.shift(timedelta(seconds=5))
    jobs.work_off()
    assert DONE == [1]


def test_a_job_whose_worker_died_is_taken_by_another_one(clock: Any) -> None:
    jobs.enqueue(f"{__name__}.do", number=1)
    assert jobs.claim() is not None
    assert jobs.claim() is None
    clock.shift(-HOURS)
    jobs.work_off()
    assert DONE == [1]


def test_mails_leave_that_were_never_tried_and_those_that_were(clock: Any, settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Moody"
    AWAY[0] = True
    for to in ("a@example.com", "b@example.com"):
        mails.queue("password_recovery", to, "", {"full_name": "A", "token": "t"})
    assert outgoing.send_due() == 1
    AWAY[0] = False
    outgoing.backoff.reset()
    clock.shift(-HOURS)
    outgoing.send_due()
    assert sorted(one.to[0] for one in mail.outbox) == ["a@example.com", "b@example.com"]


def test_changes_that_are_gathered_become_mails(clock: Any, settings: Settings) -> None:
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    with working():
        apollo.make("issue", assigned_to=apollo.id("bob"))
    assert notices.flush() == 0
    clock.shift(-HOURS)
    assert notices.flush() == 1


def test_nobody_is_refused_for_what_he_asked_in_the_future(clock: Any, settings: Settings) -> None:
    settings.TAIGA_THROTTLE = True
    settings.THROTTLE_RATES = {"anon-read": ["1/hour"]}
    assert Caller().get("/locales").status_code == 200
    assert Caller().get("/locales").status_code == 429
    clock.shift(-HOURS)
    assert Caller().get("/locales").status_code == 200
    assert Caller().get("/locales").status_code == 429
