"""Distributes messages to the sockets that have subscribed to their routing keys. Each process has one hub."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

from taiga.events.listener import GOING_AWAY, Listener, Subscription
from taiga.events.messages import INTERNAL, Frame

BATCH_SIZE = 32
"""Frames that are distributed in one iteration of the event loop, so that sockets can send in between."""

INBOX = 10_000
"""Frames that may wait for the event loop; of more, the oldest are dropped."""

logger = logging.getLogger(__name__)


class Hub:
    """`publish` may be called from any thread, all other methods only on the event loop."""

    def __init__(self) -> None:
        self.hints = 0
        """How many internal frames came so far: who awaits an answer sees whether it may be outdated."""
        self.listeners: set[Listener] = set()
        self.rooms: dict[str, dict[Listener, Subscription]] = {}
        self._inbox: deque[Frame] = deque(maxlen=INBOX)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_internal: Callable[[Frame], None] = lambda frame: None
        self._scheduled = False

    def start(self, loop: asyncio.AbstractEventLoop, on_internal: Callable[[Frame], None]) -> None:
        """Begin to distribute frames on this loop; `on_internal` receives those for the process itself."""
        self._on_internal = on_internal
        with self._lock:
            self._inbox.clear()
            self._scheduled = False
            self._loop = loop

    def stop(self) -> None:
        """Close all sockets, and drop further frames."""
        with self._lock:
            self._loop = None
        for listener in list(self.listeners):
            listener.dismiss(GOING_AWAY)

    @property
    def running(self) -> bool:
        """Whether the hub distributes frames."""
        return self._loop is not None

    @property
    def waiting(self) -> int:
        """The number of frames that wait to be distributed."""
        return len(self._inbox)

    def publish(self, frames: Iterable[Frame]) -> None:
        """Queue frames; returns at once. A frame without a subscriber is dropped here, since waking the loop is more
        expensive.

        Without a running hub (in a command, in a worker) all are dropped.
        """
        awaited = [
            frame for frame in frames if frame.routing_key in self.rooms or frame.routing_key.startswith(INTERNAL)
        ]
        if not awaited:
            return
        with self._lock:
            if self._loop is None or self._loop.is_closed():
                return
            self._inbox.extend(awaited)
            if self._inbox and not self._scheduled:
                self._scheduled = True
                self._loop.call_soon_threadsafe(self._deliver)

    def subscribe(self, listener: Listener, routing_key: str, subscription: Subscription) -> None:
        """Subscribe a listener to a routing key; a former subscription to it is replaced."""
        if listener in self.listeners:
            listener.subscriptions[routing_key] = subscription
            self.rooms.setdefault(routing_key, {})[listener] = subscription

    def unsubscribe(self, listener: Listener, routing_key: str) -> None:
        """End the subscription of a listener to a routing key, if there is one."""
        if listener.subscriptions.pop(routing_key, None) is None:
            return
        room = self.rooms[routing_key]
        del room[listener]
        if not room:
            del self.rooms[routing_key]

    def join(self, listener: Listener) -> None:
        """Add a socket."""
        self.listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """Remove a socket, with its subscriptions."""
        for routing_key in list(listener.subscriptions):
            self.unsubscribe(listener, routing_key)
        self.listeners.discard(listener)

    def _deliver(self) -> None:
        with self._lock:
            frames = list(islice(self._inbox, BATCH_SIZE))
            for _ in frames:
                self._inbox.popleft()
            self._scheduled = bool(self._inbox) and self._loop is not None
            if self._scheduled and self._loop is not None:
                self._loop.call_soon(self._deliver)
        for frame in frames:
            self._dispatch(frame)

    def _dispatch(self, frame: Frame) -> None:
        routing_key, session_id, text = frame
        if routing_key.startswith(INTERNAL):
            self._handle_internal(frame)
            return
        for listener, subscription in self.rooms.get(routing_key, {}).items():
            if subscription.session_id != session_id or subscription.wants_own:
                listener.enqueue(text)

    def _handle_internal(self, frame: Frame) -> None:
        self.hints += 1
        try:
            self._on_internal(frame)
        except ValueError:
            logger.exception("An internal message was not understood: %s", frame.routing_key)


hub = Hub()
