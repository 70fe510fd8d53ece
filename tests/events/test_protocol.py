"""The commands of clients, the messages that they receive, and that there are no error replies."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from taiga.events import broadcast
from taiga.events.conversation import MOST_SUBSCRIPTIONS
from taiga.events.messages import Message
from tests.events.conftest import Tab
from tests.events.fakes import ALICE, BOB

STORIES = "changes.project.7.userstories"
CHANGE = {"type": "change", "matches": "userstories.userstory", "pk": 11}

Open = Callable[..., Tab]


def push(routing_key: str = STORIES, session_id: str | None = None, data: Any = CHANGE) -> None:
    broadcast.push(routing_key, data, session_id=session_id)


def test_ping_is_answered_before_any_auth(tab: Open) -> None:
    one = tab()
    one.socket.send('{"cmd":"ping"}')
    assert one.socket.recv() == '{"cmd":"pong"}'


def test_auth_and_subscribe_take_effect_in_order_without_waiting(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    assert bob.hears() == []
    push(session_id="other")
    assert bob.hears() == [{"session_id": "other", "data": CHANGE, "routing_key": STORIES}]


def test_keys_of_a_message_stand_in_the_known_order(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    push(data={"b": 1, "a": [1, 2]})
    assert bob.socket.recv() == (
        '{"session_id":null,"data":{"b":1,"a":[1,2]},"routing_key":"changes.project.7.userstories"}'
    )


def test_a_tab_does_not_hear_itself_unless_it_wants_to(tab: Open) -> None:
    quiet = tab().auth("bob", "me").subscribe(STORIES)
    wanting = tab().auth("bob", "me").subscribe(STORIES, options={"selfNotification": True})
    another = tab().auth("bob", "another").subscribe(STORIES)
    for one in (quiet, wanting, another):
        one.hears()
    push(session_id="me")
    assert quiet.hears() == []
    assert len(wanting.hears()) == 1
    assert len(another.hears()) == 1


def test_six_tabs_of_one_person_each_hear_every_change_once(tab: Open) -> None:
    tabs = [tab().auth("bob", f"tab {n}").subscribe(STORIES) for n in (1, 2, 3, 4, 5, 5)]
    for one in tabs:
        one.hears()
    for pk in range(50):
        push(session_id="tab 1", data={"pk": pk})
    heard = [[message["data"]["pk"] for message in one.hears()] for one in tabs]
    assert heard == [[], *[list(range(50))] * 5]


def test_subscribing_again_replaces_the_former_subscription(tab: Open) -> None:
    bob = tab().auth("bob", "me").subscribe(STORIES, options={"selfNotification": True}).subscribe(STORIES)
    bob.hears()
    push(session_id="me")
    push(session_id="other")
    assert [message["session_id"] for message in bob.hears()] == ["other"]


def test_unsubscribing_ends_it(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES).say(cmd="unsubscribe", routing_key=STORIES)
    bob.hears()
    push()
    assert bob.hears() == []


def test_a_second_auth_keeps_the_session_of_the_first_subscription(tab: Open) -> None:
    bob = tab().auth("bob", "first").subscribe(STORIES).auth("bob", "second").subscribe("changes.project.7.tasks")
    bob.hears()
    for key in (STORIES, "changes.project.7.tasks"):
        push(key, session_id="first")
        push(key, session_id="second")
    assert [message["session_id"] for message in bob.hears()] == ["second", "second"]


def test_a_second_auth_that_fails_changes_nothing(tab: Open) -> None:
    bob = tab().auth("bob").auth("forged").subscribe(STORIES)
    bob.hears()
    push()
    assert len(bob.hears()) == 1


@pytest.mark.parametrize(
    "data",
    [
        {"token": "forged", "sessionId": "me"},
        {"token": "", "sessionId": "me"},
        {"token": "bob", "sessionId": ""},
        {"token": "bob"},
        {"token": ["bob"], "sessionId": "me"},
        "bob",
        None,
    ],
)
def test_without_an_accepted_token_nothing_is_heard_and_nothing_is_said(tab: Open, data: Any) -> None:
    nobody = tab().say(cmd="auth", data=data).subscribe(STORIES).subscribe("notifications")
    assert nobody.hears() == []
    push()
    push("notifications")
    assert nobody.hears() == []


@pytest.mark.parametrize(
    "frame",
    [
        "no json",
        "[1]",
        "null",
        '"ping"',
        "[" * 30_000,
        '"\\ud800"',
        '{"cmd":"dance"}',
        '{"cmd":["ping"]}',
        '{"cmd":"subscribe"}',
        '{"cmd":"subscribe","routing_key":7}',
        '{"cmd":"unsubscribe","routing_key":"changes.project.7.userstories"}',
        "",
    ],
)
def test_what_makes_no_sense_is_ignored(tab: Open, frame: str) -> None:
    bob = tab()
    bob.socket.send(frame)
    bob.auth("bob").subscribe(STORIES)
    bob.socket.send(frame)
    bob.socket.send_binary(b"\xff\xfe")
    assert bob.hears() == []


def test_a_binary_frame_counts_like_a_text(tab: Open) -> None:
    bob = tab()
    bob.socket.send_binary(b'{"cmd":"ping"}')
    assert bob.socket.recv() == '{"cmd":"pong"}'


@pytest.mark.parametrize(
    "routing_key",
    [
        "changes.project.8.userstories",
        "changes.project.999.userstories",
        "changes.project.7.*",
        "changes.project.*.userstories",
        "changes.#",
        "#",
        "*",
        f"web_notifications.{ALICE}",
        "web_notifications.*",
        "internal.permissions.7",
        "changes.project.07.userstories",
    ],
)
def test_what_is_not_ones_own_is_refused_in_silence(tab: Open, routing_key: str) -> None:
    bob = tab().auth("bob").subscribe(routing_key)
    assert bob.hears() == []
    for key in (routing_key, "changes.project.8.userstories", f"web_notifications.{ALICE}", STORIES):
        push(key)
    assert bob.hears() == []


def test_whatever_live_notifications_are_asked_for_ones_own_come(tab: Open) -> None:
    bob = tab().auth("bob", "me").subscribe(f"live_notifications.{ALICE}", options={"selfNotification": True})
    bob.hears()
    push(f"live_notifications.{ALICE}")
    push(f"live_notifications.{BOB}", session_id="me")
    push(f"live_notifications.{BOB}", session_id="not-existing")
    assert [(message["routing_key"], message["session_id"]) for message in bob.hears()] == [
        (f"live_notifications.{BOB}", "not-existing")
    ]


def test_own_bell_and_announcements_are_heard(tab: Open) -> None:
    carol = tab().auth("carol").subscribe("web_notifications.3").subscribe("notifications")
    carol.hears()
    push("web_notifications.3")
    push("notifications", data={"title": "Tonight", "desc": "we move"})
    assert [message["routing_key"] for message in carol.hears()] == ["web_notifications.3", "notifications"]


def test_a_socket_has_a_bounded_number_of_subscriptions(tab: Open) -> None:
    bob = tab().auth("bob")
    names = [a + b for a in "abcdefghijklmno" for b in "abcdefghijklmno"]
    for name in names:
        bob.subscribe(f"changes.project.7.{name}")
    bob.hears()
    for name in names:
        push(f"changes.project.7.{name}")
    assert len(names) > MOST_SUBSCRIPTIONS
    assert len(bob.hears()) == MOST_SUBSCRIPTIONS


def test_a_frame_that_is_too_long_ends_the_socket(tab: Open) -> None:
    bob = tab()
    bob.socket.send(json.dumps({"cmd": "auth", "data": {"token": "x" * 70_000, "sessionId": "me"}}))
    opcode, data = bob.socket.recv_data()
    assert (opcode, data[:2]) == (8, (1009).to_bytes(2, "big"))


def test_a_burst_reaches_a_listener_whole_and_in_order(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    broadcast.push_many([Message(routing_key=STORIES, data=pk) for pk in range(3_000)])
    assert [json.loads(bob.socket.recv())["data"] for _ in range(3_000)] == list(range(3_000))
