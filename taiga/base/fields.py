"""Columns and lookups that work alike on SQLite and PostgreSQL."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from taiga.base.database import is_postgres


class TextListField(models.Field[Any, Any]):
    """A list of texts: `text[]` on PostgreSQL, a JSON array on SQLite."""

    description = "A list of texts"
    empty_strings_allowed = False

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "text[]" if connection.vendor == "postgresql" else "text"

    def get_internal_type(self) -> str:
        return "TextListField"

    def from_db_value(self, value: Any, expression: Expression, connection: BaseDatabaseWrapper) -> list[str] | None:
        return loaded(value)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None or connection.vendor == "postgresql":
            return value
        return json.dumps(list(value), ensure_ascii=False)

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))

    def to_python(self, value: Any) -> list[str] | None:
        return loaded(value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.JSONField, **kwargs})


def loaded(value: Any) -> list[str] | None:
    """The list that PostgreSQL returns, or that SQLite stores as JSON."""
    found: list[str] | None = json.loads(value) if isinstance(value, str) else value
    return found


class ListLookup(models.Lookup[Any]):
    """A lookup whose right side is a list that travels as one parameter, so that the statement is always the same."""

    prepare_rhs = False
    postgresql_sql: str
    sqlite_sql: str

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return "%s", [list_parameter(value, connection)]

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        sql = self.postgresql_sql if connection.vendor == "postgresql" else self.sqlite_sql
        return sql.format(left=left, right=right), [*left_params, *right_params]


class HoldsAny(ListLookup):
    """`tags__holds_any=[…]`: the column and the given list have an element in common."""

    lookup_name = "holds_any"
    postgresql_sql = "{left} && {right}::text[]"
    sqlite_sql = (
        "EXISTS (SELECT 1 FROM json_each({left}) AS held WHERE held.value IN (SELECT value FROM json_each({right})))"
    )


class AmongIds(ListLookup):
    """`id__among=[…]`: like `in`."""

    lookup_name = "among"
    postgresql_sql = "{left} = ANY({right}::bigint[])"
    sqlite_sql = "{left} IN (SELECT value FROM json_each({right}))"


INTEGERS = frozenset((int,))


def list_parameter(values: Iterable[Any], connection: BaseDatabaseWrapper | None = None) -> Any:
    """A list as one parameter of a statement: an array on PostgreSQL, JSON text on SQLite.

    PostgreSQL gets integers as the text of an array: the driver would inspect each of them three times.
    """
    given = list(values)
    postgres = connection.vendor == "postgresql" if connection else is_postgres()
    if not postgres:
        return json.dumps(given, ensure_ascii=False)
    return f"{{{','.join(map(str, given))}}}" if INTEGERS.issuperset(map(type, given)) else given


def moment_parameter(moment: datetime) -> Any:
    """A date and time as a parameter of a statement: SQLite stores it as text, in UTC."""
    return moment if is_postgres() else moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def moment_of(stored: datetime) -> datetime:
    """A date and time that SQLite returns without a time zone, in UTC."""
    return stored.replace(tzinfo=UTC)


TextListField.register_lookup(HoldsAny)
models.AutoField.register_lookup(AmongIds)
models.BigAutoField.register_lookup(AmongIds)
models.BigIntegerField.register_lookup(AmongIds)
models.ForeignKey.register_lookup(AmongIds)
