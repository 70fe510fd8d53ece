"""Commands for the database, and Django's own commands."""

import sys

import click

from taiga.cli.ready import django_ready


@click.command()
def migrate() -> None:
    """Bring the database up to date. `serve` does it by itself; several processes may do it at once."""
    django_ready()
    from django.db import connection

    from taiga.server import start

    done = start.bring_up_to_date()
    connection.close()  # SQLite then merges the write-ahead log into the database file
    click.echo(f"{done} migrations applied" if done else "The database is up to date.")


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Run any Django management command, such as `taiga django shell`."""
    django_ready()
    from django.core.management import execute_from_command_line

    execute_from_command_line([f"{sys.argv[0]} django", *(arguments or ("help",))])


@click.command(hidden=True)
def settings_table() -> None:
    """Print every setting as the table of docs/deployment.md."""
    from taiga.configuration import document

    click.echo(document.markdown(), nl=False)
