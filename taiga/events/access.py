"""Asks, outside of the event loop, who a user is, and what a user may subscribe to."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

BATCH_SIZE = 25
"""Questions that are asked in one call of a thread."""

Answer = TypeVar("Answer")
Pair = tuple[int, str]

logger = logging.getLogger(__name__)


class Access:
    """A pool of threads, each with its own database connection.

    It calls two functions that the settings name, so that this package does not depend on tokens and memberships:
    `EVENTS_AUTHENTICATE(token)` returns the id of the user, or None for a token that is not a valid access token of an
    active user; `EVENTS_MAY_HEAR(user_id, routing_key)` returns whether a user may subscribe to a routing key of a
    project.
    """

    def __init__(self, threads: int) -> None:
        self._count = threads
        self._threads: ThreadPoolExecutor | None = None

    async def authenticate(self, token: str) -> int | None:
        """The id of the user of an access token; None if the token is not valid."""
        return await self._in_thread(_authenticate, token)

    async def may_hear(self, user_id: int, routing_key: str) -> bool:
        """Whether a user may subscribe to a routing key; False if that cannot be determined."""
        answers = await self._in_thread(_may_hear, [(user_id, routing_key)])
        return answers[user_id, routing_key] is True

    async def check(self, pairs: Iterable[Pair]) -> dict[Pair, bool | None]:
        """Which users may subscribe to which routing keys; None where that cannot be determined."""
        asked = list(pairs)
        answers: dict[Pair, bool | None] = {}
        for start in range(0, len(asked), BATCH_SIZE * self._count):
            block = asked[start : start + BATCH_SIZE * self._count]
            parts = [block[n : n + BATCH_SIZE] for n in range(0, len(block), BATCH_SIZE)]
            for part in await asyncio.gather(*(self._in_thread(_may_hear, part) for part in parts)):
                answers.update(part)
        return answers

    def close(self) -> None:
        """Release the threads."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    async def _in_thread(self, function: Callable[..., Answer], *arguments: Any) -> Answer:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="events-access")
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, _with_fresh_connections, function, *arguments
        )


def _with_fresh_connections(function: Callable[..., Answer], *arguments: Any) -> Answer:
    """Call a function between the checks that Django makes around a request, so that no broken or outdated connection
    is used.
    """
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
    """The answers for some pairs. A failure for one does not affect the others, and all failures are logged as one."""
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
        logger.error(
            "Of %d subscriptions, the permission for %d could not be checked", len(pairs), unanswered, exc_info=problem
        )
    return answers
