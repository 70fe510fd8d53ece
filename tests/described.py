"""Answers held against the API's document."""

import json
import re
from typing import Any

import jsonschema_rs

from taiga.base import openapi
from taiga.urls import ROUTER

Schema = dict[str, Any]
DOCUMENT: Schema = json.loads(json.dumps(openapi.document(ROUTER.routes)))


def resolved(part: Schema) -> Schema:
    """What a reference refers to."""
    while "$ref" in part:
        found: Any = DOCUMENT
        for word in part["$ref"].removeprefix("#/").split("/"):
            found = found[word]
        part = found
    return part


def problems(method: str, path: str, answer: Any) -> list[str]:
    """In what an answer is not as the document says."""
    found = ROUTER.find(re.sub(r"\?.*", "", path).strip("/"))
    assert found is not None, path
    where = f"{method} {path}: {answer.status_code}"
    responses = DOCUMENT["paths"][f"/{found[0].path}"][method.lower()]["responses"]
    if str(answer.status_code) not in responses:
        return [f"{where} is not described"]
    response = resolved(responses[str(answer.status_code)])
    telling = r"taiga-info|x-throttle|www-auth" + (r"|x-pagin" if answer.status_code < 400 else "")
    untold = [
        f"{where} has {name}, which is not described"
        for name in sorted(answer.headers.keys() - response.get("headers", {}).keys())
        if re.match(telling, name, re.IGNORECASE)
    ]
    return untold + problems_of_body(where, response, answer)


def problems_of_body(where: str, response: Schema, answer: Any) -> list[str]:
    """In what the body of an answer is not as a response of the document says."""
    content = response.get("content", {})
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind != "application/json" or "application/json" not in content:
        return [] if not answer.content or kind in content else [f"{where} has a body of the kind {kind!r}"]
    schema = content["application/json"]["schema"]
    body = answer.json()
    wrong = [f"{where} {one.instance_path} {one.message[:200]}" for one in validator(schema).iter_errors(body)]
    return wrong + [f"{where} has {name}, which is not described" for name in sorted(undescribed(schema, body))]


def validator(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """Of a schema of the document."""
    return jsonschema_rs.Draft202012Validator({"components": DOCUMENT["components"], "allOf": [schema]})


def undescribed(schema: Schema, value: Any, where: str = "") -> set[str]:
    """The members that the schema does not name, where it names any."""
    schema = resolved(schema)
    choices = [one for one in map(resolved, schema.get("anyOf", ())) if one.get("type") != "null"]
    if len(choices) == 1:
        schema = choices[0]
    if isinstance(value, list) and "items" in schema:
        return {name for row in value for name in undescribed(schema["items"], row, f"{where}[]")}
    members = schema.get("properties")
    if not isinstance(value, dict) or not members:
        return set()
    strange = {f"{where}.{name}" for name in value if name not in members}
    return strange.union(
        *(undescribed(members[name], value[name], f"{where}.{name}") for name in value if name in members)
    )
