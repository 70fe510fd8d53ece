"""Writes that are compiled once: inserts and updates of the rows that every change of anything writes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from taiga.base.database import is_postgres
from taiga.base.fields import moment_parameter
from taiga.base.prepared import run

M = TypeVar("M", bound=models.Model)
Spread = tuple[Mapping[str, Any], Sequence[tuple[Any, ...]]]
MOST = 200
"""Rows of one statement; SQLite takes a few thousand parameters."""
PLAIN = frozenset((int, str, bool, type(None)))
"""What both databases take as it is."""


def insert(objects: Sequence[M]) -> None:
    """Insert new rows of one model; their primary keys are set."""
    for start in range(0, len(objects), MOST):
        part = objects[start : start + MOST]
        keys = run(insertion(type(part[0]), len(part)), rows(part))
        for one, row in zip(part, keys, strict=True):
            one.pk = row[0]
            one._state.adding = False


def insert_missing(objects: Sequence[models.Model]) -> None:
    """Insert those rows of one model that are not there yet; primary keys stay unknown."""
    for start in range(0, len(objects), MOST):
        part = objects[start : start + MOST]
        run(insertion(type(part[0]), len(part), "ON CONFLICT DO NOTHING"), rows(part))


def insert_spread(model: type[models.Model], spread: Sequence[Spread], varying: tuple[str, ...]) -> None:
    """Insert many rows that are alike: for the values of all other columns one row per line, which holds its values of
    the `varying` ones.
    """
    same = [column.attname for column in written(model) if column.attname not in varying]
    for start in range(0, len(spread), MOST):
        told = [[*(values[name] for name in same), lines] for values, lines in spread[start : start + MOST]]
        run(spreading(model, varying), [json.dumps(told, default=stamp)])


def stamp(moment: datetime) -> str:
    """A moment as it stands in a JSON document that becomes rows."""
    return str(moment_parameter(moment))


def update(one: models.Model, names: Sequence[str]) -> None:
    """Write these attributes (as columns are called in Python: `status_id`) of a row."""
    model = type(one)
    columns = [column for column in model._meta.concrete_fields if column.attname in names]
    run(assignment(model, tuple(column.column for column in columns)), [*parameters(one, columns), one.pk])


def delete(one: models.Model) -> None:
    """Delete a row to which no other one refers."""
    run(deletion(type(one)), [one.pk])


def rows(objects: Sequence[models.Model]) -> list[Any]:
    """The parameters of an insertion."""
    columns = written(type(objects[0]))
    return [value for one in objects for value in parameters(one, columns)]


def parameters(one: models.Model, columns: Iterable[Any]) -> list[Any]:
    """The values of these columns as the database takes them."""
    found = []
    for column in columns:
        value = getattr(one, column.attname)
        if isinstance(column, models.JSONField):
            value = None if value is None else json.dumps(value)
        elif type(value) not in PLAIN:
            value = column.get_db_prep_save(value, connection=connections[DEFAULT_DB_ALIAS])
        found.append(value)
    return found


@cache
def written(model: type[models.Model]) -> list[Any]:
    """The columns of a row that is inserted: all but the key that the database gives."""
    return [column for column in model._meta.concrete_fields if not column.primary_key]


@cache
def insertion(model: type[models.Model], count: int, conflict: str = "") -> str:
    """The statement that inserts so many rows."""
    quote = connection.ops.quote_name
    columns = written(model)
    names = ", ".join(quote(column.column) for column in columns)
    row = f"({', '.join(['%s'] * len(columns))})"
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * count)} {conflict} RETURNING {key}"


@cache
def spreading(model: type[models.Model], varying: tuple[str, ...]) -> str:
    """The statement that inserts rows out of one JSON document: a list of `[value, …, [[varying value, …], …]]`."""
    quote = connection.ops.quote_name
    columns = {column.attname: column for column in written(model)}
    same = [column for name, column in columns.items() if name not in varying]
    lists = [columns[name] for name in varying]
    names = ", ".join(quote(column.column) for column in (*same, *lists))
    shared = [f"{member(place, column)} AS same_{place}" for place, column in enumerate(same)]
    values = [f"same_{place}" for place in range(len(same))] + [member(*column) for column in enumerate(lists)]
    if is_postgres():
        each, lines = "jsonb_array_elements(%s::jsonb) AS given(value)", f"value -> {len(same)}"
        line = "jsonb_array_elements(lines) AS line(value)"
    else:
        each, lines, line = "json_each(%s)", f"json_extract(value, '$[{len(same)}]')", "json_each(lines)"
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return (
        f"WITH one AS MATERIALIZED (SELECT {', '.join(shared)}, {lines} AS lines FROM {each}) "
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM one, {line} RETURNING {key}"
    )


def member(place: int, column: Any) -> str:
    """The value for a column at a place of the JSON array `value`."""
    if not is_postgres():
        return f"json_extract(value, '$[{place}]')"
    if isinstance(column, models.JSONField):
        return f"value -> {place}"
    return f"(value ->> {place})::{column.db_type(connection)}"


@cache
def assignment(model: type[models.Model], columns: tuple[str, ...]) -> str:
    """The statement that updates one row."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    values = ", ".join(f"{quote(column)} = %s" for column in columns)
    return f"UPDATE {table} SET {values} WHERE {key} = %s RETURNING {key}"


@cache
def deletion(model: type[models.Model]) -> str:
    """The statement that deletes one row."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"DELETE FROM {table} WHERE {key} = %s RETURNING {key}"
