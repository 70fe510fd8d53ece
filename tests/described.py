"""Checks responses against the API's document."""

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs

from taiga.base import openapi
from taiga.urls import ROUTER

Schema = dict[str, Any]
DOCUMENT: Schema = json.loads(json.dumps(openapi.document(ROUTER.routes)))
PLACE = "urn:document"
TELLING = re.compile("taiga-info|x-throttle|www-auth|content-disp", re.IGNORECASE)
PAGING = re.compile("x-pagin", re.IGNORECASE)


def strict(schema: Any) -> Any:
    """The schema, with undocumented members forbidden in objects that document any."""
    if isinstance(schema, dict):
        more = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
        return more | {name: strict(part) for name, part in schema.items()}
    return [strict(part) for part in schema] if isinstance(schema, list) else schema


STRICT = jsonschema_rs.Registry([(PLACE, {"components": strict(DOCUMENT["components"])})])


def resolved(part: Schema) -> Schema:
    """The target of a reference."""
    while "$ref" in part:
        found: Any = DOCUMENT
        for word in part["$ref"].removeprefix("#/").split("/"):
            found = found[word]
        part = found
    return part


def operation_of(method: str, path: str) -> Schema | None:
    """The operation of a request, or None."""
    found = ROUTER.find(path.partition("?")[0].removesuffix(".json").strip("/"))
    operations: Schema = DOCUMENT["paths"][f"/{found[0].path}"] if found else {}
    return operations.get(method.lower().replace("head", "get"))


def as_described(method: str, path: str, answer: Any) -> Any:
    """The response, after asserting that it matches the document; server errors are not checked."""
    operation = operation_of(method, path)
    if operation is not None and answer.status_code < 500:
        found = problems_of(operation, f"{method} {path}: {answer.status_code}", answer)
        assert found == []
    return answer


def problems(method: str, path: str, answer: Any) -> list[str]:
    """The differences between a response and the document."""
    operation = operation_of(method, path)
    assert operation is not None, path
    return problems_of(operation, f"{method} {path}: {answer.status_code}", answer)


def problems_of(operation: Schema, where: str, answer: Any) -> list[str]:
    """The differences between a response and its operation."""
    responses = operation["responses"]
    if str(answer.status_code) not in responses:
        return [f"{where} is not described"]
    response = resolved(responses[str(answer.status_code)])
    untold = [
        f"{where} has {name}, which is not described"
        for name in sorted(answer.headers.keys() - response.get("headers", {}).keys())
        if TELLING.match(name) or (answer.status_code < 400 and PAGING.match(name))
    ]
    return untold + problems_of_body(where, response, answer)


def problems_of_body(where: str, response: Schema, answer: Any) -> list[str]:
    """The differences between a response body and its schema."""
    if answer.streaming or not answer.content:
        return []
    content = response.get("content", {})
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind not in content:
        return [f"{where} has a body of the kind {kind!r}"]
    if kind != "application/json":
        return []
    body, schema = json.loads(answer.content), content[kind]["schema"]
    checked = validator(json.dumps(schema))
    if checked.is_valid(body):
        return []
    return [f"{where} {one.instance_path} {one.message[:200]}" for one in checked.iter_errors(body)]


@cache
def validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """Of a schema of an answer; made once."""
    absolute = strict(json.loads(schema.replace('"#/', f'"{PLACE}#/')))
    return jsonschema_rs.Draft202012Validator(absolute, registry=STRICT, validate_formats=True)
