"""The rules by which items change places."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet

Orders = dict[int, int]


def shifted(base: Mapping[int, int], wanted: Iterable[tuple[int, int]]) -> Orders:
    """Algorithm S: give rows the places they want; others step back. Returns every row whose order was touched.

    `base` holds the orders of all rows concerned. Wanted rows that are not in it are left out.
    """
    orders = dict(base)
    touched: set[int] = set()
    pairs = [(key, order) for key, order in wanted if key in base]
    for key, new in sorted(pairs, key=lambda pair: pair[1]):
        old = orders[key]
        for other, value in orders.items():
            if (new <= old and new <= value < old) or (new >= old and value >= new):
                orders[other] = value + 1
                touched.add(other)
    for key, new in pairs:
        orders[key] = new
        touched.add(key)
    return {key: orders[key] for key in base if key in touched}


def make_room(rows: "QuerySet[Any]", column: str, item: Any) -> Orders:
    """Algorithm S for one row that was saved with its new order already: all others at or behind it step back by one.

    Returns the rows that were moved.
    """
    place = getattr(item, column)
    behind = rows.filter(**{f"{column}__gte": place}).exclude(pk=item.pk)
    moved = {key: order + 1 for key, order in behind.order_by().values_list("pk", column)}
    if moved:
        behind.update(**{column: F(column) + 1})
    return moved


def renumbered(
    rest: Sequence[tuple[int, int]], moved: Sequence[int], *, before: int | None = None, after: int | None = None
) -> Orders:
    """Algorithm R: put rows in a cell, in front of all, or right before or after one of its rows.

    `rest` are the (id, order) of the cell's rows without the moved ones, by order and id. Returns the renumbered rows,
    in their final sequence.
    """
    orders = dict(rest)
    if before is not None:
        first = orders[before]
        kept = [key for key, order in rest if order >= first]
    elif after is not None:
        first = orders[after] + 1
        kept = [key for key, order in rest if order >= orders[after] and key != after]
    else:
        first, kept = 1, [key for key, _order in rest]
    return {key: number for number, key in enumerate([*moved, *kept], start=first)}
