"""Writes that are compiled once: inserts and updates of the rows that every change of anything writes."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

from taiga.base.prepared import run

M = TypeVar("M", bound=models.Model)
MOST = 200
"""Rows of one statement; SQLite takes a few thousand parameters."""


def insert(objects: Sequence[M]) -> None:
    """Insert new rows of one model; their primary keys are set."""
    for start in range(0, len(objects), MOST):
        part = objects[start : start + MOST]
        model = type(part[0])
        columns = written(model)
        params = [
            column.get_db_prep_save(getattr(one, column.attname), connection=connection)
            for one in part
            for column in columns
        ]
        keys = run(insertion(model, len(part)), params)
        for one, row in zip(part, keys, strict=True):
            one.pk = row[0]
            one._state.adding = False


def update(one: models.Model, names: Sequence[str]) -> None:
    """Write these attributes (as columns are called in Python: `status_id`) of a row."""
    model = type(one)
    columns = [column for column in model._meta.concrete_fields if column.attname in names]
    params = [column.get_db_prep_save(getattr(one, column.attname), connection=connection) for column in columns]
    run(assignment(model, tuple(column.column for column in columns)), [*params, one.pk])


@cache
def written(model: type[models.Model]) -> list[Any]:
    """The columns of a row that is inserted: all but the key that the database gives."""
    return [column for column in model._meta.concrete_fields if not column.primary_key]


@cache
def insertion(model: type[models.Model], count: int) -> str:
    """The statement that inserts so many rows."""
    quote = connection.ops.quote_name
    columns = written(model)
    names = ", ".join(quote(column.column) for column in columns)
    row = f"({', '.join(['%s'] * len(columns))})"
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * count)} RETURNING {key}"


@cache
def assignment(model: type[models.Model], columns: tuple[str, ...]) -> str:
    """The statement that updates one row."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    values = ", ".join(f"{quote(column)} = %s" for column in columns)
    return f"UPDATE {table} SET {values} WHERE {key} = %s RETURNING {key}"
