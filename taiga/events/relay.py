"""Carries messages to the other processes and brings theirs here, in the background and without failing anybody."""

import asyncio
import atexit
import logging
import re
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import aclosing

import msgspec

from taiga.events.bus import Bus, chosen
from taiga.events.messages import Frame, decode

OUTBOX = 5_000
"""Messages kept while the bus is away; then the oldest are lost, and boards elsewhere miss a refresh."""

AT_ONCE = 100
"""Messages sent in one go."""

SPACING = 0.02
"""Seconds between two sendings; what comes meanwhile goes together. The boards of the sender itself do not wait."""

SHORTEST_WAIT, LONGEST_WAIT = 0.25, 15.0
"""Seconds between attempts to reach the bus, doubled each time."""

LAST_WORDS = 2.0
"""Seconds that a process which ends gives to what it still has to send."""

ORIGINS = 1_000
"""Processes whose last number is remembered."""

CREDENTIALS = re.compile(r"://[^@\s]*@")

logger = logging.getLogger(__name__)


class Envelope(msgspec.Struct):
    """A message with the process that sent it and its number there."""

    origin: str
    number: int
    frame: msgspec.Raw


_encoder = msgspec.json.Encoder()
_envelopes = msgspec.json.Decoder(Envelope)


class Relay:
    """`send` may be called from any thread and returns at once: a thread of the relay waits for the bus.

    Messages of one process arrive once and in order, also when a failure makes it send some of them twice.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._origin = secrets.token_hex(8)
        self._number = 0
        self._lost = 0
        self._outbox: deque[str] = deque()
        self._news = threading.Condition()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_of: OrderedDict[str, int] = OrderedDict()

    def send(self, frames: Iterable[Frame]) -> None:
        if not self._bus.joins_processes or self._closing.is_set():
            return
        with self._news:
            for frame in frames:
                self._number += 1
                envelope = Envelope(self._origin, self._number, msgspec.Raw(frame.text.encode()))
                self._outbox.append(_encoder.encode(envelope).decode())
            while len(self._outbox) > OUTBOX:
                self._outbox.popleft()
                self._lost += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._carry_on, name="events-relay", daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """Send what is left if that is quick, then stop for good."""
        self._closing.set()
        with self._news:
            self._news.notify()
        if self._thread is not None:
            self._thread.join(LAST_WORDS)

    async def listen(self, deliver: Callable[[Iterable[Frame]], None], on_connected: Callable[[], None]) -> None:
        """Until cancelled. Each time the bus is reached it says so, since something may have been missed."""
        outage = Outage("heard")

        def connected() -> None:
            outage.end("open boards may have missed a refresh")
            on_connected()

        while True:
            try:
                async with aclosing(self._bus.receive(connected)) as texts:
                    async for text in texts:
                        deliver(self._opened(text))
            except Exception as problem:  # whatever it is, the next attempt may succeed
                outage.note(problem)
            else:
                outage.note(ConnectionError("the connection was closed"))
            await asyncio.sleep(outage.wait)

    def _opened(self, text: str) -> list[Frame]:
        """Nothing for what this process sent itself, nor for what came before."""
        try:
            envelope = _envelopes.decode(text)
            frame = decode(bytes(envelope.frame).decode())
        except (msgspec.DecodeError, UnicodeError):
            logger.warning("Something on the event bus is none of our messages")
            return []
        if envelope.origin == self._origin or envelope.number <= self._last_of.get(envelope.origin, 0):
            return []
        self._last_of[envelope.origin] = envelope.number
        self._last_of.move_to_end(envelope.origin)
        if len(self._last_of) > ORIGINS:
            self._last_of.popitem(last=False)
        return [frame]

    def _carry_on(self) -> None:
        while batch := self._next_batch():
            self._carry(batch)
            self._closing.wait(SPACING)
        self._bus.close()

    def _next_batch(self) -> list[str]:
        """Waits for something to send; empty when it is time to end."""
        with self._news:
            self._news.wait_for(lambda: self._outbox or self._closing.is_set())
            return [self._outbox.popleft() for _ in range(min(AT_ONCE, len(self._outbox)))]

    def _carry(self, batch: list[str]) -> None:
        outage = Outage("reached")
        while True:
            try:
                self._bus.send(batch)
            except Exception as problem:  # whatever it is, the next attempt may succeed
                outage.note(problem)
            else:
                outage.end(f"{self._forget_losses()} messages were lost")
                return
            if self._closing.wait(outage.wait):
                return

    def _forget_losses(self) -> int:
        with self._news:
            lost, self._lost = self._lost, 0
            return lost


class Outage:
    """How long to wait before the next attempt, and one line in the log for the beginning and one for the end."""

    def __init__(self, what: str) -> None:
        self.wait = SHORTEST_WAIT
        self._what = what
        self._attempts = 0

    def note(self, problem: Exception) -> None:
        if self._attempts == 0:
            logger.warning("The event bus can't be %s: %s", self._what, in_short(problem))
        self.wait = min(SHORTEST_WAIT * 2**self._attempts, LONGEST_WAIT)
        self._attempts = min(self._attempts + 1, 10)

    def end(self, consequence: str) -> None:
        if self._attempts:
            logger.warning("The event bus is %s again; %s", self._what, consequence)
        self._attempts = 0


def in_short(problem: Exception) -> str:
    """Without whatever stands for a password in an address."""
    first_line = str(problem).partition("\n")[0]
    return f"{type(problem).__name__}: {CREDENTIALS.sub('://…@', first_line)}"


_lock = threading.Lock()
_relays: list[Relay] = []


def the_relay() -> Relay:
    """The one relay of this process, made when it is first needed."""
    with _lock:
        if not _relays:
            _relays.append(Relay(chosen()))
        return _relays[0]


def close() -> None:
    """Ends the relay of this process; whoever sends later begins a new one."""
    with _lock:
        ended = _relays.copy()
        _relays.clear()
    for relay in ended:
        relay.close()


atexit.register(close)
