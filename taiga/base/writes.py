"""Writes that are compiled once: inserts and updates of the rows that every change of anything writes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

from taiga.base.database import is_postgres
from taiga.base.fields import moment_parameter
from taiga.base.prepared import run

M = TypeVar("M", bound=models.Model)
Preparation = tuple[str, frozenset[Any], Callable[[Any], Any]]
"""Of a column the attribute, the types whose values go as they are, and what becomes of others."""
Spread = tuple[Mapping[str, Any], Sequence[tuple[Any, ...]]]
MOST = 200
"""Rows of one statement; SQLite takes a few thousand parameters."""
PLAIN = frozenset((int, str, bool, type(None)))
"""What both databases take as it is."""
NULL = frozenset((type(None),))


def new(model: type[M], **values: Any) -> M:
    """A row that is not stored yet: what `Model(…)` makes, at a fifth of the cost. Values go by attribute
    (`status_id`); a column of which nothing is said has its default. Raises TypeError for what is no column.
    """
    constants, made = defaults(model)
    if unknown := values.keys() - constants.keys() - made.keys():
        raise TypeError(f"{model.__name__} has no columns {sorted(unknown)}")
    one = model.__new__(model)
    one.__dict__.update(constants)
    for name, make in made.items():
        if name not in values:
            one.__dict__[name] = make()
    one.__dict__.update(values)
    one._state = ModelState()
    return one


@cache
def defaults(model: type[models.Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """The defaults of a model's columns: those that are always the same, and those that are made for each row."""
    fields = model._meta.concrete_fields
    made = {one.attname: one.default for one in fields if one.has_default() and callable(one.default)}
    return {one.attname: one.get_default() for one in fields if one.attname not in made}, made


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
    statement, columns = assignment(type(one), tuple(names))
    run(statement, [*parameters(one, columns), one.pk])


def delete(one: models.Model) -> None:
    """Delete a row to which no other one refers."""
    run(deletion(type(one)), [one.pk])


def rows(objects: Sequence[models.Model]) -> list[Any]:
    """The parameters of an insertion."""
    columns = inserted(type(objects[0]))
    return [value for one in objects for value in parameters(one, columns)]


def parameters(one: models.Model, columns: Iterable[Preparation]) -> list[Any]:
    """The values of these columns as the database takes them."""
    values = vars(one)
    return [
        value if type(value := values[name]) in as_it_is else prepared(value) for name, as_it_is, prepared in columns
    ]


def preparation(column: Any) -> Preparation:
    """How the values of a column become parameters."""
    if isinstance(column, models.JSONField):
        return column.attname, NULL, json.dumps
    if isinstance(column, models.DateTimeField):
        return column.attname, NULL, moment_parameter
    return column.attname, PLAIN, lambda value: column.get_db_prep_save(value, connection)


@cache
def written(model: type[models.Model]) -> list[Any]:
    """The columns of a row that is inserted: all but the key that the database gives."""
    return [column for column in model._meta.concrete_fields if not column.primary_key]


@cache
def inserted(model: type[models.Model]) -> list[Preparation]:
    """How they become parameters."""
    return [preparation(column) for column in written(model)]


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
def assignment(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Preparation]]:
    """The statement that updates these attributes of one row, and how they become parameters."""
    quote = connection.ops.quote_name
    columns = [column for column in model._meta.concrete_fields if column.attname in names]
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    values = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)
    statement = f"UPDATE {table} SET {values} WHERE {key} = %s RETURNING {key}"
    return statement, [preparation(column) for column in columns]


@cache
def deletion(model: type[models.Model]) -> str:
    """The statement that deletes one row."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"DELETE FROM {table} WHERE {key} = %s RETURNING {key}"
