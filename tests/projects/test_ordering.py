"""The rules by which items change places, on the examples of the described system."""

import pytest

from taiga.projects.services.ordering import renumbered, shifted


def orders(text: str) -> dict[str, int]:
    """`a1 b2` as orders."""
    return {pair[0]: int(pair[1:]) for pair in text.split()}


@pytest.mark.parametrize(
    ("base", "wanted", "result"),
    [
        ("a1 b2 c3 d4 e5 f6", "d2", "d2 b3 c4"),
        ("a1 b2 c3 d4 e5 f6", "a3", "a3 c4 d5 e6 f7"),
        ("a1 b2 c3 d4 e5 f6", "d2 e3", "d2 e3 b4 c5"),
        ("a1 b2 c3 d4 e5 f6", "a4 b5", "a4 b5 d6 e7 f8"),
        ("a0 b1", "b0", "b0 a1"),
        ("a1 b2 c3 d3 e3 f4", "a3", "a3 c4 d4 e4 f5"),
        ("a1 b2 c3 d3 e3 f4", "c3 d3 a4 x3", "c3 d3 a4 e5 f6"),
        ("x1 c4 a5 b1", "b1", "b1 x2 c5 a6"),
        ("a1", "", ""),
    ],
)
def test_others_step_back_from_the_places_that_some_want(base: str, wanted: str, result: str) -> None:
    keys = {key: number for number, key in enumerate(sorted({*orders(base), *orders(wanted)}))}
    found = shifted(
        {keys[key]: order for key, order in orders(base).items()},
        [(keys[key], order) for key, order in orders(wanted).items()],
    )
    assert found == {keys[key]: order for key, order in orders(result).items()}


@pytest.mark.parametrize(
    ("base", "wanted", "result"),
    [
        ("a0 b0 c0 d1 e99 f0", "f0", "a1 b1 c1 d2 e100"),
        ("a1 b2 c3 d4 e7 f6 g7", "e7 g8", "g8"),
        ("a1", "a1", ""),
    ],
)
def test_rows_that_end_where_they_were_need_not_be_written(base: str, wanted: str, result: str) -> None:
    before = {ord(key): order for key, order in orders(base).items()}
    found = shifted(before, [(ord(key), order) for key, order in orders(wanted).items()])
    written = {key: order for key, order in found.items() if before[key] != order}
    assert written == {ord(key): order for key, order in orders(result).items()}


def test_rows_are_renumbered_from_their_neighbour_on() -> None:
    rest = [(1, 10), (2, 20), (3, 30)]
    assert renumbered(rest, [7, 8]) == {7: 1, 8: 2, 1: 3, 2: 4, 3: 5}
    assert renumbered(rest, [7], before=2) == {7: 20, 2: 21, 3: 22}
    assert renumbered(rest, [7], after=2) == {7: 21, 3: 22}
