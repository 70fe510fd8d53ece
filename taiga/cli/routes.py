"""`routes` and `openapi`: the API, from the declarations that answer it."""

import inspect
import json
from pathlib import Path
from typing import Any

import click

from taiga.cli.ready import django_ready


@click.command()
@click.argument("method", required=False)
@click.argument("path", required=False)
def routes(method: str | None, path: str | None) -> None:
    """Print method, address, need and place in the code of every endpoint, or of one.

    For example `taiga routes PATCH /userstories/1` tells who answers it.
    """
    django_ready()
    from taiga.base.routes import needed
    from taiga.urls import ROUTER

    if method and method.startswith("/"):
        method, path = None, method
    chosen = ROUTER.routes if path is None else [one for one in [_route_of(ROUTER, path)] if one]
    found = [
        (verb, one, answer)
        for one in chosen
        for verb, answer in one.methods.items()
        if method is None or verb == method.upper()
    ]
    if not found:
        raise click.ClickException("no such address")
    for verb, one, answer in found:
        click.echo(f"{verb:6} /{one.path:60} {needed(answer.needs, one.given):44} {_place(answer.function)}")


def _route_of(router: Any, path: str) -> Any:
    """The route of a path, with or without the API's prefix; None if there is none."""
    found = router.find(path.removeprefix("/api/v1").strip("/"))
    return found[0] if found else None


def _place(function: Any) -> str:
    """File and line of a function."""
    plain = inspect.unwrap(function)
    file = Path(inspect.getsourcefile(plain) or "?")
    home = Path(__file__).resolve().parents[2]
    return f"{file.relative_to(home) if file.is_relative_to(home) else file}:{inspect.getsourcelines(plain)[1]}"


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the API."""
    django_ready()
    from taiga.base.openapi import document
    from taiga.urls import ROUTER

    click.echo(json.dumps(document(ROUTER.routes), indent=2))
