"""Turns names into slugs, and keeps slugs apart."""

import re
from collections.abc import Callable, Collection
from itertools import count

from text_unidecode import unidecode

_DROPPED = re.compile(r"[^a-z0-9_\s-]")
_GAP = re.compile(r"[-\s]+")


def slugify(text: str) -> str:
    """`Zeta Próject ñ!` → `zeta-project-n`; empty when nothing of the text can be written in ASCII."""
    ascii_text: str = unidecode(text)
    return _GAP.sub("-", _DROPPED.sub("", ascii_text.lower())).strip("-_")


def unique_slug(base: str, taken: Callable[[str], bool] | Collection[str], *, max_length: int) -> str:
    """The first of `base`, `base-1`, `base-2` … that is free, cut so that it fits with its number."""
    is_taken = taken if callable(taken) else taken.__contains__
    slug = base[:max_length]
    for number in count(1):
        if not is_taken(slug):
            break
        ending = f"-{number}"
        slug = base[: max_length - len(ending)] + ending
    return slug
