"""The components of the document: schemas of bodies, from pydantic, and of response shapes; each once, by name."""

from functools import cache
from typing import Any

from django.db.models import Model
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from taiga.base.answers import Schema, Shape
from taiga.base.bodies import Body, partial_of, to_text

PLACE = "#/components/schemas/"


LENIENT = {kind: [kind, "string"] for kind in ("integer", "number", "boolean")}
"""JSON types whose values may also be sent as texts."""


def lenient(schema: Any) -> Any:
    """A hand-written body schema, made as lenient as the API is."""
    if isinstance(schema, dict):
        kind = schema.get("type")
        found = {name: lenient(part) for name, part in schema.items()}
        return {**found, "type": LENIENT[kind]} if isinstance(kind, str) and kind in LENIENT else found
    return [lenient(part) for part in schema] if isinstance(schema, list) else schema


class Lenient(GenerateJsonSchema):
    """Generates body schemas that are as lenient as the API is."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}

    def int_schema(self, schema: core_schema.IntSchema) -> Schema:
        return {"type": LENIENT["integer"]}

    def float_schema(self, schema: core_schema.FloatSchema) -> Schema:
        return {"type": LENIENT["number"]}

    def bool_schema(self, schema: core_schema.BoolSchema) -> Schema:
        return {"type": LENIENT["boolean"]}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Schema:
        inner = self.generate_inner(schema["schema"])
        return or_null(inner) if "type" in inner else super().nullable_schema(schema)

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Schema:
        found = super().function_before_schema(schema)
        return or_null(found) if schema["function"]["function"] is to_text else found

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def or_null(schema: Schema) -> Schema:
    """The schema, or null."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return schema if "null" in kinds else {**schema, "type": [*kinds, "null"]}


class Components:
    """The components that operations refer to."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self.names: dict[Any, str] = {}

    def written(self, what: Any) -> Any:
        """The schema, with shapes and bodies replaced by references."""
        if isinstance(what, Shape):
            return self.reference(what, what.name)
        if isinstance(what, type) and issubclass(what, Body):
            return self.body(what, partial=False)
        if isinstance(what, dict):
            return {name: self.written(part) for name, part in what.items()}
        return [self.written(part) for part in what] if isinstance(what, list) else what

    def body(self, model: type[Body], *, partial: bool) -> Schema:
        """A body, as a whole or with every field optional."""
        home = model.__module__.rpartition(".")[2].title().replace("_", "")
        name = ("Partial" if partial else "") + model.__name__
        taken = name in self.schemas and self.names.get((model, partial)) != name
        return self.reference((model, partial), f"{home}{name}" if taken else name)

    def demands(self, schema: Schema) -> bool:
        """Whether a body has required fields."""
        if "$ref" in schema:
            return self.demands(self.schemas[schema["$ref"].removeprefix(PLACE)])
        return bool(schema.get("required")) or any(self.demands(part) for part in schema.get("allOf", ()))

    def reference(self, key: Any, name: str) -> Schema:
        """A reference to a shape or body, whose component is added on first use."""
        if key not in self.names:
            if name in self.schemas:
                raise ValueError(f"two schemas are called {name}")
            self.names[key] = name
            self.schemas[name] = {}
            self.schemas[name] = self.shape(key) if isinstance(key, Shape) else self.model(*key)
        return {"$ref": f"{PLACE}{self.names[key]}"}

    def shape(self, shape: Shape) -> Schema:
        """The schema of a response shape."""
        members = dict(shape.members())
        description: Schema = {"description": first_line(shape.text)} if shape.text else {}
        always = [name for name in members if name not in shape.sometimes]
        return {"type": "object", **description, "required": always, "properties": self.written(members)}

    def model(self, model: type[Body], partial: bool) -> Schema:
        """The schema of a body; those of nested rows become components of their own."""
        source = partial_of(model) if partial else model
        schema: Schema = source.model_json_schema(ref_template=f"{PLACE}{{model}}", schema_generator=Lenient)
        for name, part in schema.pop("$defs", {}).items():
            self.schemas.setdefault(name, tidied(part))
        for name, related in model.related.items():
            schema["properties"][name].setdefault("description", f"The id of {article(related.model)}.")
        return tidied({**schema, "description": first_line(model.__doc__)})


def tidied(schema: Schema) -> Schema:
    """The schema without its title, which repeats the component's name."""
    return {name: part for name, part in schema.items() if name != "title"}


@cache
def article(model: type[Model]) -> str:
    """`a task`, `an issue`."""
    name = str(model._meta.verbose_name)
    return f"an {name}" if name[0] in "aeio" else f"a {name}"


def first_line(text: str | None) -> str:
    """The first line of a docstring."""
    return (text or "").strip().partition("\n")[0]
