"""`routes` and `openapi`: what the API offers, from the same declarations that answer."""

import inspect
import json
from pathlib import Path
from typing import Any

import click

from taiga.cli.ready import django_ready, wired


@click.command()
@click.argument("method", required=False)
@click.argument("path", required=False)
def routes(method: str | None, path: str | None) -> None:
    """Print method, address, need and place in the code of every endpoint, or of one.

    For example `taiga routes PATCH /userstories/1` tells who answers it.
    """
    django_ready()
    from taiga.urls import ROUTER

    found = [
        (verb, address, answer)
        for verb, address, answer in ROUTER.table()
        if (method is None or verb == method.upper()) and (path is None or _matches(address, path))
    ]
    if not found:
        raise click.ClickException("no such address")
    for verb, address, answer in found:
        click.echo(f"{verb:6} /{address:60} {answer.needs!s:32} {_place(answer.function)}")


def _matches(address: str, path: str) -> bool:
    """`userstories/{id}` answers `/userstories/1`, with or without the API's prefix."""
    wanted = path.removeprefix("/api/v1").strip("/").split("/")
    segments = address.strip("/").split("/")
    return len(wanted) == len(segments) and all(
        segment == word or segment.startswith("{") for segment, word in zip(segments, wanted, strict=True)
    )


def _place(function: Any) -> str:
    plain = inspect.unwrap(function)
    file = Path(inspect.getsourcefile(plain) or "?")
    home = Path(__file__).resolve().parents[2]
    return f"{file.relative_to(home) if file.is_relative_to(home) else file}:{inspect.getsourcelines(plain)[1]}"


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the API."""
    django_ready()
    click.echo(json.dumps(wired("taiga.base.openapi", "document")(), indent=2))
