"""Accounts from the command line."""

import sys

import click

from taiga.cli.ready import django_ready


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def createsuperuser(arguments: tuple[str, ...]) -> None:
    """Make an administrator; asks for what is not given.

    Without questions: DJANGO_SUPERUSER_PASSWORD=… taiga createsuperuser --noinput --username NAME --email ADDRESS
    """
    django_ready()
    from django.core.management import execute_from_command_line

    from taiga.server import start

    if not {"-h", "--help"} & set(arguments):
        start.bring_up_to_date()
    execute_from_command_line([sys.argv[0], "createsuperuser", *arguments])
