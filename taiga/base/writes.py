"""Inserts, updates and deletes that are compiled to SQL once, for the rows that are written most often."""

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
Conversion = tuple[str, frozenset[Any], Callable[[Any], Any]]
"""The attribute of a column, the types whose values are sent unchanged, and a function that converts the others."""
Spread = tuple[Mapping[str, Any], Sequence[tuple[Any, ...]]]
"""The values that several rows have in common, and for each row the values in which it differs."""
BATCH_SIZE = 200
"""Rows of one statement; SQLite limits the number of parameters."""
PLAIN = frozenset((int, str, bool, type(None)))
"""Types that both databases take unchanged."""
NULL = frozenset((type(None),))


def new(model: type[M], **values: Any) -> M:
    """An instance that is not stored yet: what `Model(…)` makes, at a fifth of its cost.

    Values are named by attribute (`status_id`); the other columns get their defaults. Raises TypeError for an unknown
    name.
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
    """The defaults of a model's columns: the constant ones, and the functions that make the others for each row."""
    fields = model._meta.concrete_fields
    made = {one.attname: one.default for one in fields if one.has_default() and callable(one.default)}
    return {one.attname: one.get_default() for one in fields if one.attname not in made}, made


def insert(objects: Sequence[M]) -> None:
    """Insert instances of one model, and set their primary keys."""
    for start in range(0, len(objects), BATCH_SIZE):
        part = objects[start : start + BATCH_SIZE]
        keys = run(insertion(type(part[0]), len(part)), rows(part))
        for one, row in zip(part, keys, strict=True):
            one.pk = row[0]
            one._state.adding = False


def insert_missing(objects: Sequence[models.Model]) -> None:
    """Insert instances of one model, except those that violate a unique constraint. Primary keys are not set."""
    for start in range(0, len(objects), BATCH_SIZE):
        part = objects[start : start + BATCH_SIZE]
        run(insertion(type(part[0]), len(part), "ON CONFLICT DO NOTHING"), rows(part))


def insert_spread(model: type[models.Model], spread: Sequence[Spread], varying: tuple[str, ...]) -> None:
    """Insert rows that have most of their values in common: for each `Spread` a row for each of its lists of `varying`
    values.
    """
    same = [column.attname for column in columns_of(model) if column.attname not in varying]
    for start in range(0, len(spread), BATCH_SIZE):
        document = [[*(values[name] for name in same), lines] for values, lines in spread[start : start + BATCH_SIZE]]
        run(spreading(model, varying), [json.dumps(document, default=stamp)])


def stamp(moment: datetime) -> str:
    """A date and time in the JSON document of `insert_spread`."""
    return str(moment_parameter(moment))


def update(one: models.Model, names: Sequence[str]) -> None:
    """Write these attributes (`status_id`) of an instance."""
    statement, columns = assignment(type(one), tuple(names))
    run(statement, [*parameters(one, columns), one.pk])


def delete(one: models.Model) -> None:
    """Delete a row that no other row refers to."""
    run(deletion(type(one)), [one.pk])


def rows(objects: Sequence[models.Model]) -> list[Any]:
    """The parameters of an insert."""
    columns = conversions_of(type(objects[0]))
    return [value for one in objects for value in parameters(one, columns)]


def parameters(one: models.Model, columns: Iterable[Conversion]) -> list[Any]:
    """The values of these columns, converted for the database."""
    values = vars(one)
    return [
        value if type(value := values[name]) in unchanged else convert(value) for name, unchanged, convert in columns
    ]


def conversion(column: Any) -> Conversion:
    """How the values of a column become parameters."""
    if isinstance(column, models.JSONField):
        return column.attname, NULL, json.dumps
    if isinstance(column, models.DateTimeField):
        return column.attname, NULL, moment_parameter
    return column.attname, PLAIN, lambda value: column.get_db_prep_save(value, connection)


@cache
def columns_of(model: type[models.Model]) -> list[Any]:
    """The columns of a row that is inserted: all but the primary key, which the database makes."""
    return [column for column in model._meta.concrete_fields if not column.primary_key]


@cache
def conversions_of(model: type[models.Model]) -> list[Conversion]:
    """How the values of these columns become parameters."""
    return [conversion(column) for column in columns_of(model)]


@cache
def insertion(model: type[models.Model], count: int, conflict: str = "") -> str:
    """The statement that inserts this many rows and returns their keys."""
    quote = connection.ops.quote_name
    columns = columns_of(model)
    names = ", ".join(quote(column.column) for column in columns)
    row = f"({', '.join(['%s'] * len(columns))})"
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * count)} {conflict} RETURNING {key}"


@cache
def spreading(model: type[models.Model], varying: tuple[str, ...]) -> str:
    """The statement of `insert_spread`, for a JSON document `[[value, …, [[varying value, …], …]], …]`."""
    quote = connection.ops.quote_name
    columns = {column.attname: column for column in columns_of(model)}
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
    """The element with this index of the JSON array `value`, as a value for a column."""
    if not is_postgres():
        return f"json_extract(value, '$[{place}]')"
    if isinstance(column, models.JSONField):
        return f"value -> {place}"
    return f"(value ->> {place})::{column.db_type(connection)}"


@cache
def assignment(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Conversion]]:
    """The statement that updates these attributes of a row, and how their values become parameters."""
    quote = connection.ops.quote_name
    columns = [column for column in model._meta.concrete_fields if column.attname in names]
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    values = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)
    statement = f"UPDATE {table} SET {values} WHERE {key} = %s RETURNING {key}"
    return statement, [conversion(column) for column in columns]


@cache
def deletion(model: type[models.Model]) -> str:
    """The statement that deletes one row."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"DELETE FROM {table} WHERE {key} = %s RETURNING {key}"
