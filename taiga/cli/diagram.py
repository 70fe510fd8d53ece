"""`er-diagram`: the tables as diagrams."""

import click

from taiga.cli.ready import django_ready


@click.command()
def er_diagram() -> None:
    """Print docs/er_diagram.md: all tables with their columns and relations, as Mermaid diagrams."""
    django_ready()
    from taiga.base import diagram

    click.echo(diagram.markdown(), nl=False)
