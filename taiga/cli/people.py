"""Accounts from the command line."""

import sys

import click

from taiga.cli.ready import django_ready

HANDED_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@click.command(context_settings=HANDED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def createsuperuser(arguments: tuple[str, ...]) -> None:
    """Make an administrator; asks for what is not given.

    Without questions: DJANGO_SUPERUSER_PASSWORD=… taiga createsuperuser --noinput --username NAME --email ADDRESS
    """
    hand_on("createsuperuser", arguments)


@click.command(context_settings=HANDED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def createuser(arguments: tuple[str, ...]) -> None:
    """Make an account, also where nobody may register; asks for the password.

    Without questions: DJANGO_USER_PASSWORD=… taiga createuser --username NAME --email ADDRESS [--full-name NAME]
    """
    hand_on("createuser", arguments)


def hand_on(command: str, arguments: tuple[str, ...]) -> None:
    """Run Django's command, after the database was brought up to date."""
    django_ready()
    from django.core.management import execute_from_command_line

    from taiga.server import start

    if not {"-h", "--help"} & set(arguments):
        start.bring_up_to_date()
    execute_from_command_line([sys.argv[0], command, *arguments])
