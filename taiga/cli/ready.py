"""Django made ready for a command; imported only by those that need it, so that `taiga --help` is quick."""

import os
import sys

import click


def django_ready() -> None:
    """Settings that can't be understood end the command with what to mend, not with a stack of calls."""
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taiga.settings")
    try:
        import django

        django.setup()
    except ImproperlyConfigured as problem:
        click.echo(f"Taiga can't start with these settings.\n{problem}", err=True)
        sys.exit(2)


def tell_warnings() -> None:
    """What the operator wrote that has no meaning here, one line each."""
    import structlog
    from django.conf import settings

    for warning in settings.TAIGA_WARNINGS:
        structlog.get_logger("taiga.settings").warning(warning)
