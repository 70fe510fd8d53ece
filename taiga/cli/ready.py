"""Sets Django up for a command. Commands import it only when they run, so that `taiga --help` is quick."""

import os
import sys

import click


def django_ready() -> None:
    """Set Django up; invalid settings end the command with a message instead of a traceback."""
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taiga.settings")
    try:
        import django

        django.setup()
    except ImproperlyConfigured as problem:
        click.echo(f"Taiga can't start with these settings.\n{problem}", err=True)
        sys.exit(2)


def tell_warnings() -> None:
    """Log what the operator has set that has no meaning, a line each."""
    import structlog
    from django.conf import settings

    for warning in settings.TAIGA_WARNINGS:
        structlog.get_logger("taiga.settings").warning(warning)
