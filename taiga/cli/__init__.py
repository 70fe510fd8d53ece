"""The console program `taiga`: one command to run everything, and a few to look after it."""

import click

from taiga import __version__
from taiga.cli import diagram, doctor, people, routes, serve, transfer, upkeep


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="taiga")
def main() -> None:
    """Taiga in one process: an agile project-management server that speaks Taiga 6's API.

    Settings come from the environment and from the file .env in the folder where the command is run;
    docs/deployment.md lists them all.
    """


for command in (
    serve.serve,
    serve.worker,
    people.createsuperuser,
    people.createuser,
    upkeep.migrate,
    doctor.doctor,
    transfer.dump,
    transfer.load_dump,
    routes.routes,
    routes.openapi,
    diagram.er_diagram,
    upkeep.settings_table,
    upkeep.django,
):
    main.add_command(command)
