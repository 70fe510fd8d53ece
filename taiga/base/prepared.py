"""Queries that are written with the ORM, compiled once and run many times.

Building the SQL of a query with many annotations costs more than running it. A `Prepared` keeps the SQL; what varies
from call to call stands in it as `Param("name")`. On PostgreSQL the server keeps the plan as well.
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
"""How the values of some columns become the API's, or an object's, by place."""


class Named:
    """Stands in a list of parameters until the query runs."""

    def __init__(self, name: str) -> None:
        self.name = name


class Param(Expression):
    """A value that is given when the query runs."""

    def __init__(self, name: str, output_field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field or models.BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [Named(self.name)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Named]]:
        kind = self.output_field.db_type(connection)
        return (f"%s::{kind}" if kind else "%s"), [Named(self.name)]


class Ids(Param):
    """A list of ids, or of texts, that is given as one parameter; for the lookups `among` and `holds_any`."""

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Named]]:
        return "%s", [Named(self.name)]


class JsonText(models.TextField[Any, Any]):
    """The output of an expression that is JSON already: it goes into the answer as it is."""


class Statement:
    """SQL, and what stands in its places: constants, and names of what is given when it runs."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self.sql, self.places = with_constants(*compiler.as_sql())

    def rows(
        self, given: Mapping[str, Any], limit: int | None, offset: int, *, dates_as_texts: bool = False
    ) -> list[Row]:
        """What the database returns."""
        sql, values = self.sql, [value_of(place, given) for place in self.places]
        if limit is not None:
            sql += " LIMIT %s OFFSET %s"
            values += [limit, offset]
        return run(sql, values, dates_as_texts=dates_as_texts)


def value_of(place: Any, given: Mapping[str, Any]) -> Any:
    """What is sent for a place."""
    value = given[place.name] if isinstance(place, Named) else place
    return list_parameter(value) if isinstance(value, (list, tuple, set)) else value


class Prepared:
    """A query of plain rows, in the words of the API (dates as texts, JSON as it is).

    `build` makes a `.values_list(…)` queryset; it is called once. `around` may put its statement into another one, of
    whose columns nothing is known: they come as the database gives them.
    """

    def __init__(
        self, build: Callable[[], QuerySet[Any, Any]], around: Callable[[str], tuple[str, list[Any]]] | None = None
    ) -> None:
        self.build = build
        self.around = around

    def all(self, *, limit: int | None = None, offset: int = 0, **params: Any) -> list[Row]:
        """The rows; `limit` and `offset` cut a page out of them."""
        statement, converters = self.compiled
        rows = statement.rows(params, limit, offset, dates_as_texts=bool(converters))
        return converted(rows, converters) if converters else rows

    def one(self, **params: Any) -> Row | None:
        """The first row, if there is one."""
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
            statement.places += more
            return statement, {}
        needed = ((place, converter(column[0].output_field)) for place, column in enumerate(compiler.select))
        return statement, {place: convert for place, convert in needed if convert is not None}


M = TypeVar("M", bound=models.Model)


class PreparedObjects(Generic[M]):
    """A query of whole objects, compiled once. Annotations become attributes; they are bare columns."""

    def __init__(self, model: type[M], build: Callable[[QuerySet[M]], QuerySet[M]]) -> None:
        self.model = model
        self.build = build

    def one(self, **params: Any) -> M | None:
        """The first object, if there is one."""
        objects = self.all(**params)
        return objects[0] if objects else None

    def all(self, *, limit: int | None = None, offset: int = 0, **params: Any) -> list[M]:
        """The objects; `limit` and `offset` cut a page out of them."""
        names, statement, converters = self.compiled
        rows = statement.rows(params, limit, offset)
        return [self.loaded(names, row) for row in (converted(rows, converters) if converters else rows)]

    def loaded(self, names: list[str], row: Row) -> M:
        """What `Model.from_db` makes of a row, at a third of the cost: it would set each field through its descriptor
        and signal to nobody.
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
        converters = {place: as_attribute(column) or chained(column, some) for place, (some, column) in found.items()}
        return names, statement, converters


PLACE = re.compile(r"%%|%s")


def with_constants(sql: str, params: Iterable[Any]) -> tuple[str, list[Any]]:
    """The statement with its constants in it, not beside it: no database uses a partial index for a parameter."""
    given, kept = iter(params), []

    def write(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return place[0]
        value = next(given)
        text = constant(value)
        if text is None:
            kept.append(value)
            return place[0]
        return text.replace("%", "%%")

    return PLACE.sub(write, sql), kept


def constant(value: Any) -> str | None:
    """A value as SQL writes it; None for one that travels better as a parameter."""
    if isinstance(value, bool):
        return (str(value) if is_postgres() else str(int(value))).lower()
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, str):
        return "'" + str.__str__(value).replace("'", "''") + "'"
    return None


class StoredText(Func):
    """A column as SQLite keeps it: the driver makes a date of what is called one in the table, and of nothing else."""

    template = "(%(expressions)s || '')"
    arity = 1


def leave_dates_alone(query: Query) -> None:
    """Let the columns that a query selects come as texts, instead of going there and back."""

    def as_stored(column: Any) -> Any:
        is_date = isinstance(column, Col) and isinstance(column.output_field, models.DateField)
        return StoredText(column, output_field=column.output_field) if is_date else column

    query.select = tuple(as_stored(column) for column in query.select)
    query.annotations = {name: as_stored(column) for name, column in query.annotations.items()}


def run(sql: str, params: list[Any], *, dates_as_texts: bool = False) -> list[Row]:
    """Run a statement and fetch everything, past the layers that cost more than the database does.

    While queries are being counted it goes the usual way.
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
    """The statement with SQLite's own mark for a parameter."""
    text = SQLITE_TEXTS.get(sql)
    if text is None:
        text = SQLITE_TEXTS[sql] = sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")
    return text


SQLITE_TEXTS: dict[str, str] = {}


def converted(rows: Sequence[Row], converters: Converters) -> list[Row]:
    """The rows with their columns as they are wanted; null stays null."""
    if len(rows) == 1:
        values = list(rows[0])
        for place, convert in converters.items():
            if values[place] is not None:
                values[place] = convert(values[place])
        return [tuple(values)]
    columns: list[Any] = list(zip(*rows, strict=True))
    if not columns:
        return []
    for place, convert in converters.items():
        column = columns[place]
        has_null = None in column
        columns[place] = [None if v is None else convert(v) for v in column] if has_null else map(convert, column)
    return list(zip(*columns, strict=True))


def converter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How a column's values become the API's, if they are not yet."""
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
    """How a column's values become attributes of an object, where Django takes more steps to the same end."""
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
    """Django's converters of a column, one after the other."""
    return lambda value: reduce(lambda so_far, convert: convert(so_far, column, this_connection()), converters, value)


def as_json(text: str) -> msgspec.Raw:
    """JSON text as a part of a larger answer."""
    return msgspec.Raw(text.encode())


def to_stamp(value: datetime | str) -> str | None:
    """A moment as the API writes it."""
    return clock.stamp_of(value) if isinstance(value, str) else clock.stamp(value)


def to_date(value: date | str) -> str:
    """A date as the API writes it."""
    return value if isinstance(value, str) else value.isoformat()


def parsed(stamp: str | datetime) -> datetime:
    """The moment behind a text of the API."""
    return stamp if isinstance(stamp, datetime) else datetime.fromisoformat(stamp)
