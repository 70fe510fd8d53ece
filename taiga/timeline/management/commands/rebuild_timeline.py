"""`taiga django rebuild_timeline`: rebuild timelines from projects, members and changes."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import make_aware

from taiga.projects.models import Project
from taiga.timeline.services import rebuilding


def moment(text: str) -> datetime:
    """A date, or a date with a time; without a zone it is UTC."""
    day = parse_date(text)
    found = datetime(day.year, day.month, day.day) if day else parse_datetime(text)  # noqa: DTZ001 - made aware below
    if found is None:
        raise CommandError(f"{text!r} is no date; write 2030-01-31.")
    return found if found.tzinfo else make_aware(found)


class Command(BaseCommand):
    help = "Delete and rebuild the timelines of one project or of all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--purge", action="store_true", help="also delete rows that are not rebuilt")
        parser.add_argument("--initial_date", type=moment, help="leave older rows alone")
        parser.add_argument("--final_date", type=moment, help="leave newer rows alone")
        parser.add_argument("--project", type=int, help="the id of the only project")

    def handle(self, *_args: Any, purge: bool, project: int | None, **options: Any) -> None:
        projects = Project.objects.order_by("id")
        if project is not None:
            projects = projects.filter(pk=project)
        span = rebuilding.Span(options["initial_date"], options["final_date"])
        if purge and project is None:
            rebuilding.purge(span)
        total = sum(rebuilding.rebuild(one, span) for one in projects.iterator())
        self.stdout.write(f"{total} rows")
