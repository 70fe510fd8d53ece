"""Slugs made from names, and kept unique."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import count, islice
from typing import Any

from django.db.models import QuerySet
from text_unidecode import unidecode

_DROPPED = re.compile(r"[^a-z0-9_\s-]")
_GAP = re.compile(r"[-\s]+")
BATCH_SIZE = 1_000
"""Slugs that are looked up in one query, at most."""

Taken = Callable[[list[str]], Iterable[str]]
"""Returns those of some slugs that are in use."""


def slugify(text: str) -> str:
    """`Zeta Próject ñ!` → `zeta-project-n`; empty if nothing of the text can be transliterated to ASCII."""
    ascii_text: str = unidecode(text)
    return _GAP.sub("-", _DROPPED.sub("", ascii_text.lower())).strip("-_")


def unique_slug(base: str, taken: Taken | Collection[str], *, max_length: int) -> str:
    """The first of `base`, `base-1`, `base-2` … that is not in use, cut to `max_length` with its number.

    `taken` are the slugs in use, or a function that looks them up. It is called with ever more candidates, since on a
    large server thousands of objects may have the same name.
    """
    slugs = candidates(base, max_length)
    for power in count():
        some = list(islice(slugs, min(10**power, BATCH_SIZE)))
        gone = set(taken(some)) if callable(taken) else taken
        free = next((slug for slug in some if slug not in gone), None)
        if free is not None:
            return free
    raise AssertionError("there is always another number")


def candidates(base: str, max_length: int) -> Iterator[str]:
    """All candidates, in order."""
    yield base[:max_length]
    for number in count(1):
        ending = f"-{number}"
        yield base[: max_length - len(ending)] + ending


def among(rows: "QuerySet[Any]", column: str = "slug") -> Taken:
    """Looks slugs up in a column of these rows."""
    return lambda some: rows.filter(**{f"{column}__in": some}).order_by().values_list(column, flat=True)
