"""`bin/bench [NAME …]`: the benchmarks, a table each."""

import argparse

from bench import reading
from bench.cases import BOARDS, READS
from bench.places import both


def reads(databases: str, rounds: int) -> None:
    """Lists, one story, one project."""
    with both(databases) as places:
        reading.show(places, READS, reading.measure(places, READS, rounds))


def boards(databases: str, rounds: int) -> None:
    """What boards and overviews ask for."""
    with both(databases) as places:
        reading.show(places, BOARDS, reading.measure(places, BOARDS, rounds))


NAMES = {"reads": reads, "boards": boards}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME")
    parser.add_argument("--databases", default="postgresql,sqlite")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    print(reading.machine())
    for name in given.names or NAMES:
        NAMES[name](given.databases, given.rounds)


if __name__ == "__main__":
    main()
