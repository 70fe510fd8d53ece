"""Mails about changes: their recipients, their content, and the headers that group them."""

import time
from base64 import b64decode
from datetime import timedelta
from hashlib import md5
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from taiga.base import clock
from taiga.notifications.models import Notice
from taiga.notifications.services import notices
from taiga.projects.models import NotifyPolicy, Project, WikiPage, WorkItem
from taiga.users.models import User
from tests.activity import COLLECTIONS, Apollo, heard, working
from tests.world import Caller, join, person

pytestmark = pytest.mark.django_db
INVOLVED, ALL, NONE = 1, 2, 3
EVERY_KIND = pytest.mark.parametrize("kind", list(COLLECTIONS))
ITEMS = ("epic", "userstory", "task", "issue")


def outbox() -> list[Any]:
    """The mails that were sent, which are then forgotten."""
    sent = list(mail.outbox)
    mail.outbox.clear()
    return sent


def settle() -> None:
    """Process everything so far, and forget its mails."""
    with working():
        pass
    outbox()


def readers() -> list[str]:
    """The recipients of the mails."""
    return sorted(one.to[0].partition("@")[0] for one in outbox())


def level(apollo: Apollo, who: str, value: int, **more: Any) -> None:
    """Set somebody's notification level."""
    NotifyPolicy.objects.filter(user=apollo.id(who), project=apollo.project).update(notify_level=value, **more)


@EVERY_KIND
def test_owner_assignee_watchers_and_the_curious_get_mails_but_not_who_did_it(kind: str) -> None:
    apollo = Apollo()
    watcher, curious, deaf = (person(name) for name in ("watcher", "curious", "deaf"))
    for one in (watcher, curious, deaf):
        join(one, apollo.project)
    NotifyPolicy.objects.filter(user=curious).update(notify_level=ALL)
    NotifyPolicy.objects.filter(user=deaf).update(notify_level=NONE)
    key = apollo.make(kind)
    for one in (watcher, deaf):
        Caller(one).post(f"/{COLLECTIONS[kind]}/{key}/watch")
    settle()
    with working():
        apollo.change(kind, key, by=apollo.bob, comment="So it is")  # from now on he watches it
    assert readers() == ["alice", "curious", "watcher"]
    with working():
        apollo.alice.delete(f"/{COLLECTIONS[kind]}/{key}")
    assert readers() == ["bob", "curious", "watcher"]


def test_the_mail_of_a_deleted_story_names_it_whatever_it_belonged_to() -> None:
    apollo = Apollo()
    dates = {"estimated_start": "2026-01-01", "estimated_finish": "2026-01-15"}
    sprint = apollo.alice.post("/milestones", {"project": apollo.project.pk, "name": "First", **dates}).json()["id"]
    story = apollo.make("userstory", milestone=sprint, assigned_to=apollo.id("bob"))
    settle()
    with working():
        apollo.alice.delete(f"/userstories/{story}")
    assert [(one.to, "Build a rocket" in one.subject) for one in outbox()] == [(["bob@example.com"], True)]


@pytest.mark.parametrize("kind", ["task", "issue", "epic"])
def test_who_loses_something_to_do_hears_of_it_as_well(kind: str) -> None:
    apollo = Apollo()
    dave = person("dave")
    join(dave, apollo.project)
    with working():
        key = apollo.make(kind, assigned_to=apollo.id("bob"))
    assert readers() == ["bob"]
    with working():
        apollo.change(kind, key, assigned_to=dave.pk)
    assert readers() == ["bob", "dave"]
    level(apollo, "bob", NONE)
    with working():
        apollo.change(kind, key, assigned_to=apollo.id("bob"))
    assert readers() == ["dave"]


def test_nobody_gets_a_mail_of_what_he_may_not_see_or_after_his_account_ended() -> None:
    apollo = Apollo()
    task = apollo.make("task", assigned_to=apollo.id("bob"))
    apollo.project.roles.update(permissions=["view_project"])
    with working():
        apollo.change("task", task, subject="Hidden")
    assert readers() == []
    apollo.project.roles.update(permissions=["view_project", "view_tasks"])
    User.objects.filter(pk=apollo.id("bob")).update(is_active=False)
    with working():
        apollo.change("task", task, subject="Late")
    assert readers() == []


def test_reordering_sprints_and_what_becomes_of_comments_are_not_mailed() -> None:
    apollo = Apollo()
    level(apollo, "bob", ALL)
    story = apollo.make("userstory")
    apollo.change("userstory", story, comment="First")
    entry = apollo.history("userstory", story)[0]["id"]
    settle()
    with working():
        apollo.change("userstory", story, kanban_order=9)
        apollo.alice.post(f"/history/userstory/{story}/edit_comment?id={entry}", {"comment": "Second"})
        body = {"project": apollo.project.pk, "name": "S", "estimated_start": "2031-01-01"}
        apollo.alice.post("/milestones", {**body, "estimated_finish": "2031-01-09"})
        moved = {
            "project_id": apollo.project.pk,
            "status_id": apollo.status("us", "ready"),
            "bulk_userstories": [story],
        }
        assert apollo.alice.post("/userstories/bulk_update_kanban_order", moved).status_code == 200
    assert readers() == []


@EVERY_KIND
def test_a_new_file_and_its_description_are_mailed_but_not_its_end(kind: str) -> None:
    apollo = Apollo()
    level(apollo, "bob", ALL)
    key = apollo.make(kind)
    settle()
    fields = {"project": apollo.project.pk, "object_id": key, "attached_file": SimpleUploadedFile("a.txt", b"a")}
    with working():
        file = apollo.alice.upload(f"/{COLLECTIONS[kind]}/attachments", **fields).json()["id"]
    assert readers() == ["bob"]
    address = f"/{COLLECTIONS[kind]}/attachments/{file}"
    with working():
        assert apollo.alice.patch(address, {"description": "Plans"}).status_code == 200
    assert readers() == ["bob"]
    with working():
        assert apollo.alice.delete(address).status_code == 204
    assert readers() == []
    assert apollo.history(kind, key)[0]["values_diff"]["attachments"]["deleted"][0]["id"] == file


def test_what_is_made_in_bulk_is_mailed() -> None:
    apollo = Apollo()
    level(apollo, "bob", ALL)
    with working():
        apollo.alice.post("/userstories/bulk_create", {"project_id": apollo.project.pk, "bulk_stories": "A\nB"})
    assert [one.subject for one in outbox()] == [
        '[Apollo] Created the user story #1 "A"',
        '[Apollo] Created the user story #2 "B"',
    ]


def test_a_mail_tells_the_comment_and_the_fields_in_both_forms() -> None:
    apollo = Apollo()
    story = apollo.make("userstory", assigned_to=apollo.id("bob"), tags=["a", "b"])
    settle()
    with working():
        apollo.change(
            "userstory",
            story,
            status=apollo.status("us", "ready"),
            tags=["b", "c"],
            is_blocked=True,
            description="long",
            comment="Really *done*, a < b?",
        )
    (sent,) = outbox()
    html = sent.alternatives[0].content
    assert sent.subject == '[Apollo] Updated the user story #1 "Build a rocket"'
    for text in (sent.body, html):
        for word in ("Alice has changed this", "Status", "New", "Ready", "added", "removed", "Blocked", "changed text"):
            assert word in text
        assert "/project/apollo/us/1" in text
        assert "kanban" not in text.lower()
    assert "Really done, a < b?" in sent.body
    assert "done</em>, a &lt; b?" in html
    assert "<style" not in html
    assert 'style="' in html


def test_everybody_reads_his_own_language() -> None:
    apollo = Apollo()
    User.objects.filter(pk=apollo.id("bob")).update(lang="es")
    with working():
        apollo.make("task", assigned_to=apollo.id("bob"))
    (sent,) = outbox()
    assert "Hola Bob" in sent.body
    assert "tarea" in sent.subject


@EVERY_KIND
def test_headers_put_together_what_belongs_together(kind: str) -> None:
    apollo = Apollo()
    level(apollo, "bob", ALL)
    text = "content" if kind == "wiki" else "subject"
    start = clock.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False), working():
        key = apollo.make(kind)
        for number in range(2):
            named: dict[str, Any] = {text: f"No. {number}"}
            apollo.change(kind, key, **named)
        apollo.change(kind, key, comment="So")
    with time_machine.travel(start + timedelta(minutes=1), tick=False), working():
        apollo.change(kind, key, comment="Still so")
    sent = [one.message() for one in outbox()]
    assert len(sent) == 5
    thread = f"<apollo/{'home' if kind == 'wiki' else 1}@localhost>"
    assert {(one["In-Reply-To"], one["References"], one["Auto-Submitted"]) for one in sent} == {
        (thread, thread, "auto-generated")
    }
    assert {one["List-ID"] for one in sent} == {"Taiga/Apollo <taiga.apollo@localhost>"}
    ids = [one["Message-ID"] for one in sent]
    assert len(set(ids)) == 5
    assert all(one.startswith(f"{thread.partition('@')[0]}/") and one.endswith("@localhost>") for one in ids)
    index = b64decode(sent[0]["Thread-Index"])
    filetime = (int(start.timestamp()) + 11_644_473_600) * 10_000_000
    assert index == filetime.to_bytes(8, "big")[:6] + md5(thread.encode(), usedforsecurity=False).digest()
    assert len({b64decode(one["Thread-Index"])[6:] for one in sent}) == 1
    assert sent[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_two_things_are_two_threads() -> None:
    apollo = Apollo()
    level(apollo, "bob", ALL)
    with working():
        for kind in COLLECTIONS:
            apollo.make(kind)
    sent = [one.message() for one in outbox()]
    assert len({one["References"] for one in sent}) == len({one["Message-ID"] for one in sent}) == len(COLLECTIONS)


BREAKS = ["a\nb", "a\r\nBcc: x@y.org", "a\rBcc: x@y.org", "a\u2028b\x0bc", "a\u2029Bcc: x@y.org", "a\x85b\x1cc", "a\tb"]


@pytest.mark.parametrize("subject", BREAKS, ids=range(len(BREAKS)))
@pytest.mark.parametrize("kind", ITEMS)
def test_no_text_can_add_a_header_or_stop_the_mails_behind_it(kind: str, subject: str) -> None:
    apollo = Apollo()
    level(apollo, "bob", ALL)
    evil = f"A{subject}"
    Project.objects.filter(pk=apollo.project.pk).update(name=evil)
    User.objects.update(full_name=evil)
    with working():
        first = apollo.make(kind, subject=subject)
        others = [(other, apollo.make(other)) for other in (*ITEMS, "issue")]
        apollo.change(kind, first, subject=f"{subject}!", tags=["x"], comment=subject)
        for other, key in others:
            apollo.change(other, key, comment="Well")
    ensure_harmless_headers(12)


def ensure_harmless_headers(number: int) -> None:
    """This many mails were sent, each to Bob alone, with an id of its own and no line break in a header."""
    sent = outbox()
    assert len(sent) == number == len({one.message()["Message-ID"] for one in sent})
    for one in sent:
        message = one.message()
        assert (one.to, one.cc, one.bcc) == (["bob@example.com"], [], [])
        assert "Bcc" not in message
        headers = "".join(str(value) for name, value in message.items() if name != "Content-Type")
        assert not {"\r", "\x0b", "\x1c", "\x85", "\u2028", "\u2029"} & set(one.subject + headers)
        assert "\n" not in one.subject
        assert one.recipients() == ["bob@example.com"]


@pytest.mark.parametrize("text", BREAKS, ids=range(len(BREAKS)))
def test_no_name_in_an_invitation_or_a_message_adds_a_header(text: str) -> None:
    apollo = Apollo()
    Project.objects.filter(pk=apollo.project.pk).update(name=text, is_contact_activated=True, is_private=False)
    User.objects.update(full_name=text, verified_email=True)
    with working():
        body = {"project": apollo.project.pk, "role": apollo.role(), "username": "new@example.com"}
        assert apollo.alice.post("/memberships", {**body, "invitation_extra_text": text}).status_code == 201
        apollo.alice.post("/users/password_recovery", {"username": "bob"})
        apollo.bob.post("/contact", {"project": apollo.project.pk, "comment": text})
    sent = outbox()
    assert len(sent) == 3
    for one in sent:
        assert "Bcc" not in one.message()
        assert len(one.recipients()) == 1
        assert len(one.subject.splitlines()) == 1


def test_a_page_whose_name_is_no_address_is_threaded_by_an_encoded_one() -> None:
    apollo = Apollo()
    level(apollo, "bob", ALL)
    page = apollo.make("wiki")
    WikiPage.objects.update(slug="über uns <x>")
    settle()
    with working():
        apollo.change("wiki", page, content="So")
    (sent,) = outbox()
    assert sent.message()["References"] == "<apollo/%C3%BCber%20uns%20%3Cx%3E@localhost>"
    assert "/project/apollo/wiki/%C3%BCber%20uns%20%3Cx%3E" in sent.body


def test_changes_of_one_person_are_gathered_and_what_was_taken_back_is_not_told(settings: Settings) -> None:
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    task = apollo.make("task", assigned_to=apollo.id("bob"))
    with working():
        apollo.change("task", task, subject="One", status=apollo.status("task", "ready-for-test"))
        apollo.change("task", task, subject="Two")
        apollo.change("task", task, subject="Two", comment="Done")
        apollo.change("task", task, status=apollo.status("task", "new"))
    assert readers() == []
    assert [(notice.type, len(notice.changes)) for notice in Notice.objects.order_by("type")] == [(1, 4), (2, 1)]
    with working():
        assert notices.flush() == 0
    later(200)
    with working():
        assert notices.flush() == 2
    created, changed = sorted(outbox(), key=lambda one: "Updated" in one.subject)
    assert created.subject == '[Apollo] Created the task #1 "Two"'
    assert "Done" in changed.body
    assert "Build a rocket → Two" in changed.body
    assert "Status" not in changed.body
    assert not Notice.objects.exists()


def test_a_record_of_which_nothing_is_left_is_forgotten_silently(settings: Settings) -> None:
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    task = apollo.make("task", assigned_to=apollo.id("bob"))
    with working():
        pass
    Notice.objects.all().delete()
    with working():
        apollo.change("task", task, subject="One")
        apollo.change("task", task, subject="Build a rocket")
    later(200)
    with working():
        assert notices.flush() == 1
    assert readers() == []


def test_a_change_of_something_that_is_gone_meanwhile_is_not_told(settings: Settings) -> None:
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    with working():
        task = apollo.make("task", assigned_to=apollo.id("bob"))
    WorkItem.objects.filter(pk=task).delete()
    later(200)
    with working():
        assert notices.flush() == 1
    assert readers() == []


def later(seconds: int) -> None:
    """Let the notices have waited long enough."""
    Notice.objects.update(updated_at=clock.now() - timedelta(seconds=seconds))


def test_the_worker_looks_for_notices_by_itself(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_last_look", time.monotonic() - notices.INTERVAL - 1)
    settings.CHANGE_NOTIFICATIONS_MIN_INTERVAL = 120
    apollo = Apollo()
    with working():
        apollo.make("task", assigned_to=apollo.id("bob"))
    later(200)
    monkeypatch.setattr(notices, "_last_look", time.monotonic() - notices.INTERVAL - 1)
    with working():
        pass
    assert readers() == ["bob"]


def test_desktops_of_those_who_want_it_show_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    User.objects.filter(pk=apollo.id("bob")).update(lang="es")
    with heard(monkeypatch) as messages, working():
        task = apollo.make("task", assigned_to=apollo.id("bob"))
        apollo.make("epic", assigned_to=apollo.id("bob"))
        apollo.make("wiki")
    (shown,) = [data for key, data in messages if key == f"live_notifications.{apollo.id('bob')}"]
    assert shown["title"] == "Tarea creada"
    assert shown["body"] == "Proyecto: Apollo\nTarea #1 - Build a rocket"
    assert shown["url"].endswith("/project/apollo/task/1")
    assert shown["timeout"] == 10000
    level(apollo, "bob", ALL, live_notify_level=NONE)
    with heard(monkeypatch) as messages, working():
        apollo.change("task", task, subject="Other")
    assert not [key for key, _data in messages if key.startswith("live_notifications")]
