"""`dump` and `load-dump`: whole projects to and from files."""

from pathlib import Path
from typing import Literal

import click

from taiga.cli.ready import django_ready, wired


@click.command()
@click.argument("slug")
@click.option("--out", default="-", show_default=True, help="File to write; `-` is standard output.")
def dump(slug: str, out: str) -> None:
    """Write the project SLUG as a Taiga 6 project dump."""
    django_ready()
    wired("taiga.transfer.console", "dump")(slug, out=None if out == "-" else Path(out))


@click.command("load-dump")
@click.argument("file")
@click.option("--owner", help="User name or e-mail of the new owner; the dump's own owner if not given.")
@click.option("--name", help="Name of the new project; the dump's own if not given.")
@click.option(
    "--people",
    type=click.Choice(["create", "match"]),
    default="create",
    show_default=True,
    help="create: unknown people become inactive accounts that they take over later; match: they are left out.",
)
def load_dump(file: str, owner: str | None, name: str | None, people: Literal["create", "match"]) -> None:
    """Make a project from the Taiga 6 project dump FILE; `-` is standard input."""
    django_ready()
    load = wired("taiga.transfer.console", "load")
    load(None if file == "-" else Path(file), owner=owner, name=name, people=people)
