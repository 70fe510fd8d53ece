"""What fails while somebody is told is tried again, and holds up nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from taiga.base import clock, jobs
from taiga.base.models import Job
from taiga.changes.models import Change
from taiga.notifications.models import Notice
from taiga.notifications.services import notices, recipients
from taiga.projects.models import WorkItem
from taiga.webhooks.services import deliveries
from tests.activity import Apollo, working

pytestmark = pytest.mark.django_db


def fail(*_given: Any) -> None:
    raise OSError("out of order")


def readers() -> list[str]:
    return [one.to[0] for one in mail.outbox]


def do_what_failed() -> None:
    Job.objects.update(run_at=clock.now())
    with working():
        jobs.work_off()


def test_who_could_not_be_told_is_told_later_and_others_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    hook = {"project": apollo.project.pk, "name": "Ear", "url": "https://example.com/", "key": "k"}
    assert apollo.alice.post("/webhooks", hook).status_code == 201
    with working():
        pass
    delivered: list[str] = []
    monkeypatch.setattr(deliveries, "queue", lambda change, *_given: delivered.append(change.kind))
    with monkeypatch.context() as broken:
        broken.setattr(recipients, "tell", fail)
        with working():
            task = apollo.make("task", assigned_to=apollo.id("bob"))
    assert (readers(), delivered) == ([], ["tasks.task"])
    assert not Change.objects.filter(told_at=None).exists()
    (job,) = Job.objects.filter(arguments__effect="taiga.notifications.effects.tell")
    assert Change.objects.get(pk=job.arguments["change"]).object_id == task
    do_what_failed()
    assert (readers(), delivered) == (["bob@example.com"], ["tasks.task"])
    assert not Job.objects.exists()


def test_what_failed_and_is_gone_meanwhile_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    with monkeypatch.context() as broken:
        broken.setattr(recipients, "tell", fail)
        with working():
            task = apollo.make("task", assigned_to=apollo.id("bob"))
    Change.objects.filter(object_id=task).delete()
    do_what_failed()
    assert readers() == []
    assert not Job.objects.exists()


def gathered(apollo: Apollo) -> None:
    """Two tasks of Bob's, of which mails are due."""
    with working():
        for subject in ("Broken", "Whole"):
            apollo.make("task", subject=subject, assigned_to=apollo.id("bob"))
    Notice.objects.update(updated_at=clock.now() - timedelta(seconds=200))


@pytest.fixture
def half_broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one of the tasks nothing can be told."""
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    real = notices.gathered

    def telling(notice: Notice) -> None:
        if WorkItem.objects.get(pk=notice.object_id).subject == "Broken":
            fail()
        real(notice)

    monkeypatch.setattr(notices, "gathered", telling)


def test_a_mail_that_cannot_be_made_waits_and_holds_up_no_other(half_broken: None) -> None:
    gathered(Apollo())
    with working():
        assert notices.flush() == 2
    assert [one.subject for one in mail.outbox] == ['[Apollo] Created the task #2 "Whole"']
    (left,) = Notice.objects.all()
    assert left.updated_at > clock.now()
    with working():
        assert notices.flush() == 0


def test_a_mail_that_cannot_be_made_for_a_day_is_given_up(half_broken: None) -> None:
    gathered(Apollo())
    Notice.objects.update(created_at=clock.now() - timedelta(hours=23))
    with working():
        assert notices.flush() == 2
    assert Notice.objects.count() == 1
    Notice.objects.update(created_at=clock.now() - timedelta(hours=25), updated_at=clock.now() - timedelta(seconds=200))
    with working():
        assert notices.flush() == 1
    assert not Notice.objects.exists()
