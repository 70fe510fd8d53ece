"""Assembles the document: every path with its operations, and the components."""

import re
import sys
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from taiga import __version__
from taiga.base.answers import Paged, Schema, Shape
from taiga.base.openapi import gives, takes
from taiga.base.openapi.components import Components, first_line
from taiga.base.openapi.introduction import INTRODUCTION, SCHEMES
from taiga.base.routes import ANYBODY, METHODS, ONESELF, OUTSIDE_PROJECTS, Endpoint, Route, needed


def document(routes: Iterable[Route]) -> Schema:
    """The whole document, ready for JSON."""
    components = Components()
    ordered = sorted(routes, key=lambda one: one.path)
    paths = {f"/{route.path}": path_item(route, components) for route in ordered}
    responses = gives.refused(components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Taiga in one process",
            "version": __version__,
            "description": INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": f"{settings.TAIGA_SUBPATH}/api/v1"}],
        "tags": [{"name": name, **({"description": text} if text else {})} for name, text in tags(ordered).items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "responses": responses,
            "parameters": takes.PARAMETERS,
            "securitySchemes": SCHEMES,
        },
    }


def path_item(route: Route, components: Components) -> Schema:
    """One path."""
    placeholders = takes.path_parameters(route.path)
    return {
        **({"parameters": placeholders} if placeholders else {}),
        **{
            method.lower(): operation(route, method, route.methods[method], components)
            for method in METHODS
            if method in route.methods
        },
    }


def operation(route: Route, method: str, answer: Endpoint, components: Components) -> Schema:
    """One operation of a path."""
    need = needed(answer.needs, route.given)
    summary, _blank, more = (answer.function.__doc__ or "").strip().partition("\n")
    paragraphs = [line for line in (re.sub(r"\s+", " ", more).strip(), f"Who may: {need}.") if line]
    parameters = takes.parameters(route, answer)
    body = takes.body(route, method, answer, components)
    return {
        "tags": [tag(route)],
        "operationId": name(route, method),
        "summary": summary.rstrip("."),
        "description": "\n\n".join(paragraphs),
        "x-needs": need,
        "security": security(route, method, answer.needs),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": gives.responses(route, method, answer, components),
    }


def tags(routes: Iterable[Route]) -> dict[str, str]:
    """The tags (resources), each with its description."""
    texts: dict[str, str] = {}
    for route in routes:
        name = tag(route)
        texts[name] = texts.get(name) or said_of(name, route)
    return dict(sorted(texts.items()))


def said_of(name: str, route: Route) -> str:
    """The description of a resource: from the docstring of its module (`/milestones: sprints, with their stories.`),
    else from its rows.
    """
    modules = {answer.function.__module__ for answer in route.methods.values()}
    if "body" in route.given:
        modules.add(route.given["body"].__module__)
    for module in sorted(modules):
        addresses, _colon, text = first_line(sys.modules[module].__doc__).partition(": ")
        if re.search(rf"/{name}(?![\w-])", addresses):
            return text[:1].upper() + text[1:]
    rows = [answer.answers.of for answer in route.methods.values() if isinstance(answer.answers, Paged)]
    shapes = [of(route.given) if callable(of) else of for of in rows]
    return next((first_line(shape.text) for shape in shapes if isinstance(shape, Shape)), "")


def tag(route: Route) -> str:
    """The resource of a path: its first segment."""
    return route.path.partition("/")[0] or "index"


def name(route: Route, method: str) -> str:
    """The operation's id, for generated clients."""
    words = re.sub(r"\W+", "_", route.path.replace("-", "_")).strip("_")
    return f"{method.lower()}_{words or 'index'}"


def security(route: Route, method: str, needs: Any) -> list[Schema]:
    """The credentials of an operation. Anonymous callers may read what is public (lists of own rows are empty), but
    never write.
    """
    known: list[Schema] = [{scheme: []} for scheme in SCHEMES]
    of_project = needs not in OUTSIDE_PROJECTS
    is_own_list = needs is ONESELF and "{" not in route.path
    return [{}, *known] if needs is ANYBODY or (method == "GET" and (of_project or is_own_list)) else known
