"""What endpoints answer with, in the words of JSON Schema: said beside the endpoint, shown in the API's document."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    Exists,
    F,
    FloatField,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
)
from django.db.models import Field as Column

from taiga.base import sql
from taiga.base.fields import TextListField

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
STAMP: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$",
    "description": "A time with seconds, in UTC.",
}
"""As `clock.plain_stamp` writes it: without the colon that a `date-time` has in its offset."""
DATE: Schema = {"type": "string", "format": "date"}
OBJECT: Schema = {"type": "object"}
ANYTHING: Schema = {}


@dataclass(frozen=True)
class Shape:
    """An object of the API: its name, and its members, of which `sometimes` are not always there."""

    name: str
    members: Callable[[], Mapping[str, Any]]
    sometimes: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Several:
    """A list of them."""

    of: Any


@dataclass(frozen=True)
class Paged:
    """A list of them that comes in pages, whose answer is the bare list or what it stands `inside`."""

    of: Any
    inside: Any = None


@dataclass(frozen=True)
class Download:
    """No JSON: a body of another media type."""

    media_type: str


def fixed(name: str, text: str = "", /, **members: Any) -> Shape:
    """A shape whose members are known without looking at tables."""
    return Shape(name, lambda: members, text=text)


def maybe(schema: Any) -> Schema:
    """The same, or null."""
    if isinstance(schema, Shape):
        return {"anyOf": [schema, {"type": "null"}]}
    if not schema:
        return {}
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def array(of: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": of}


def mapping(of: Any) -> Schema:
    """An object with keys of any name, such as ids."""
    return {"type": "object", "additionalProperties": of}


def row(**members: Any) -> Schema:
    """An object without a name of its own, in an answer."""
    return object_of(*members, **members)


def object_of(*required: str, **members: Any) -> Schema:
    """An object without a name of its own, such as a body that is read member by member."""
    return {"type": "object", **({"required": list(required)} if required else {}), "properties": members}


def columns(model: type[Model], names: Iterable[str]) -> dict[str, Any]:
    """The members that are columns of a table, or of one that it refers to (`project__name`)."""
    return {name: of_path(model, name) for name in names}


def computed(model: type[Model], expressions: Mapping[str, Any]) -> dict[str, Any]:
    """The members that a query makes of expressions."""
    return {name: of_expression(model, one) for name, one in expressions.items()}


def of_path(model: type[Model], path: str) -> Schema:
    """The value that a path leads to; null when a step on the way may be."""
    first, _dots, rest = path.partition("__")
    column: Any = model._meta.get_field(first)
    if not rest:
        return of_column(column)
    found = of_path(column.related_model, rest)
    return maybe(found) if column.null else found


def of_column(column: "Column[Any, Any]") -> Schema:
    """The value of a column; of a reference its id."""
    if isinstance(column, ForeignKey):
        found = of_column(column.target_field)
    elif column.choices:
        found = {**plain_column(column), "enum": [value for value, _name in column.flatchoices]}
    else:
        found = plain_column(column)
    return maybe(found) if column.null else found


KINDS: tuple[tuple[Any, Schema], ...] = (
    (TextListField, array(TEXT)),
    (JSONField, ANYTHING),
    (BooleanField, BOOLEAN),
    (DateTimeField, MOMENT),
    (DateField, DATE),
    (FloatField, NUMBER),
    (IntegerField, INTEGER),
)


def plain_column(column: "Column[Any, Any]") -> Schema:
    """The value of a column that is not null."""
    return next((schema for kind, schema in KINDS if isinstance(column, kind)), TEXT)


MADE: tuple[tuple[Any, Schema], ...] = (
    (sql.Count, INTEGER),
    (sql.First, maybe(INTEGER)),
    (sql.Total, maybe(NUMBER)),
    (sql.IdList, array(INTEGER)),
    (sql.JsonList, maybe(array(OBJECT))),
    (sql.JsonMap, mapping(maybe(INTEGER))),
    (Exists, BOOLEAN),
)


def of_expression(model: type[Model], expression: Any) -> Schema:
    """The value of an expression."""
    if isinstance(expression, F):
        path: str = vars(expression)["name"]
        return of_path(model, path)
    return next((schema for kind, schema in MADE if isinstance(expression, kind)), ANYTHING)
