"""The parser of searches, and searches without an index."""

import pytest

from taiga.base import unindexed_search
from taiga.users.models import User

TEXTS = ["red apple pie", "green apple", "Red wine", "pie-chart of 2024", "crêpe"]


@pytest.fixture
def texts(db: None) -> None:
    for number, text in enumerate(TEXTS):
        User.objects.create(username=f"u{number}", email=f"u{number}@example.com", bio=text)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("apple", [0, 1]),
        ("APP", [0, 1]),
        ("pple", []),
        ("red pie", [0]),
        ("red and pie", [0]),
        ("wine or green", [1, 2]),
        ("WINE OR GREEN", [1, 2]),
        ("red not wine", [0]),
        ("not apple", [2, 3, 4]),
        ("(red or green) apple", [0, 1]),
        ("red (wine", [2]),
        ("red) wine", [2]),
        ("red or", [0, 2]),
        ("or red", [0, 2]),
        ("and", None),
        ("not", None),
        ('"apple pie"', [0]),
        ('"pie apple"', []),
        ('"appl"', []),
        ('"apple', [0, 1]),
        ("pie", [0, 3]),
        ("2024", [3]),
        ("pie-ch", [3]),
        ("crê", [4]),
        ("r'ed wine\\", [2]),
        ("!!! ???", None),
        ("red !!!", [0, 2]),
        (".*", None),
        ("re.", [0, 2]),
        ("e-r", []),
        ("2024 chart-pie", [3]),
        ("()", None),
    ],
)
def test_a_search_finds_the_texts_that_match_its_words(texts: None, search: str, found: list[int] | None) -> None:
    condition = unindexed_search.condition(search, "bio")
    if found is None:
        assert condition is None
    else:
        assert condition is not None
        rows = User.objects.filter(condition).order_by("username").values_list("bio", flat=True)
        assert list(rows) == [TEXTS[number] for number in found]
