"""`serve` and `worker`: the processes that keep running."""

import os

import click

from taiga.cli.ready import django_ready, tell_warnings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--no-worker", is_flag=True, help="Leave background work to `taiga worker` processes.")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Run everything: API, live events, background work, admin site, API documentation.

    The first start makes the database, the secret key and the project templates. SIGTERM ends it cleanly:
    requests that run are finished, jobs that run are put back.
    """
    from taiga.server import listener as listening

    try:
        listener = listening.listen(host, port)
    except OSError as problem:
        raise click.ClickException(f"can't listen at {host}:{port}: {problem.strerror or problem}") from problem
    os.environ["TAIGA_SERVED_AT"] = listening.domain_of(listener, host)
    django_ready()
    tell_warnings()
    from taiga.server import serving, start

    start.prepare()
    serving.serve(listener, host, worker=not no_worker)


@click.command()
def worker() -> None:
    """Do background work only, for installs where several processes share one PostgreSQL database.

    Run it beside `taiga serve --no-worker` processes, as many as there is work for.
    """
    django_ready()
    tell_warnings()
    from taiga.server import start
    from taiga.server import worker as working

    start.prepare()
    working.work()
