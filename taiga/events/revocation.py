"""Ends subscriptions whose permission is lost: within two seconds after a hint, within half a minute without one."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from taiga.events.access import Access, Pair
from taiga.events.hub import Hub
from taiga.events.listener import Listener, Subscription
from taiga.events.messages import Frame, read_hint
from taiga.events.routing import project_of

GATHERING = 0.3
"""Seconds in which further hints are collected, so that a bulk change of memberships needs one round of checks."""

RETRY_AFTER = 2.0
"""Seconds after which a check without an answer (the database was down) is repeated."""

PERIOD = 30.0
"""Seconds between two checks of all subscriptions."""

Subscribers = dict[Pair, list[tuple[Listener, Subscription]]]

logger = logging.getLogger(__name__)


class Revocation:
    """Checks whether users may still receive what they have subscribed to, once per user and routing key.

    Hints have rounds of their own, so that they do not wait for a check of all subscriptions.
    """

    def __init__(self, hub: Hub, access: Access) -> None:
        self._hub = hub
        self._access = access
        self._people: dict[int, set[int]] = {}
        self._projects: set[int] = set()
        self._hinted = asyncio.Event()
        self._everything_due = asyncio.Event()

    def take_hint(self, frame: Frame) -> None:
        """Take a hint from the hub."""
        project_id, user_ids = read_hint(frame)
        if user_ids is None:
            self._projects.add(project_id)
        else:
            self._people.setdefault(project_id, set()).update(user_ids)
        self._hinted.set()

    def check_everything(self) -> None:
        """Check all subscriptions soon, since hints may have been lost."""
        self._everything_due.set()

    async def run(self) -> None:
        """Check subscriptions until cancelled."""
        async with asyncio.TaskGroup() as rounds:
            rounds.create_task(self._follow_hints())
            rounds.create_task(self._check_periodically())

    async def _follow_hints(self) -> None:
        while True:
            await self._hinted.wait()
            await asyncio.sleep(GATHERING)
            await self._check(self._take_hinted())

    async def _check_periodically(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PERIOD):
                    await self._everything_due.wait()
            except TimeoutError:
                pass
            self._everything_due.clear()
            await self._check(self._subscribers(lambda project_id, user_id: True))

    def _take_hinted(self) -> Subscribers:
        projects, people = self._projects, self._people
        self._projects, self._people = set(), {}
        self._hinted.clear()
        return self._subscribers(
            lambda project_id, user_id: project_id in projects or user_id in people.get(project_id, ())
        )

    def _subscribers(self, is_selected: Callable[[int, int], bool]) -> Subscribers:
        subscribers: Subscribers = {}
        for routing_key, room in self._hub.rooms.items():
            project_id = project_of(routing_key)
            if project_id is None:
                continue
            for listener, subscription in room.items():
                if is_selected(project_id, subscription.user_id):
                    subscribers.setdefault((subscription.user_id, routing_key), []).append((listener, subscription))
        return subscribers

    async def _check(self, subscribers: Subscribers) -> None:
        """Check subscriptions and end those that are forbidden.

        One without an answer stays, since its client would not know that it has to subscribe again; it is checked again
        soon.
        """
        answers = await self._access.check(subscribers)
        for pair, answer in answers.items():
            if answer is False:
                self._end(pair[1], subscribers[pair])
        unanswered = [pair for pair, answer in answers.items() if answer is None]
        if unanswered:
            asyncio.get_running_loop().call_later(RETRY_AFTER, self._ask_again, unanswered)

    def _end(self, routing_key: str, subscribers: Iterable[tuple[Listener, Subscription]]) -> None:
        """End these subscriptions, except those that were replaced meanwhile, which have been checked since."""
        for listener, subscription in subscribers:
            if listener.subscriptions.get(routing_key) is subscription:
                self._hub.unsubscribe(listener, routing_key)

    def _ask_again(self, pairs: Iterable[Pair]) -> None:
        for user_id, routing_key in pairs:
            project_id = project_of(routing_key)
            if project_id is not None:
                self._people.setdefault(project_id, set()).add(user_id)
        self._hinted.set()
