"""An open socket: its subscriptions, and the texts that wait to be sent to it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

BACKLOG = 1_048_576
"""Characters that may wait for a socket; one that reads more slowly is closed."""

GOING_AWAY, TOO_BIG, TOO_SLOW = 1001, 1009, 1013

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Subscription(NamedTuple):
    """Of a socket to a routing key. `wants_own` is whether it receives messages that its own session caused."""

    user_id: int
    session_id: str
    wants_own: bool = False


class Listener:
    """The queue of a socket. Listeners share the texts, so that a slow one holds references, not copies."""

    __slots__ = ("__weakref__", "_backlog", "_outbox", "_timeout", "_wake", "close_code", "subscriptions")

    def __init__(self, timeout: asyncio.Timeout) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.close_code: int | None = None
        self._timeout: asyncio.Timeout | None = timeout
        self._outbox: deque[str] = deque()
        self._backlog = 0
        self._wake = asyncio.Event()

    def enqueue(self, text: str) -> None:
        """Queue a text. If too much is waiting, the socket is closed instead."""
        if self._outbox and self._backlog + len(text) > BACKLOG:
            self.dismiss(TOO_SLOW)
            return
        self._outbox.append(text)
        self._backlog += len(text)
        self._wake.set()

    def dismiss(self, code: int) -> None:
        """End the conversation by its timeout, whatever it waits for, and have the socket closed with this code."""
        if self._timeout is None:
            return
        self.close_code = code
        self._timeout.reschedule(0)
        self.release()

    def release(self) -> None:
        """After the conversation: drop the queue, and ignore a later `dismiss`."""
        self._timeout = None
        self._outbox.clear()
        self._backlog = 0

    async def write(self, send: Send) -> None:
        """Send what is queued, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outbox:
                text = self._outbox.popleft()
                self._backlog -= len(text)
                await send({"type": "websocket.send", "text": text})
