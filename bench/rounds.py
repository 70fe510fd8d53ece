"""Measuring in rounds: every variant has its turn in each, so that what disturbs the machine disturbs all alike."""

import http.client
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from bench.processes import Server

IDLE = 3
"""Seconds after which a connection is not trusted any more."""


@dataclass(frozen=True)
class Ask:
    """A request; `{id}` in its path is one id after the other."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    ids: Sequence[int] = (0,)
    body: Callable[[int], object] | None = None


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, ask: Ask) -> None:
        self.ask = ask
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.ids: Iterator[int] = cycle(ask.ids)
        self.last = b""
        self.used = 0.0

    def send(self) -> float:
        """Seconds until the whole answer was here."""
        ask, key = self.ask, next(self.ids)
        body = json.dumps(ask.body(key)).encode() if ask.body else None
        headers = {**ask.headers, **({"Content-Type": "application/json"} if body else {})}
        if time.monotonic() - self.used > IDLE:
            self.connection.close()  # the server may have done so
            self.connection.connect()
        began = time.perf_counter()
        self.connection.request(ask.method, ask.path.replace("{id}", str(key)), body, headers)
        answer = self.connection.getresponse()
        self.last = answer.read()
        took = time.perf_counter() - began
        self.used = time.monotonic()
        if answer.status >= 300:
            raise SystemExit(f"{ask.method} {ask.path}: {answer.status} {self.last[:500]!r}")
        return took


@dataclass
class Figures:
    """Of one variant: milliseconds of a request, by round; latencies of all of them."""

    app: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def app_ms(self) -> float:
        return statistics.median(self.app)

    @property
    def database_ms(self) -> float:
        return statistics.median(self.database)

    @property
    def total(self) -> float:
        """Of application and database together."""
        return statistics.median(a + d for a, d in zip(self.app, self.database, strict=True))

    def latency(self, percent: int) -> float:
        """In milliseconds."""
        return 1_000 * sorted(self.latencies)[min(len(self.latencies) - 1, len(self.latencies) * percent // 100)]


class Variant:
    """A request to a server, measured batch by batch."""

    def __init__(self, name: str, server: Server, database_cpu: Callable[[], int], ask: Ask, batch: int) -> None:
        self.name = name
        self.server = server
        self.database_cpu = database_cpu
        self.client = Client(server.port, ask)
        self.batch = batch
        self.figures = Figures()

    def warm_up(self, times: int = 3) -> bytes:
        """Statements are compiled and prepared; the last answer."""
        for _ in range(times):
            self.client.send()
        return self.client.last

    def turn(self) -> None:
        """One batch."""
        app, database = self.server.cpu(), self.database_cpu()
        self.figures.latencies += [self.client.send() for _ in range(self.batch)]
        self.figures.app.append((self.server.cpu() - app) / self.batch / 1e6)
        self.figures.database.append((self.database_cpu() - database) / self.batch / 1e6)


def run(variants: Sequence[Variant], rounds: int) -> None:
    """All variants, round by round."""
    for variant in variants:
        variant.warm_up()
    for number in range(rounds):
        print(f"\rround {number + 1} of {rounds} ", end="", file=sys.stderr, flush=True)
        for variant in variants:
            variant.turn()
    print("\r" + " " * 30, end="\r", file=sys.stderr, flush=True)
