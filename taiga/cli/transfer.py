"""`dump` and `load-dump`: whole projects to and from files."""

import gc
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from taiga.cli.ready import django_ready

if TYPE_CHECKING:
    from taiga.transfer.load import Report
    from taiga.transfer.problems import Damaged
    from taiga.users.models import User


@click.command()
@click.argument("slug")
@click.option("--out", default="-", show_default=True, help="File to write; `-` is standard output.")
def dump(slug: str, out: str) -> None:
    """Write the project SLUG as a Taiga 6 project dump."""
    ready()
    from taiga.projects.models import Project
    from taiga.transfer.dump import dump as write

    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise click.ClickException(f"There is no project with the slug {slug}.")
    with written(out) as file, bars() as progress:
        write(project, file, progress=progress)


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
    ready()
    from taiga.transfer.load import load
    from taiga.transfer.problems import Damaged

    gc.freeze()  # garbage collection of what exists by now would take a sixth of the time
    account = owner_named(owner) if owner else None
    try:
        with opened(file) as stream, bars() as progress:
            report = load(stream, owner=account, name=name, people=people, progress=progress)
    except Damaged as refusal:
        tell_refusal(refusal)
        sys.exit(1)
    tell_report(report)


def ready() -> None:
    """Set Django up, and bring the database up to date."""
    django_ready()
    from taiga.server import start

    start.bring_up_to_date()


def owner_named(text: str) -> "User":
    """The user with this username or e-mail address. Raises ClickException."""
    from taiga.users import queries

    user = queries.by_name_or_address(text)
    if user is None:
        raise click.ClickException(f"There is no user with the name or address {text}.")
    return user


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """The file to read."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115
    except OSError as problem:
        raise click.ClickException(f"{file} can't be read: {problem.strerror}.") from problem
    with stream:
        yield stream


@contextmanager
def written(out: str) -> Iterator[IO[bytes]]:
    """The file to write, which is complete or does not exist."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(out)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as problem:
        raise click.ClickException(f"{out} can't be written: {problem.strerror}.") from problem
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each long section on standard error, if that is a terminal."""
    console = Console(stderr=True)
    looks = TextColumn("{task.description:>26}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*looks, console=console, disable=not console.is_terminal) as shown:
        tasks = {}

        def move(section: str, done: int, total: int) -> None:
            if section not in tasks and total:
                tasks[section] = shown.add_task(section.replace("_", " "), total=total)
            if section in tasks:
                shown.update(tasks[section], completed=done)

        yield move


def tell_refusal(refusal: "Damaged") -> None:
    """Print what is wrong with a dump, line by line."""
    click.echo(f"The dump was refused, and nothing of it was kept: {refusal.error}.", err=True)
    for problem in refusal.problems:
        click.echo(f"  {problem}", err=True)


def tell_report(report: "Report") -> None:
    """Print what was loaded from a dump, and what was not."""
    project, counts = report.project, report.counts
    kinds = ("epics", "user_stories", "tasks", "issues", "milestones", "wiki_pages")
    contents = ", ".join(f"{counts[kind]} {kind.replace('_', ' ')}" for kind in kinds)
    click.echo(f'"{project.name}" is loaded as {project.slug}: {contents}.')
    if report.made:
        click.echo("Inactive accounts, to be taken over by registering with the address or recovering the password:")
        for address, username in sorted(report.made.items()):
            click.echo(f"  {address} ({username})")
    if report.left_out:
        click.echo("People who are not known here, and were left out:")
        for address in report.left_out:
            click.echo(f"  {address}")
    for section, count in sorted(report.dropped.items()):
        click.echo(f"Not taken, since they belong to other projects: {count} {section.replace('_', ' ')}.")
