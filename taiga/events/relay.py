"""Sends messages to the other processes and receives theirs, in the background. Callers never wait and never fail."""

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
"""Messages that may wait while the bus is down; of more, the oldest are lost, and other processes' boards miss an
update.
"""

BATCH_SIZE = 100
"""Messages that are sent together."""

PAUSE = 0.02
"""Seconds between two batches. Boards of the sending process do not wait for it."""

SHORTEST_WAIT, LONGEST_WAIT = 0.25, 15.0
"""Seconds between attempts to reach the bus; the pause doubles each time."""

CLOSE_TIMEOUT = 2.0
"""Seconds for sending what is left when the process ends."""

ORIGINS = 1_000
"""Processes of which the number of the last message is remembered."""

CREDENTIALS = re.compile(r"://[^@\s]*@")

logger = logging.getLogger(__name__)


class Envelope(msgspec.Struct):
    """A message with the process that sent it, and its number there."""

    origin: str
    number: int
    frame: msgspec.Raw


_encoder = msgspec.json.Encoder()
_envelopes = msgspec.json.Decoder(Envelope)


class Relay:
    """`send` may be called from any thread and returns at once; a thread of the relay waits for the bus.

    Messages of a process arrive once and in order, even if a failure has them sent twice.
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
        """Queue frames for the other processes."""
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
                self._thread = threading.Thread(target=self._run, name="events-relay", daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """Send what is left, if that is quick, and stop."""
        self._closing.set()
        with self._news:
            self._news.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_TIMEOUT)

    async def listen(self, deliver: Callable[[Iterable[Frame]], None], on_connected: Callable[[], None]) -> None:
        """Deliver the messages of other processes, until cancelled. Each (re)connection is reported, since messages may
        be missed.
        """
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
        """The frame of a text from the bus; none if this process sent it, or if it was received before."""
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

    def _run(self) -> None:
        while batch := self._next_batch():
            self._send_batch(batch)
            self._closing.wait(PAUSE)
        self._bus.close()

    def _next_batch(self) -> list[str]:
        """Wait for messages to send; empty when the relay is closing."""
        with self._news:
            self._news.wait_for(lambda: self._outbox or self._closing.is_set())
            return [self._outbox.popleft() for _ in range(min(BATCH_SIZE, len(self._outbox)))]

    def _send_batch(self, batch: list[str]) -> None:
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
    """The pause before the next attempt. Its beginning and its end are logged, each in one line."""

    def __init__(self, what: str) -> None:
        self.wait = SHORTEST_WAIT
        self._what = what
        self._attempts = 0

    def note(self, problem: Exception) -> None:
        if self._attempts == 0:
            logger.warning("The event bus can't be %s: %s", self._what, without_credentials(problem))
        self.wait = min(SHORTEST_WAIT * 2**self._attempts, LONGEST_WAIT)
        self._attempts = min(self._attempts + 1, 10)

    def end(self, consequence: str) -> None:
        if self._attempts:
            logger.warning("The event bus is %s again; %s", self._what, consequence)
        self._attempts = 0


def without_credentials(problem: Exception) -> str:
    """A problem in one line, without the password of an address."""
    first_line = str(problem).partition("\n")[0]
    return f"{type(problem).__name__}: {CREDENTIALS.sub('://…@', first_line)}"


_lock = threading.Lock()
_relays: list[Relay] = []


def process_relay() -> Relay:
    """The relay of this process, made when it is first needed."""
    with _lock:
        if not _relays:
            _relays.append(Relay(chosen()))
        return _relays[0]


def close() -> None:
    """Close the relay of this process. A later `process_relay` makes a new one."""
    with _lock:
        ended = _relays.copy()
        _relays.clear()
    for relay in ended:
        relay.close()


atexit.register(close)
