"""The rules for reordering items."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import compress, count, islice
from operator import sub
from typing import Any

from django.db import connection
from django.db.models import F, Model, QuerySet

from taiga.base import errors
from taiga.base.database import is_postgres
from taiga.base.fields import list_parameter
from taiga.base.prepared import Param, Prepared, run
from taiga.projects.models import WorkItem
from taiga.projects.services import unrecorded

Orders = dict[int, int]
RANGE_UPDATE_FROM = 1_000
"""The number of rows from which a shift is written as a range."""


def shifted(base: Mapping[int, int], wanted: Iterable[tuple[int, int]]) -> Orders:
    """Algorithm S: give rows the orders they want and shift the others back. Returns every row whose order was written.

    `base` holds the orders of all rows concerned; wanted rows that are not in it are ignored.
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
    """Algorithm S for one row that has been saved with its new order: shift all others at or after it back by one.

    Returns the rows that were moved.
    """
    place = getattr(item, column)
    following = rows.filter(**{f"{column}__gte": place}).exclude(pk=item.pk)
    moved = {key: order + 1 for key, order in following.order_by().values_list("pk", column)}
    if moved:
        following.update(**silently(rows.model, column), **{column: F(column) + 1})
    return moved


def silently(model: type[Model], column: str) -> dict[str, Any]:
    """The further column to update, so that the next history entry of an item includes its new order."""
    return {"unrecorded": unrecorded.plus(column)} if issubclass(model, WorkItem) else {}


def renumbered(
    rows: "QuerySet[Any]", column: str, moved: Sequence[int], *, before: int | None = None, after: int | None = None
) -> tuple[Orders, Orders]:
    """Algorithm R: put rows into a cell (`rows`): first, or right before or after one of its rows.

    Returns the new orders of the moved rows and of all rows after them, in their final sequence, and the former orders
    of the latter. Rows before that place are not read. Raises Missing if the neighbour was deleted meanwhile.
    """
    following, first, neighbour = rows.exclude(pk__in=moved).order_by(column, "pk"), 1, before or after
    if neighbour is not None:
        model: type[Model] = rows.model
        found = place_of(model, column).one(id=neighbour)
        if found is None:
            raise errors.Missing
        place = found[0]
        following = following.filter(**{f"{column}__gte": place}).exclude(pk=after)
        first = place if after is None else place + 1
    sql, values = following.values_list("pk", column).query.sql_with_params()
    former: Orders = dict(run(sql, list(values)))
    return dict(zip((*moved, *former), count(first), strict=False)), former


@cache
def place_of(model: type[Model], column: str) -> Prepared:
    """The query of the order of a row."""
    return Prepared(lambda: model._default_manager.filter(pk=Param("id")).order_by().values_list(column))


def store(model: type[Model], column: str, orders: Orders) -> None:
    """Write orders: one statement for any number of rows."""
    if not orders:
        return
    table = model._meta.db_table
    if is_postgres():
        pairs = "(SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS place)"
        values = [list_parameter(orders), list_parameter(orders.values())]
    else:
        pairs = "(SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS place FROM json_each(%s))"
        values = [json.dumps(list(orders.items()))]
    former = {column: f'{table}."{column}"'}
    silent = f", unrecorded = {unrecorded.merged(former)}" if issubclass(model, WorkItem) else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {table} SET "{column}" = wanted.place{silent} FROM {pairs} AS wanted WHERE {table}.id = wanted.id',
            values,
        )


def store_renumbered(rows: "QuerySet[Any]", column: str, orders: Orders, former: Orders, *, after: int | None) -> None:
    """Write the result of `renumbered`: the moved rows, and those after them.

    Many rows that shift by the same amount are written as one range. For thousands of rows that is half the work of
    writing each number, although the whole cell is scanned.
    """
    moved = dict(islice(orders.items(), len(orders) - len(former)))
    olds, news = list(former.values()), list(islice(orders.values(), len(moved), None))
    steps = list(map(sub, news, olds))
    shift = common_shift(olds, steps)
    if shift is None:
        store(rows.model, column, {**moved, **dict(zip(compress(former, steps), compress(news, steps), strict=True))})
        return
    low, high, step = shift
    following = rows.filter(**{f"{column}__range": (low, high)}).exclude(pk__in=[*moved, *([after] if after else ())])
    following.update(**silently(rows.model, column), **{column: F(column) + step})
    store(rows.model, column, moved)


def common_shift(orders: list[int], steps: list[int]) -> tuple[int, int, int] | None:
    """If many of these ascending orders shift by the same amount, and none between them stays: the first one, the last
    one, and the amount; else None.
    """
    stepping = list(compress(orders, steps))
    if len(stepping) < RANGE_UPDATE_FROM or len({*steps} - {0}) != 1:
        return None
    low, high = stepping[0], stepping[-1]
    start = bisect_left(orders, low)
    return (low, high, steps[start]) if bisect_right(orders, high) - start == len(stepping) else None


def changed(orders: Orders, former: Mapping[int, int]) -> Orders:
    """The orders that differ from the former ones."""
    return {key: order for key, order in orders.items() if former.get(key) != order}
