"""Writes: processor time of the request, of what follows from it in the worker, and latency."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.cases import READS
from bench.places import PROGRAM, WORKER, Place
from bench.processes import Program
from bench.rounds import Ask, Figures, Variant
from bench.tables import ms, table

HEAD = ("", "app", "db", "worker", "worker db", "p50", "p99")
SETTLED = "SELECT (SELECT count(*) FROM changes_change WHERE told_at IS NULL) + (SELECT count(*) FROM base_job)"
PATIENCE = 120
ONE_STORY = READS[2]
FLOOR_MS = 0.3
"""What that costs on the machine for which the targets were written."""


@dataclass(frozen=True)
class Write:
    """A request that changes something; `body` makes the next one."""

    name: str
    method: str
    path: str
    ids: Callable[[Place], Sequence[int]]
    body: Callable[[Place], Callable[[int], Any]]
    batch: int
    headers: dict[str, str] = field(default_factory=dict)


def patches(**changes: Any) -> Callable[[Place], Callable[[int], Any]]:
    """Bodies with the version that the item has by now; lists of values take turns."""

    def bodies(place: Place) -> Callable[[int], Any]:
        versions: dict[int, int] = defaultdict(int)
        facts = place.facts["big"]

        def body(key: int) -> Any:
            if key not in versions:
                versions[key] = place.asked(f"SELECT version FROM projects_workitem WHERE id = {key}")
            version = versions[key]
            versions[key] += 1
            values = {name: make(facts, version) for name, make in changes.items()}
            return {"version": version, **values}

        return body

    return bodies


def moves(place: Place, after: Callable[[int, list[int]], int]) -> Callable[[int], Any]:
    """Bodies that put a card behind another one."""
    facts = place.facts["column"]
    status, cards = facts["statuses"]["userstory"][0], facts["stories"]
    common = {"project_id": facts["id"], "status_id": status}
    return lambda key: {**common, "after_userstory_id": after(key, cards), "bulk_userstories": [key]}


def bulk(place: Place) -> Callable[[int], Any]:
    """A thousand subjects."""
    text = "\n".join(f"Story number {number} of many" for number in range(1_000))
    return lambda key: {"project_id": key, "bulk_stories": text}


def some(place: Place) -> Sequence[int]:
    stories: list[int] = place.facts["big"]["stories"]
    return stories[200:300]


MOVE = "userstories/bulk_update_kanban_order"
WRITES = (
    Write("PATCH of a subject", "PATCH", "userstories/{id}", some, patches(subject=lambda f, n: f"Subject {n}"), 30),
    Write(
        "PATCH of a status, with comment",
        "PATCH",
        "userstories/{id}",
        lambda place: place.facts["big"]["stories"][300:400],
        patches(status=lambda f, n: f["statuses"]["userstory"][n % 5], comment=lambda f, n: "Done *so far*"),
        20,
    ),
    Write(
        "move in a column of 10,000, near its end",
        "POST",
        MOVE,
        lambda place: place.facts["column"]["stories"][-30:-20],
        lambda place: moves(place, lambda key, cards: cards[-2]),
        4,
    ),
    Write(
        "move in a column of 10,000, to its top",
        "POST",
        MOVE,
        lambda place: place.facts["column"]["stories"][-60:-40],
        lambda place: moves(place, lambda key, cards: cards[0]),
        4,
    ),
    Write(
        "bulk create of 1,000 stories",
        "POST",
        "userstories/bulk_create",
        lambda place: [place.facts["big"]["id"]],
        bulk,
        1,
    ),
)


@dataclass
class Written:
    """The figures of one kind of write, and of what its worker did afterwards."""

    variant: Variant
    afterwards: Figures


def measure(places: Sequence[Place], rounds: int) -> None:
    """The table of each database."""
    found = {place.name: prepared(place) for place in places}
    floors = {place.name: floor(place) for place in places}
    for _ in range(rounds):
        for number in range(len(WRITES)):
            for place in places:
                worker, written = found[place.name]
                turn(place, worker, written[number])
                floors[place.name].turn()
    for place in places:
        written = found[place.name][1]
        print(f"\n**{place.name}** (milliseconds of processor time per request; p50, p99: until the answer is here)\n")
        print(table(HEAD, [row(one) for one in written]))
        scaled = written[0].variant.figures.app_ms * FLOOR_MS / floors[place.name].figures.app_ms
        print(
            f"\nWhere the floor's one story costs {FLOOR_MS} ms of app CPU, the first row's would be {ms(scaled)} ms."
        )


def floor(place: Place) -> Variant:
    """One story without a program around it: how quick the machine is."""
    server = place.serve_floor({ONE_STORY.key: ONE_STORY.sql(place)})
    variant = Variant(ONE_STORY.name, server, place.database_cpu, ONE_STORY.ask_floor(place), ONE_STORY.batch)
    variant.warm_up()
    return variant


def prepared(place: Place) -> tuple[Program, list[Written]]:
    """A server without a worker, a worker beside it, and all writes once, unmeasured."""
    server, worker = place.serve("--no-worker"), place.work()
    made = []
    for write in WRITES:
        headers = {"Authorization": f"Bearer {place.facts['token']}", **write.headers}
        ask = Ask(f"/api/v1/{write.path}", write.method, headers, write.ids(place), write.body(place))
        variant = Variant(write.name, server, lambda: sessions(place, PROGRAM), ask, write.batch)
        variant.warm_up(1 if write.batch == 1 else 3)
        made.append(Written(variant, Figures()))
    settle(place)
    return worker, made


def turn(place: Place, worker: Program, written: Written) -> None:
    """A batch, and then all that follows from it."""
    app, database = worker.cpu(), sessions(place, WORKER)
    written.variant.turn()
    settle(place)
    batch = written.variant.batch
    written.afterwards.app.append((worker.cpu() - app) / batch / 1e6)
    written.afterwards.database.append((sessions(place, WORKER) - database) / batch / 1e6)


def sessions(place: Place, program: str) -> int:
    return place.cluster.cpu_of_program(program) if place.cluster else 0


def settle(place: Place) -> None:
    """Until the worker has nothing more to do."""
    end = time.monotonic() + PATIENCE
    while place.asked(SETTLED) and time.monotonic() < end:
        time.sleep(0.1)


def row(written: Written) -> tuple[str, ...]:
    mine, later = written.variant.figures, written.afterwards
    times = [mine.app_ms, mine.database_ms, later.app_ms, later.database_ms, mine.latency(50), mine.latency(99)]
    return (written.variant.name, *map(ms, times))
