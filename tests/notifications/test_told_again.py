"""What fails while somebody is told is tried again, and holds up nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models import F
from pytest_django import Settings

from taiga.base import clock, jobs
from taiga.base.models import Job
from taiga.changes.models import Change
from taiga.notifications.models import Notice
from taiga.notifications.services import notices, recipients
from taiga.projects.models import WorkItem
from taiga.webhooks.services import deliveries
from tests.activity import Apollo, working
from tests.world import join, person

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
    later()


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


def later(seconds: int = 200) -> None:
    Notice.objects.update(updated_at=clock.now() - timedelta(seconds=seconds))


def test_what_is_gathered_is_for_all_whom_a_part_of_it_concerns_and_who_may_still_see_it(settings: Settings) -> None:
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    dave = person("dave")
    join(dave, apollo.project, "ux")
    task = apollo.make("task", assigned_to=apollo.id("bob"))
    Notice.objects.all().delete()
    with working():
        apollo.change("task", task, assigned_to=dave.pk)
        apollo.change("task", task, subject="For Dave alone")
    later()
    apollo.project.roles.filter(slug="ux").update(permissions=["view_project"])
    with working():
        notices.flush()
    changed = [one for one in mail.outbox if "Updated" in one.subject]
    assert [one.to for one in changed] == [["bob@example.com"]]


def test_each_change_has_the_others_wait_for_it(settings: Settings) -> None:
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    with working():
        task = apollo.make("task", assigned_to=apollo.id("bob"))
    Notice.objects.all().delete()
    with working():
        apollo.change("task", task, subject="One")
    later(100)
    with working():
        apollo.change("task", task, subject="Two")
    Notice.objects.update(updated_at=F("updated_at") - timedelta(seconds=100))
    assert not notices.due().exists()
    later()
    with working():
        assert notices.flush() == 1


def test_many_mails_are_made_in_one_go(settings: Settings) -> None:
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    with working():
        for number in range(notices.BATCH_SIZE + 1):
            apollo.make("task", subject=f"{number}", assigned_to=apollo.id("bob"))
    later()
    with working():
        assert notices.flush() == notices.BATCH_SIZE + 1
    assert len(mail.outbox) == notices.BATCH_SIZE + 1


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
