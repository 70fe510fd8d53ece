"""Asks the rest of the program who somebody is and what they may hear, away from the event loop."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

AT_ONCE = 25
"""Questions asked in one visit to a thread."""

Answer = TypeVar("Answer")
Pair = tuple[int, str]

logger = logging.getLogger(__name__)


class Access:
    """A few threads of its own, each with its database connection.

    Two functions that the settings name know tokens and memberships, so that this package need not:
    `EVENTS_AUTHENTICATE(token)` is a user's id, or None for a token that is forged, expired, not for access, or of
    somebody inactive; `EVENTS_MAY_HEAR(user_id, routing_key)` is whether this user may hear this key of a project.
    """

    def __init__(self, threads: int) -> None:
        self._count = threads
        self._threads: ThreadPoolExecutor | None = None

    async def authenticate(self, token: str) -> int | None:
        return await self._elsewhere(_authenticate, token)

    async def may_hear(self, user_id: int, routing_key: str) -> bool:
        """In doubt, no."""
        answers = await self._elsewhere(_may_hear, [(user_id, routing_key)])
        return answers[user_id, routing_key] is True

    async def sift(self, pairs: Iterable[Pair]) -> dict[Pair, bool | None]:
        """Who may hear what; None where there was no answer."""
        asked = list(pairs)
        answers: dict[Pair, bool | None] = {}
        for start in range(0, len(asked), AT_ONCE * self._count):
            block = asked[start : start + AT_ONCE * self._count]
            parts = [block[n : n + AT_ONCE] for n in range(0, len(block), AT_ONCE)]
            for part in await asyncio.gather(*(self._elsewhere(_may_hear, part) for part in parts)):
                answers.update(part)
        return answers

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    async def _elsewhere(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="events-access")
        return await asyncio.get_running_loop().run_in_executor(self._threads, _fresh, function, *arguments)


def _fresh(function: Callable[..., Answer], *arguments: Any) -> Answer:
    """What Django does around a request: no connection outlives its age or its server."""
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()


def _authenticate(token: str) -> int | None:
    try:
        user_id: int | None = import_string(settings.EVENTS_AUTHENTICATE)(token)
    except Exception:
        logger.exception("A live connection could not be authenticated")
        return None
    return user_id


def _may_hear(pairs: list[Pair]) -> dict[Pair, bool | None]:
    """One that fails does not spoil the others, and a database that is away does not fill the log."""
    answers: dict[Pair, bool | None] = {}
    problem: Exception | None = None
    for user_id, routing_key in pairs:
        try:
            may = import_string(settings.EVENTS_MAY_HEAR)(user_id, routing_key)
            answers[user_id, routing_key] = bool(may)
        except Exception as raised:
            problem = raised
            answers[user_id, routing_key] = None
    if problem is not None:
        unanswered = sum(answer is None for answer in answers.values())
        logger.error("Who may hear what could not be told, of %d: %d", len(pairs), unanswered, exc_info=problem)
    return answers
