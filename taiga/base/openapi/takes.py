"""The parameters and the request body of an operation."""

import re
from collections.abc import Iterable, Mapping
from inspect import signature
from typing import Any, get_args, get_origin

from taiga.base.answers import Paged, Schema, array
from taiga.base.bodies import Body
from taiga.base.openapi.components import Components, first_line, lenient
from taiga.base.routes import Endpoint, Header, Query, Route

JSON, MULTIPART = "application/json", "multipart/form-data"
NUMBERS = ("id", "user", "epic")
"""The placeholders of paths that are ids; others are texts."""
FILE: Schema = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
"""Format and media type both, since many client generators only recognise a file by its format."""
PAGES = ("page", "page_size", "disable_pagination", "lazy_pagination")
PARAMETERS: dict[str, Schema] = {
    "page": {
        "name": "page",
        "in": "query",
        "description": "The page, from 1; `last` is the last one. 404 if it does not exist.",
        "schema": {"type": "string", "default": "1"},
    },
    "page_size": {
        "name": "page_size",
        "in": "query",
        "description": "How many rows a page has, at most 1000.",
        "schema": {"type": "integer", "default": 30, "minimum": 1, "maximum": 1000},
    },
    "disable_pagination": {
        "name": "X-Disable-Pagination",
        "in": "header",
        "description": "With any value: the whole list, without pages.",
        "schema": {"type": "string"},
    },
    "lazy_pagination": {
        "name": "X-Lazy-Pagination",
        "in": "header",
        "description": "With any value at all: rows are not counted.",
        "schema": {"type": "string"},
    },
}


def path_parameters(path: str) -> list[Schema]:
    """The parameters of the path."""
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer"} if name in NUMBERS else {"type": "string"},
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def parameters(route: Route, answer: Endpoint) -> list[Schema]:
    """The parameters of the query and the request headers."""
    pages = PAGES if isinstance(answer.answers, Paged) else ()
    return [
        *(parameter(one) for one in declared(answer.query, route.given)),
        *({"$ref": f"#/components/parameters/{name}"} for name in pages),
    ]


def declared(named: Iterable[Any], given: Mapping[str, Any]) -> Iterable[Any]:
    """The parameters or headers; callables are resolved with the values that the route gives."""
    for one in named:
        yield from one(given) if callable(one) else (one,)


def parameter(one: Any) -> Schema:
    """One parameter, from a `Query`, a `Header`, a filter, or a name."""
    if isinstance(one, str):
        one = Query(one)
    kind = getattr(one, "type", "string")
    choices = getattr(one, "choices", ())
    schema = {"type": kind, "enum": list(choices)} if choices else {"type": kind}
    text = one.text if isinstance(one, (Query, Header)) else first_line(type(one).__doc__)
    place = "header" if isinstance(one, Header) else "query"
    required = {"required": True} if getattr(one, "required", False) else {}
    return {"name": one.name, "in": place, **({"description": text} if text else {}), **required, "schema": schema}


def body(route: Route, method: str, answer: Endpoint, components: Components) -> Schema | None:
    """The request body, by media type. Forms are accepted too but not listed: generated clients would encode lists and
    nulls wrongly in them.
    """
    accepts = accepted(route, answer)
    if method in ("GET", "DELETE") or (accepts is None and not answer.uploads):
        return None
    schema = described(accepts, components, partial=method == "PATCH")
    if schema.get("type") == "array":
        return {"required": True, "content": {JSON: {"schema": schema}}}
    content = {} if answer.uploads and method == "POST" else {JSON: {"schema": schema}}
    if answer.uploads:
        content[MULTIPART] = {"schema": with_files(schema, answer.uploads, required=method == "POST")}
    needed = any(components.demands(one["schema"]) for one in content.values())
    return {"required": needed, "content": content}


def accepted(route: Route, answer: Endpoint) -> Any:
    """The body that the endpoint declares, or that the route gives as `body`."""
    if "body" in signature(answer.function).parameters:
        return route.given["body"]
    is_rule = callable(answer.accepts) and not isinstance(answer.accepts, type) and not get_args(answer.accepts)
    return answer.accepts(route.given) if is_rule else answer.accepts


def described(accepts: Any, components: Components, *, partial: bool) -> Schema:
    """The schema of a body, of a list of bodies, or a hand-written one."""
    if get_origin(accepts) is list:
        return array(described(get_args(accepts)[0], components, partial=partial))
    if isinstance(accepts, type) and issubclass(accepts, Body):
        return components.body(accepts, partial=partial)
    schema: Schema = components.written(lenient(accepts or {}))
    return schema


def with_files(schema: Schema, names: tuple[str, ...], *, required: bool) -> Schema:
    """The schema, with file fields added."""
    files: Schema = {
        "type": "object",
        "properties": dict.fromkeys(names, FILE),
        **({"required": list(names)} if required else {}),
    }
    return {"allOf": [schema, files]} if schema else files
