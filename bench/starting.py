"""How quickly the single process starts on an existing database, and what it weighs."""

import statistics
import time
from collections.abc import Sequence

from bench.cases import READS
from bench.places import Place
from bench.processes import MEGABYTE
from bench.rounds import Client
from bench.tables import ms, table

HEAD = ("", "first answer after", "idle", "after 400 lists", "processor time while idle")
STARTS = 3
IDLE = 10
LISTS = 400


def measure(places: Sequence[Place]) -> None:
    """The table of both databases; the weight is resident memory, the time that of the median start."""
    print("\n**Start and weight** of the single process: API, websocket, worker\n")
    print(table(HEAD, [row(place) for place in places]))


def row(place: Place) -> tuple[str, ...]:
    starts = []
    for _ in range(STARTS - 1):
        server = place.start()
        starts.append(server.started_in)
        server.stop()
    server = place.start()
    starts.append(server.started_in)
    time.sleep(2)
    before, memory = server.cpu(), server.memory()
    time.sleep(IDLE)
    idle = (server.cpu() - before) / IDLE / 1e6
    client = Client(server.port, READS[0].ask(place))
    for _ in range(LISTS):
        client.send()
    used = server.memory()
    server.stop()
    first = f"{statistics.median(starts):.1f} s"
    return (place.name, first, f"{memory / MEGABYTE:.0f} MB", f"{used / MEGABYTE:.0f} MB", f"{ms(idle)} ms per second")
