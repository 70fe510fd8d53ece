"""One open socket as the hub sees it: what it hears, and what is still to be sent to it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

BACKLOG = 1_048_576
"""Characters that may wait for a socket which already has something waiting; who reads slower than that is let go."""

GOING_AWAY, TOO_BIG, TOO_SLOW = 1001, 1009, 1013

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Subscription(NamedTuple):
    user_id: int
    session_id: str
    hears_itself: bool = False


class Listener:
    """The texts that wait are shared by all listeners: a slow one holds references, not copies."""

    __slots__ = ("__weakref__", "_backlog", "_leash", "_outbox", "_wake", "farewell", "subscriptions")

    def __init__(self, leash: asyncio.Timeout) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.farewell: int | None = None
        self._leash: asyncio.Timeout | None = leash
        self._outbox: deque[str] = deque()
        self._backlog = 0
        self._wake = asyncio.Event()

    def hand(self, text: str) -> None:
        """Put a text into the queue of this socket, which never grows without bound."""
        if self._outbox and self._backlog + len(text) > BACKLOG:
            self.dismiss(TOO_SLOW)
            return
        self._outbox.append(text)
        self._backlog += len(text)
        self._wake.set()

    def dismiss(self, code: int) -> None:
        """End the conversation with this code, whatever it is waiting for."""
        if self._leash is None:
            return
        self.farewell = code
        self._leash.reschedule(0)
        self.release()

    def release(self) -> None:
        """The conversation is over: nothing more is queued, nobody is left to dismiss."""
        self._leash = None
        self._outbox.clear()
        self._backlog = 0

    async def write(self, send: Send) -> None:
        """Send what is queued, for as long as the socket takes it."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outbox:
                text = self._outbox.popleft()
                self._backlog -= len(text)
                await send({"type": "websocket.send", "text": text})
