"""Sockets connect, disconnect and are slow, without effect on others, and nothing of them is kept."""

import gc
import json
import socket
import threading
import weakref
from collections.abc import Callable

import pytest
from django.db import transaction

from taiga.events import broadcast
from taiga.events.hub import hub
from taiga.events.messages import Message
from tests.events.conftest import Tab, eventually

Open = Callable[..., Tab]
STORIES = "changes.project.7.userstories"


def test_after_closing_nothing_is_kept(tab: Open) -> None:
    tabs = [tab().auth("bob", str(n)).subscribe(STORIES).subscribe("notifications") for n in range(20)]
    for one in tabs:
        one.hears()
    kept = [weakref.ref(listener) for listener in hub.listeners]
    assert len(kept) == 20
    for n, one in enumerate(tabs):
        one.close() if n % 2 else one.vanish()
    eventually(lambda: not hub.listeners)
    assert hub.rooms == {}
    eventually(lambda: gc.collect() >= 0 and not any(listener() for listener in kept))


def test_who_does_not_read_is_let_go_while_the_others_hear_everything(tab: Open) -> None:
    slow = tab(sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]).auth("alice").subscribe(STORIES)
    bob = tab().auth("bob").subscribe(STORIES)
    slow.hears(), bob.hears()
    for n in range(200):
        broadcast.push(STORIES, [n, "x" * 50_000], session_id=None)
        assert json.loads(bob.socket.recv())["data"][0] == n
    eventually(lambda: len(hub.listeners) == 1)
    assert bob.hears() == []


def test_messages_from_many_threads_all_arrive(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()

    def push(thread: int) -> None:
        for n in range(100):
            broadcast.push(STORIES, [thread, n], session_id=None)

    threads = [threading.Thread(target=push, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    heard = [json.loads(bob.socket.recv())["data"] for _ in range(400)]
    for thread in threads:
        thread.join()
    for number in range(4):
        assert [n for thread, n in heard if thread == number] == list(range(100))


@pytest.mark.django_db(transaction=True)
def test_on_commit_means_after_the_commit_or_never(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    with transaction.atomic():
        broadcast.push_on_commit([Message(routing_key=STORIES, data="kept")])
        assert bob.hears() == []
    assert [message["data"] for message in bob.hears()] == ["kept"]
    with transaction.atomic():
        broadcast.push_on_commit([Message(routing_key=STORIES, data="undone")])
        transaction.set_rollback(True)
    assert bob.hears() == []


def test_what_can_not_be_sent_harms_nobody(tab: Open, caplog: pytest.LogCaptureFixture) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    broadcast.push(STORIES, object(), session_id=None)
    broadcast.push(STORIES, "\ud800", session_id=None)
    assert len(caplog.records) == 2
    broadcast.push(STORIES, "fine", session_id=None)
    assert [message["data"] for message in bob.hears()] == ["fine"]
