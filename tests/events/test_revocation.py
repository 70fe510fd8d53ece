"""A former member receives nothing more, without a command or a reply."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from taiga.events import broadcast, revocation
from taiga.events.access import Access
from taiga.events.hub import Hub, hub
from taiga.events.listener import Listener, Subscription
from tests.events import fakes
from tests.events.conftest import Tab, eventually
from tests.events.fakes import ALICE, BOB

Open = Callable[..., Tab]
STORIES = "changes.project.7.userstories"

pytestmark = pytest.mark.django_db(transaction=True)


def push(routing_key: str = STORIES) -> None:
    broadcast.push(routing_key, {}, session_id=None)


def heard_by(tab: Tab) -> int:
    push()
    return len(tab.hears())


@pytest.mark.parametrize("hinted", [[BOB], None])
def test_who_is_removed_hears_no_more_and_the_others_go_on(tab: Open, hinted: list[int] | None) -> None:
    alice, bob, bobs_other = tab().auth("alice"), tab().auth("bob"), tab().auth("bob", "other")
    for one in (alice, bob, bobs_other):
        one.subscribe(STORIES).subscribe("changes.project.7.tasks").hears()
    fakes.members[7].remove(BOB)
    broadcast.permissions_changed(7, hinted)
    eventually(lambda: heard_by(bob) == heard_by(bobs_other) == 0)
    alice.hears()
    assert heard_by(alice) == 1
    push("changes.project.7.tasks")
    assert bob.hears() == []


def test_a_hint_itself_is_never_heard(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES).subscribe("notifications")
    bob.hears()
    broadcast.permissions_changed(7)
    assert bob.hears() == []


def test_other_keys_of_the_person_stay(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES).subscribe(f"web_notifications.{BOB}")
    bob.hears()
    fakes.members[7].remove(BOB)
    broadcast.permissions_changed(7, [BOB])
    eventually(lambda: heard_by(bob) == 0)
    push(f"web_notifications.{BOB}")
    assert len(bob.hears()) == 1


def test_who_may_come_back_can_subscribe_again(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    fakes.members[7].remove(BOB)
    broadcast.permissions_changed(7)
    eventually(lambda: heard_by(bob) == 0)
    fakes.members[7].add(BOB)
    bob.subscribe(STORIES).hears()
    assert heard_by(bob) == 1


def test_a_refused_second_subscription_ends_the_first(tab: Open) -> None:
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    fakes.members[7].remove(BOB)
    bob.subscribe(STORIES).hears()
    assert heard_by(bob) == 0


def test_while_nobody_can_answer_nothing_is_cut_and_it_is_asked_again(
    tab: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocation, "RETRY_AFTER", 0.05)
    asked: list[Any] = []
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    fakes.outages.append("the database is away")
    fakes.members[7].remove(BOB)
    monkeypatch.setattr(fakes, "may_hear", _counting(fakes.may_hear, asked))
    broadcast.permissions_changed(7, [BOB])
    eventually(lambda: len(asked) > 1)
    assert heard_by(bob) == 1
    fakes.outages.clear()
    eventually(lambda: heard_by(bob) == 0)


def _counting(function: Callable[..., Any], calls: list[Any]) -> Callable[..., Any]:
    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return function(*arguments)

    return counted


def test_while_nobody_can_answer_nothing_is_granted(tab: Open) -> None:
    fakes.outages.append("the database is away")
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    assert heard_by(bob) == 0


def test_a_membership_that_ends_while_it_is_asked_for_is_not_missed(
    tab: Open, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocation, "GATHERING", 0)
    settings.EVENTS_MAY_HEAR = "tests.events.test_revocation.may_hear_for_the_last_time"
    bob = tab().auth("bob").subscribe(STORIES)
    bob.hears()
    eventually(lambda: heard_by(bob) == 0)


def may_hear_for_the_last_time(user_id: int, routing_key: str) -> bool:
    """Returns True; before that, the membership ends, and the hub has processed the hint."""
    answer = fakes.may_hear(user_id, routing_key)
    if answer:
        fakes.members[7].remove(user_id)
        before = hub.hints
        broadcast.permissions_changed(7, [user_id])
        eventually(lambda: hub.hints > before)
        time.sleep(0.1)
    return answer


@pytest.mark.anyio
async def test_without_a_hint_it_is_noticed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation, "PERIOD", 0.05)
    quiet, access = Hub(), Access(threads=1)
    alice, bob = Listener(asyncio.timeout(None)), Listener(asyncio.timeout(None))
    for listener, user_id in ((alice, ALICE), (bob, BOB)):
        quiet.join(listener)
        quiet.subscribe(listener, STORIES, Subscription(user_id, "tab"))
    rounds = asyncio.create_task(revocation.Revocation(quiet, access).run())
    fakes.members[7].remove(BOB)
    async with asyncio.timeout(10):
        while bob.subscriptions:
            await asyncio.sleep(0.01)
    assert quiet.rooms == {STORIES: {alice: Subscription(ALICE, "tab")}}
    rounds.cancel()
    access.close()


def test_a_question_is_asked_once_however_many_tabs_depend_on_it(tab: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    tabs = [tab().auth("alice", str(n)).subscribe(STORIES) for n in range(4)]
    for one in tabs:
        one.hears()
    asked: list[Any] = []
    monkeypatch.setattr(fakes, "may_hear", _counting(fakes.may_hear, asked))
    broadcast.permissions_changed(7, [ALICE])
    broadcast.permissions_changed(7, None)
    eventually(lambda: bool(asked))
    assert [heard_by(one) for one in tabs[:1]] == [1]
    assert asked == [(ALICE, STORIES)]
