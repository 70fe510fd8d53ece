"""Reads beside their floor: processor time, latency, number of queries."""

import json
import platform
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from bench import checks
from bench.cases import Case
from bench.places import Place
from bench.rounds import Figures, Variant, run
from bench.tables import ms, table

HEAD = ("", "app", "db", "floor app", "floor db", "ratio", "p50", "p99", "queries")
Pair = tuple[Variant, Variant]


def measure(places: Sequence[Place], cases: Sequence[Case], rounds: int) -> dict[str, list[Pair]]:
    """For each database the cases as (API, floor)."""
    pairs: dict[str, list[Pair]] = {}
    for place in places:
        api = place.serve()
        floor = place.serve_floor({case.key: case.sql(place) for case in cases})
        pairs[place.name] = [
            (
                Variant(case.name, api, place.database_cpu, case.ask(place), case.batch),
                Variant(case.name, floor, place.database_cpu, case.ask_floor(place), case.batch),
            )
            for case in cases
        ]
        for pair in pairs[place.name]:
            ensure_same(place, *pair)
    run([variant for listed in zip(*pairs.values(), strict=True) for pair in listed for variant in pair], rounds)
    return pairs


def ensure_same(place: Place, api: Variant, floor: Variant) -> None:
    """The floor must give the same answer."""
    found = checks.compare(api.warm_up(), floor.warm_up())
    if found:
        raise SystemExit("\n".join([f"{place.name}, {api.name}: the floor says something else", *found]))


def show(places: Sequence[Place], cases: Sequence[Case], pairs: dict[str, list[Pair]]) -> None:
    """A table for each database."""
    for place in places:
        counts = queries(place, cases)
        rows = [row(api, floor.figures, counts[api.name]) for api, floor in pairs[place.name]]
        print(f"\n**{place.name}** (milliseconds of processor time per request; p50, p99: until the answer is here)\n")
        print(table(HEAD, rows))


def show_peer(pairs: dict[str, list[Pair]], name: str) -> None:
    """A board beside `json.dumps` of its own answer."""
    for database, listed in pairs.items():
        api = next(api for api, _floor in listed if api.name == name)
        dumps = json_dumps_ms(api.client.last)
        size, ratio = len(api.client.last) / 1e6, api.figures.total / dumps
        print(f"{database}, {name}: {size:.2f} MB, {ratio:.2f} times json.dumps of the answer ({ms(dumps)} ms)")


def row(api: Variant, floor: Figures, count: str) -> tuple[str, ...]:
    mine = api.figures
    times = [mine.app_ms, mine.database_ms, floor.app_ms, floor.database_ms]
    latencies = [mine.latency(50), mine.latency(99)]
    return (api.name, *map(ms, times), f"{mine.total / floor.total:.2f}", *map(ms, latencies), count)


def queries(place: Place, cases: Sequence[Case]) -> dict[str, str]:
    """How many statements each request takes: in its project, and in one of another size if that differs."""
    asked = []
    for case in cases:
        sizes = [case.project, "small" if case.project == "big" else "big"]
        asked.append([case.name, [paths(case, place, name) for name in sizes], case.headers])
    found = json.loads(place.run("bench.counting", json.dumps([place.facts["token"], asked])))
    return {name: str(one) if one == other else f"{one} ({other})" for name, (one, other) in found.items()}


def paths(case: Case, place: Place, project: str) -> list[str]:
    """The addresses of the first few of a case's rows."""
    facts = place.facts[project]
    return [f"/api/v1/{case.path(facts)}".replace("{id}", str(key)) for key in case.ids(facts)[:5]]


def json_dumps_ms(answer: bytes) -> float:
    """What Python's own `json.dumps` needs for the same answer."""
    value, times = json.loads(answer), []
    for _ in range(5):
        began = time.process_time()
        json.dumps(value)
        times.append(time.process_time() - began)
    return 1_000 * statistics.median(times)


def machine() -> str:
    """What the figures come from."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = Path("/proc/loadavg").read_text(encoding="ascii").split()[0]
    return f"{platform.machine()} {model}, Python {platform.python_version()}, load {load}"
