"""Queries that are written with the ORM, compiled to SQL once and run many times.

To build the SQL of a query with many annotations costs more than to run it. A `Prepared` keeps the SQL; a value that
varies from call to call stands in it as `Param("name")`. On PostgreSQL the server keeps the plan as well.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, reduce
from typing import Any, Generic, TypeVar

import msgspec
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Expression, Func, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from taiga.base import clock
from taiga.base.database import is_postgres, this_connection
from taiga.base.fields import TextListField, list_parameter, moment_of

Row = tuple[Any, ...]
Converters = dict[int, Callable[[Any], Any]]
"""By the index of a column: the function that converts its values."""


class Placeholder:
    """Stands for the value of a `Param` in a list of parameters, until the query runs."""

    def __init__(self, name: str) -> None:
        self.name = name


class Param(Expression):
    """A value that is given when the query runs, as a keyword argument of this name."""

    def __init__(self, name: str, output_field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field or models.BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [Placeholder(self.name)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Placeholder]]:
        kind = self.output_field.db_type(connection)
        return (f"%s::{kind}" if kind else "%s"), [Placeholder(self.name)]


class Ids(Param):
    """A list of ids or texts that is given as one parameter, for the lookups `among` and `holds_any`."""

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Placeholder]]:
        return "%s", [Placeholder(self.name)]


class JsonText(models.TextField[Any, Any]):
    """The output of an expression that is JSON text, and becomes a part of the answer unchanged."""


class Statement:
    """SQL and its parameters: constants, and placeholders of values that are given when it runs."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self.sql, self.params = with_constants(*compiler.as_sql())

    def rows(
        self, given: Mapping[str, Any], limit: int | None, offset: int, *, dates_as_texts: bool = False
    ) -> list[Row]:
        """The rows that the database returns."""
        sql, values = self.sql, [value_of(param, given) for param in self.params]
        if limit is not None:
            sql += " LIMIT %s OFFSET %s"
            values += [limit, offset]
        return run(sql, values, dates_as_texts=dates_as_texts)


def value_of(param: Any, given: Mapping[str, Any]) -> Any:
    """The value that is sent for a parameter."""
    value = given[param.name] if isinstance(param, Placeholder) else param
    return list_parameter(value) if isinstance(value, (list, tuple, set)) else value


class Prepared:
    """A query of rows in the format of the API: dates as texts, JSON unparsed.

    `build` makes a `.values_list(…)` queryset; it is called once. `around` may wrap the SQL in another statement; its
    columns are not converted, since nothing is known of them.
    """

    def __init__(
        self, build: Callable[[], QuerySet[Any, Any]], around: Callable[[str], tuple[str, list[Any]]] | None = None
    ) -> None:
        self.build = build
        self.around = around

    def all(self, *, limit: int | None = None, offset: int = 0, **params: Any) -> list[Row]:
        """The rows; `limit` and `offset` select a page."""
        statement, converters = self.compiled
        rows = statement.rows(params, limit, offset, dates_as_texts=bool(converters))
        return converted(rows, converters) if converters else rows

    def one(self, **params: Any) -> Row | None:
        """The first row; None if there is none."""
        rows = self.all(**params)
        return rows[0] if rows else None

    @cached_property
    def compiled(self) -> tuple[Statement, Converters]:
        query = self.build().query
        if not is_postgres():
            leave_dates_alone(query)
        compiler = query.get_compiler("default")
        statement = Statement(compiler)
        if self.around is not None:
            statement.sql, more = self.around(statement.sql)
            statement.params += more
            return statement, {}
        needed = ((index, converter(column[0].output_field)) for index, column in enumerate(compiler.select))
        return statement, {index: convert for index, convert in needed if convert is not None}


M = TypeVar("M", bound=models.Model)


class PreparedObjects(Generic[M]):
    """A query of model instances, compiled once. Annotations become attributes, without a conversion of their
    values.
    """

    def __init__(self, model: type[M], build: Callable[[QuerySet[M]], QuerySet[M]]) -> None:
        self.model = model
        self.build = build

    def one(self, **params: Any) -> M | None:
        """The first instance; None if there is none."""
        objects = self.all(**params)
        return objects[0] if objects else None

    def all(self, *, limit: int | None = None, offset: int = 0, **params: Any) -> list[M]:
        """The instances; `limit` and `offset` select a page."""
        names, statement, converters = self.compiled
        rows = statement.rows(params, limit, offset)
        return [self.loaded(names, row) for row in (converted(rows, converters) if converters else rows)]

    def loaded(self, names: list[str], row: Row) -> M:
        """The instance of a row: what `Model.from_db` makes, at a third of its cost.

        `from_db` sets each field through its descriptor and sends signals, to which nobody listens.
        """
        one = self.model.__new__(self.model)
        one.__dict__.update(zip(names, row, strict=True))
        one._state = ModelState()
        one._state.adding, one._state.db = False, DEFAULT_DB_ALIAS
        return one

    @cached_property
    def compiled(self) -> tuple[list[str], Statement, Converters]:
        rows = self.build(self.model._default_manager.all())
        names = [field.attname for field in self.model._meta.concrete_fields] + list(rows.query.annotations)
        compiler = rows.values_list(*names).query.get_compiler("default")
        statement = Statement(compiler)
        found = compiler.get_converters([column[0] for column in compiler.select])
        converters = {index: as_attribute(column) or chained(column, some) for index, (some, column) in found.items()}
        return names, statement, converters


PLACE = re.compile(r"%%|%s")


def with_constants(sql: str, params: Iterable[Any]) -> tuple[str, list[Any]]:
    """The SQL with its constants as literals: no database uses a partial index for a parameter."""
    given, kept = iter(params), []

    def write(mark: re.Match[str]) -> str:
        if mark[0] == "%%":
            return mark[0]
        value = next(given)
        text = constant(value)
        if text is None:
            kept.append(value)
            return mark[0]
        return text.replace("%", "%%")

    return PLACE.sub(write, sql), kept


def constant(value: Any) -> str | None:
    """A value as an SQL literal; None for one that stays a parameter."""
    if isinstance(value, bool):
        return (str(value) if is_postgres() else str(int(value))).lower()
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, str):
        return "'" + str.__str__(value).replace("'", "''") + "'"
    return None


class StoredText(Func):
    """A date column of SQLite as text: the driver parses only what is a bare column of a date type."""

    template = "(%(expressions)s || '')"
    arity = 1


def leave_dates_alone(query: Query) -> None:
    """Select date columns as text, so that they are not parsed only to be formatted again."""

    def as_stored(column: Any) -> Any:
        is_date = isinstance(column, Col) and isinstance(column.output_field, models.DateField)
        return StoredText(column, output_field=column.output_field) if is_date else column

    query.select = tuple(as_stored(column) for column in query.select)
    query.annotations = {name: as_stored(column) for name, column in query.annotations.items()}


def run(sql: str, params: list[Any], *, dates_as_texts: bool = False) -> list[Row]:
    """Execute a statement and fetch all rows, past Django's cursors, which cost more than the database does.

    While queries are counted or logged, it uses a cursor.
    """
    connection = this_connection()
    if not connection.in_atomic_block:
        connection.close_if_health_check_failed()
        connection.ensure_connection()
    if connection.execute_wrappers or connection.force_debug_cursor:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return [tuple(row) for row in cursor.fetchall()]
    try:
        if is_postgres():
            rows: list[Row] = connection.statements.rows(sql, params, dates_as_texts=dates_as_texts)
        else:
            rows = connection.connection.execute(sqlite_text(sql), params).fetchall()
    except Exception:
        with connection.wrap_database_errors:
            raise
    return rows


def sqlite_text(sql: str) -> str:
    """The SQL with `?` for `%s`."""
    text = SQLITE_TEXTS.get(sql)
    if text is None:
        text = SQLITE_TEXTS[sql] = sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")
    return text


SQLITE_TEXTS: dict[str, str] = {}


def converted(rows: Sequence[Row], converters: Converters) -> list[Row]:
    """The rows with their values converted; null stays null."""
    if len(rows) == 1:
        values = list(rows[0])
        for index, convert in converters.items():
            if values[index] is not None:
                values[index] = convert(values[index])
        return [tuple(values)]
    columns: list[Any] = list(zip(*rows, strict=True))
    if not columns:
        return []
    for index, convert in converters.items():
        column = columns[index]
        has_null = None in column
        columns[index] = [None if v is None else convert(v) for v in column] if has_null else map(convert, column)
    return list(zip(*columns, strict=True))


def converter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How to convert the values of a column for the API; None if they need no conversion."""
    if isinstance(field, JsonText):
        return as_json
    if isinstance(field, models.JSONField):
        return json.loads
    if isinstance(field, TextListField):
        return None if is_postgres() else msgspec.json.decode
    if isinstance(field, models.DateTimeField):
        return to_stamp
    if isinstance(field, models.DateField):
        return to_date
    if isinstance(field, models.BooleanField):
        return None if is_postgres() else bool
    return None


def as_attribute(column: Any) -> Callable[[Any], Any] | None:
    """How to convert the values of a column to those of a model's attribute, in fewer steps than Django takes; None to
    use Django's converters.
    """
    field = column.output_field
    if isinstance(field, models.JSONField):
        return json.loads
    if isinstance(field, TextListField):
        return list if is_postgres() else msgspec.json.decode
    if isinstance(field, models.DateTimeField):
        return moment_of
    if isinstance(field, models.BooleanField):
        return bool
    return None


def chained(column: Any, converters: Iterable[Callable[..., Any]]) -> Callable[[Any], Any]:
    """Django's converters of a column as one function."""
    return lambda value: reduce(lambda so_far, convert: convert(so_far, column, this_connection()), converters, value)


def as_json(text: str) -> msgspec.Raw:
    """JSON text as a raw part of an answer."""
    return msgspec.Raw(text.encode())


def to_stamp(value: datetime | str) -> str | None:
    """A date and time in the format of the API."""
    return clock.stamp_of(value) if isinstance(value, str) else clock.stamp(value)


def to_date(value: date | str) -> str:
    """A date in the format of the API."""
    return value if isinstance(value, str) else value.isoformat()


def parsed(stamp: str | datetime) -> datetime:
    """The date and time of a text in the format of the API."""
    return stamp if isinstance(stamp, datetime) else datetime.fromisoformat(stamp)
