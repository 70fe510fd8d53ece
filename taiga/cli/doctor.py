"""`doctor`: checks this installation."""

import sys

import click

from taiga.cli.ready import django_ready


@click.command()
def doctor() -> None:
    """Look for what is wrong, and say how to mend it. Ends with status 1 when something fails."""
    django_ready()
    from taiga.server import doctor as examination

    failed = False
    for finding in examination.examine():
        click.echo(str(finding))
        failed = failed or finding.verdict == "FAIL"
    sys.exit(failed)
