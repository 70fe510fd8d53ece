"""`bin/bench [NAME …]`: the benchmarks, a table each. Without a name the standard ones, in a few minutes."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from bench import importing, listeners, opcodes, reading, starting, writing
from bench.cases import BOARDS, READS
from bench.places import Place, both

ROUNDS = {"reads": 9, "boards": 5, "writes": 5}


@dataclass(frozen=True)
class Run:
    """What the benchmarks are run on."""

    places: list[Place]
    rounds: int | None

    def rounds_of(self, name: str) -> int:
        return self.rounds or ROUNDS[name]


def start(run: Run) -> None:
    """Start to first answer; memory."""
    starting.measure(run.places)


def reads(run: Run) -> None:
    """Lists, one story, one project."""
    reading.show(run.places, READS, reading.measure(run.places, READS, run.rounds_of("reads")))


def boards(run: Run) -> None:
    """What boards and overviews ask for."""
    pairs = reading.measure(run.places, BOARDS, run.rounds_of("boards"))
    reading.show(run.places, BOARDS, pairs)
    reading.show_peer(pairs, BOARDS[0].name)


def writes(run: Run) -> None:
    """Changes, moves, bulk creation."""
    writing.measure(run.places, run.rounds_of("writes"))


def dumps(run: Run) -> None:
    """A project in and out."""
    importing.measure(run.places)


def work(run: Run) -> None:
    """What the interpreter does for a request, function by function."""
    opcodes.measure(run.places)


NAMES: dict[str, Callable[[Run], None]] = {
    "start": start,
    "reads": reads,
    "boards": boards,
    "writes": writes,
    "import": dumps,
    "work": work,
}
STANDARD = ("start", "reads", "boards", "writes")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}, listeners")
    parser.add_argument("--databases", default="postgresql,sqlite", help="both if not given")
    parser.add_argument("--rounds", type=int, help="more of them, steadier figures")
    given, rest = parser.parse_known_args()
    if given.names == ["listeners"]:
        listeners.main(rest)
        return
    unknown = set(given.names) - NAMES.keys()
    if unknown or rest:
        parser.error(f"there is no {', '.join([*sorted(unknown), *rest])}")
    print(reading.machine())
    with both(given.databases) as places:
        for name in given.names or STANDARD:
            NAMES[name](Run(places, given.rounds))
            for place in places:
                place.stop()


if __name__ == "__main__":
    main()
