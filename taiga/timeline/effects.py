"""The feed: every visible change is a row of its project's timeline and of those whom it concerns."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import F

from taiga.base import clock
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import heard
from taiga.projects.models import Project
from taiga.timeline import facts
from taiga.timeline.models import TimelineEntry

VERBS = {ChangeType.CHANGE: "change", ChangeType.CREATE: "create", ChangeType.DELETE: "delete"}


def write(changes: Sequence[Change]) -> None:
    """In the transaction of the change: its rows, and the counters of its project."""
    told = heard(changes, facts.KINDS)
    if not told:
        return
    rows = []
    for change, described in facts.described(told):
        rows += entries(change, described)
    TimelineEntry.objects.bulk_create(rows)
    for project_id in {change.project_id for change in told if change.project_id is not None}:
        count(project_id, sum(change.project_id == project_id for change in told))


def entries(change: Change, described: facts.Described) -> Iterable[TimelineEntry]:
    """One row for the project, and one for each person concerned."""
    common: dict[str, Any] = {
        "event_type": f"{change.kind}.{VERBS[ChangeType(change.type)]}",
        "project_id": change.project_id,
        "data": described.data,
        "created": described.created or change.at,
    }
    actor = described.namespace_of or change.by_id
    yield TimelineEntry(namespace=f"project:{change.project_id}", user_id=None, **common)
    for person in described.people:
        yield TimelineEntry(namespace=f"user:{actor}", user_id=person, **common)


def count(project_id: int, rows: int) -> None:
    """Add rows to the project's activity; once an hour (`recount`) the windows are counted anew."""
    Project.objects.filter(pk=project_id).update(
        total_activity=F("total_activity") + rows,
        total_activity_last_week=F("total_activity_last_week") + rows,
        total_activity_last_month=F("total_activity_last_month") + rows,
        total_activity_last_year=F("total_activity_last_year") + rows,
        totals_updated_datetime=clock.now(),
    )


def recount(project_id: int) -> None:
    """Count the activity of a project in all four windows."""
    rows = TimelineEntry.objects.filter(namespace=f"project:{project_id}")
    now = clock.now()
    since = {"week": now - timedelta(weeks=1), "month": now - relativedelta(months=1), "year": now - relativedelta(years=1)}
    counts = {f"total_activity_last_{name}": rows.filter(created__gte=day).count() for name, day in since.items()}
    Project.objects.filter(pk=project_id).update(total_activity=rows.count(), **counts)
