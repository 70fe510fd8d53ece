"""Ends what somebody may no longer hear: within two seconds after a hint, within half a minute without one."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from taiga.events.access import Access, Pair
from taiga.events.hub import Hub
from taiga.events.listener import Listener, Subscription
from taiga.events.messages import Frame, read_hint
from taiga.events.routing import project_of

GATHERING = 0.3
"""Seconds in which further hints join the first, so that a bulk change of memberships is one round."""

AGAIN = 2.0
"""Seconds until a question without an answer (the database was away) is asked again."""

PERIOD = 30.0
"""Seconds between two rounds over everything."""

Heard = dict[Pair, list[tuple[Listener, Subscription]]]

logger = logging.getLogger(__name__)


class Revocation:
    """May this person hear this key? It is asked once in a round, however many tabs depend on the answer.

    Hints have their own round, so that one need not wait for the end of a round over everything.
    """

    def __init__(self, hub: Hub, access: Access) -> None:
        self._hub = hub
        self._access = access
        self._people: dict[int, set[int]] = {}
        self._projects: set[int] = set()
        self._hinted = asyncio.Event()
        self._all_in_doubt = asyncio.Event()

    def hear(self, frame: Frame) -> None:
        """Take a hint from the hub."""
        project_id, user_ids = read_hint(frame)
        if user_ids is None:
            self._projects.add(project_id)
        else:
            self._people.setdefault(project_id, set()).update(user_ids)
        self._hinted.set()

    def everything(self) -> None:
        """Hints may have been lost (the bus was away): ask about all."""
        self._all_in_doubt.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as rounds:
            rounds.create_task(self._follow_hints())
            rounds.create_task(self._patrol())

    async def _follow_hints(self) -> None:
        while True:
            await self._hinted.wait()
            await asyncio.sleep(GATHERING)
            await self._check(self._take_hinted())

    async def _patrol(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PERIOD):
                    await self._all_in_doubt.wait()
            except TimeoutError:
                pass
            self._all_in_doubt.clear()
            await self._check(self._heard(lambda project_id, user_id: True))

    def _take_hinted(self) -> Heard:
        projects, people = self._projects, self._people
        self._projects, self._people = set(), {}
        self._hinted.clear()
        return self._heard(lambda project_id, user_id: project_id in projects or user_id in people.get(project_id, ()))

    def _heard(self, in_doubt: Callable[[int, int], bool]) -> Heard:
        heard: Heard = {}
        for routing_key, room in self._hub.rooms.items():
            project_id = project_of(routing_key)
            if project_id is None:
                continue
            for listener, subscription in room.items():
                if in_doubt(project_id, subscription.user_id):
                    heard.setdefault((subscription.user_id, routing_key), []).append((listener, subscription))
        return heard

    async def _check(self, heard: Heard) -> None:
        """Without an answer nothing is cut, for no client would know that it has to ask anew; but it is asked again."""
        answers = await self._access.sift(heard)
        for pair, answer in answers.items():
            if answer is False:
                self._end(pair[1], heard[pair])
        unanswered = [pair for pair, answer in answers.items() if answer is None]
        if unanswered:
            asyncio.get_running_loop().call_later(AGAIN, self._doubt_again, unanswered)

    def _end(self, routing_key: str, heard: Iterable[tuple[Listener, Subscription]]) -> None:
        """A subscription made anew in the meantime was checked then, and stays."""
        for listener, subscription in heard:
            if listener.subscriptions.get(routing_key) is subscription:
                self._hub.unsubscribe(listener, routing_key)

    def _doubt_again(self, pairs: Iterable[Pair]) -> None:
        for user_id, routing_key in pairs:
            project_id = project_of(routing_key)
            if project_id is not None:
                self._people.setdefault(project_id, set()).add(user_id)
        self._hinted.set()
