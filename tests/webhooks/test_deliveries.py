"""Deliveries survive crashes, are repeated, arrive in order, and end with their webhook."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Kept
from pytest_django import Settings

from taiga.base import jobs
from taiga.base.models import Job
from taiga.changes import outbox
from taiga.notifications import mails
from taiga.webhooks.models import Delivery, Webhook, WebhookLog
from taiga.webhooks.services import deliveries, pool
from tests.base.receiver import Receiver
from tests.events.conftest import eventually
from tests.webhooks.rocket import Rocket

NOWHERE = "http://127.0.0.1:9/hook"


def subjects(receiver: Receiver) -> list[str]:
    return [request.path for request in receiver.requests]


def test_when_nobody_answers_it_is_tried_again_each_time_later_and_five_times_in_all(rocket: Rocket) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hook = rocket.hook(NOWHERE)
        rocket.make("userstory")
        assert len(rocket.logs(hook)) == 1
        for tries, seconds in ((2, 60), (3, 300), (4, 1800), (5, 7200)):
            clock.shift(timedelta(seconds=seconds - 1))
            assert len(rocket.logs(hook)) == tries - 1
            clock.shift(timedelta(seconds=1))
            assert len(rocket.logs(hook)) == tries
        clock.shift(timedelta(hours=12))
        logs = rocket.logs(hook)
    assert [one["status"] for one in logs] == [0] * 5
    assert len({str(one["request_data"]) for one in logs}) == 1


@pytest.mark.parametrize("status", [200, 404, 500, 503])
def test_whoever_answers_is_not_asked_again(rocket: Rocket, receiver: Receiver, status: int) -> None:
    receiver.status = status
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hook = rocket.hook(receiver.url())
        rocket.make("userstory")
        rocket.logs(hook)
        clock.shift(timedelta(hours=12))
        assert len(rocket.logs(hook)) == 1
    assert len(receiver.requests) == 1


def test_newer_changes_do_not_wait_for_one_that_nobody_answered(rocket: Rocket, receiver: Receiver) -> None:
    hook = rocket.hook(NOWHERE)
    rocket.make("userstory")
    rocket.logs(hook)
    rocket.alice.patch(f"/webhooks/{hook}", {"url": receiver.url()})
    rocket.make("task")
    assert [one["request_data"]["type"] for one in rocket.logs(hook)] == ["task", "userstory"]
    Delivery.objects.filter(sent_at=None).update(next_attempt=datetime.now(UTC))
    assert [one["request_data"]["type"] for one in rocket.logs(hook)] == ["userstory", "task", "userstory"]


def test_one_worker_at_a_time_sends_to_a_webhook_in_order(rocket: Rocket) -> None:
    first, second = rocket.hook(NOWHERE), rocket.hook(NOWHERE)
    rocket.make("userstory")
    rocket.make("task")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool.pool, "start_next", lambda: False)
        jobs.work_off()
    claimed = [deliveries.claim(), deliveries.claim(), deliveries.claim()]
    assert [one and one.webhook_id for one in claimed] == [first, second, None]
    assert claimed[0] is not None
    deliveries.deliver(claimed[0])
    following = deliveries.claim()
    assert following is not None
    assert following.webhook_id == first
    assert following.pk > claimed[0].pk


def carried(number: int) -> list[int]:
    """To which webhooks so many deliveries go, one after the other."""
    claimed = [one for one in (claim_and_carry() for _ in range(number)) if one is not None]
    return [one.webhook_id for one in claimed]


def claim_and_carry() -> Delivery | None:
    claimed = deliveries.claim()
    if claimed is not None:
        deliveries.deliver(claimed)
    return claimed


def queued(rocket: Rocket, number: int) -> None:
    """Things happen, and deliveries wait for a thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool.pool, "start_next", lambda: False)
        for _ in range(number):
            rocket.make("task")
        jobs.work_off()


def test_however_much_is_due_for_one_webhook_the_others_have_their_turns(rocket: Rocket, receiver: Receiver) -> None:
    flooded, dead = rocket.hook(receiver.url("/flooded")), rocket.hook(NOWHERE)
    queued(rocket, 5)
    Delivery.objects.update(next_attempt=datetime.now(UTC) - timedelta(hours=1), attempts=1)
    other = rocket.hook(receiver.url("/other"))
    queued(rocket, 1)
    assert sorted(carried(3)) == [flooded, dead, other]
    assert carried(4) == [flooded, dead, flooded, dead]
    queued(rocket, 1)
    assert carried(1) == [other]


def test_what_is_due_for_one_webhook_arrives_in_order_whatever_waits_for_others(
    rocket: Rocket, receiver: Receiver
) -> None:
    hooks = {rocket.hook(receiver.url(f"/{name}")) for name in "ab"}
    queued(rocket, 4)
    assert carried(9) == [*sorted(hooks)] * 4
    for path in ("/a", "/b"):
        names = [request.headers["X-Taiga-Delivery"] for request in receiver.requests if request.path == path]
        told = [f"{one.change.uuid}.{one.webhook_id}" for one in Delivery.objects.order_by("change")]
        assert names == [name for name in told if name in names]
        assert len(names) == 4


def test_a_clock_that_was_set_back_holds_no_webhook_up(rocket: Rocket, receiver: Receiver) -> None:
    hook = rocket.hook(receiver.url())
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1), tick=False):
        queued(rocket, 1)
        assert deliveries.claim() is not None
    Delivery.objects.update(next_attempt=datetime.now(UTC))
    assert carried(1) == [hook]


def test_what_a_dead_worker_had_claimed_is_sent_by_another_one(rocket: Rocket, receiver: Receiver) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hook = rocket.hook(receiver.url())
        rocket.make("userstory")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pool.pool, "start_next", lambda: deliveries.claim() is not None)
            jobs.work_off()
        assert rocket.logs(hook) == []
        clock.shift(timedelta(seconds=21))
        assert [one["status"] for one in rocket.logs(hook)] == [200]


def test_nothing_is_sent_after_a_webhook_is_deleted(rocket: Rocket, receiver: Receiver) -> None:
    hook = rocket.hook(receiver.url())
    rocket.make("userstory")
    rocket.make("task")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool.pool, "start_next", lambda: False)
        jobs.work_off()
    claimed = deliveries.claim()
    assert claimed is not None
    assert rocket.alice.delete(f"/webhooks/{hook}").status_code == 204
    deliveries.deliver(claimed)
    jobs.work_off()
    assert receiver.requests == []
    assert not Delivery.objects.exists()
    assert not WebhookLog.objects.exists()


def test_a_webhook_hears_nothing_of_what_happened_before_it_was_made(rocket: Rocket, receiver: Receiver) -> None:
    rocket.make("userstory", subject="Early")  # the worker tells of it only after the webhook is there
    hook = rocket.hook(receiver.url())
    assert rocket.sent(hook) == []
    rocket.make("userstory", subject="Late")
    assert [one["data"]["subject"] for one in rocket.sent(hook)] == ["Late"]


def test_what_is_due_is_sent_although_the_clock_was_set_back(rocket: Rocket, receiver: Receiver) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=9), tick=False) as clock:
        hook = rocket.hook(NOWHERE)
        rocket.make("userstory")
        assert len(rocket.logs(hook)) == 1
        rocket.alice.patch(f"/webhooks/{hook}", {"url": receiver.url()})
        rocket.make("task")
        assert outbox.tell() == 1
        clock.shift(-timedelta(hours=9))
        rocket.logs(hook)
    assert len(receiver.requests) == 2
    assert not Delivery.objects.filter(sent_at=None).exists()


def test_what_was_sent_is_forgotten_after_a_day(rocket: Rocket, receiver: Receiver) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        hook = rocket.hook(receiver.url())
        rocket.make("userstory")
        rocket.logs(hook)
        assert deliveries.delete_old_hourly() == 0
        clock.shift(timedelta(days=1, seconds=1))
        assert deliveries.delete_old_hourly() == 1
    assert not Delivery.objects.exists()


@pytest.fixture
def worker() -> jobs.Worker:
    return jobs.Worker()


def held(receiver: Receiver, path: str) -> Callable[[], None]:
    """Lets a receiver answer at one path only once it is told to."""
    go = threading.Event()

    def reply(asked: str) -> tuple[int, dict[str, str], bytes]:
        if asked == path:
            go.wait(10)
        return 200, {}, b""

    receiver.reply = reply
    return go.set


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_hangs_keeps_nobody_else_waiting(receiver: Receiver, worker: jobs.Worker) -> None:
    rocket = Rocket()
    slow, quick = rocket.hook(receiver.url("/slow")), rocket.hook(receiver.url("/quick"))
    release = held(receiver, "/slow")
    worker.start()
    try:
        for _ in range(3):
            rocket.make("userstory")
        eventually(lambda: subjects(receiver).count("/quick") == 3)
        assert subjects(receiver).count("/slow") == 1
        assert not WebhookLog.objects.filter(webhook=slow).exists()
        release()
        eventually(lambda: WebhookLog.objects.filter(webhook=slow).count() == 3)
    finally:
        release()
        worker.stop()
    eventually(lambda: WebhookLog.objects.filter(webhook=quick).count() == 3)


class Silent(Kept):
    """A mail server that keeps everybody waiting until it is told to go on."""

    go, asked = threading.Event(), threading.Event()

    def send_messages(self, messages: Any) -> int:
        self.asked.set()
        self.go.wait(10)
        sent: int = super().send_messages(messages)
        return sent


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_hangs_keeps_neither_deliveries_nor_jobs_waiting(
    receiver: Receiver, worker: jobs.Worker, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Silent"
    rocket = Rocket()
    rocket.hook(receiver.url("/quick"))
    mails.queue("password_recovery", "a@example.com", "", {"full_name": "A", "token": "t"})
    worker.start()
    try:
        assert Silent.asked.wait(5)
        rocket.make("userstory")
        jobs.enqueue("taiga.base.database.take_stock")
        eventually(lambda: subjects(receiver) == ["/quick"])
        eventually(lambda: not Job.objects.exists())
        assert mail.outbox == []
        Silent.go.set()
        eventually(lambda: len(mail.outbox) == 1)
    finally:
        Silent.go.set()
        assert worker.stop()


@pytest.mark.django_db(transaction=True)
def test_who_deletes_a_webhook_while_one_is_on_the_way_hears_of_no_other(
    receiver: Receiver, worker: jobs.Worker
) -> None:
    rocket = Rocket()
    hook = rocket.hook(receiver.url("/slow"))
    release = held(receiver, "/slow")
    worker.start()
    try:
        for _ in range(3):
            rocket.make("userstory")
        eventually(lambda: Delivery.objects.filter(webhook=hook).count() == 3)
        eventually(lambda: len(receiver.requests) == 1)
        assert rocket.alice.delete(f"/webhooks/{hook}").status_code == 204
        release()
        eventually(lambda: not pool.pool.is_delivering_to(hook))
        other = rocket.hook(receiver.url("/other"))
        rocket.make("userstory")
        eventually(lambda: WebhookLog.objects.filter(webhook=other).exists())
    finally:
        release()
        worker.stop()
    assert subjects(receiver) == ["/slow", "/other"]
    assert not Webhook.objects.filter(pk=hook).exists()


@pytest.mark.django_db(transaction=True)
def test_the_log_that_is_read_after_a_change_shows_its_delivery(receiver: Receiver, worker: jobs.Worker) -> None:
    rocket = Rocket()
    hook = rocket.hook(receiver.url())
    worker.start()
    try:
        for number in range(1, 6):
            rocket.make("userstory")
            assert len(rocket.alice.get(f"/webhooklogs?webhook={hook}").json()) == number
    finally:
        worker.stop()


@pytest.mark.parametrize(("takes", "waits"), [(0.0, 0.0), (1.5, 1.5), (60.0, 2.0)])
def test_who_reads_the_log_waits_two_seconds_at_most_for_what_is_under_way(
    monkeypatch: pytest.MonkeyPatch, takes: float, waits: float
) -> None:
    passed = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: passed.append(passed.pop() + seconds))
    monkeypatch.setattr(deliveries, "is_under_way", lambda webhook: passed[0] < takes)
    deliveries.wait_for_pending(Webhook())
    assert passed[0] == pytest.approx(waits, abs=0.02)
