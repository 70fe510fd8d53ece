"""Activity counters of projects: the last week, month and year."""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q, QuerySet

from taiga.base import clock
from taiga.base.database import writing
from taiga.projects.models import Project
from taiga.timeline.models import TimelineEntry

INTERVAL = 3600.0
BATCH = 100
"""Projects that are counted in one query."""
TOTAL = "total_activity"
WINDOWS = {
    f"{TOTAL}_last_week": timedelta(weeks=1),
    f"{TOTAL}_last_month": relativedelta(months=1),
    f"{TOTAL}_last_year": relativedelta(years=1),
}
_last = time.monotonic()


def recount_hourly() -> int:
    """Hourly round of the worker: let old rows drop out of the windows. Returns the number of projects changed."""
    global _last  # noqa: PLW0603 - each process keeps its own hour
    if time.monotonic() - _last < INTERVAL:
        return 0
    _last = time.monotonic()
    return recount()


def recount() -> int:
    """Recount the rows in the windows, and lower the counters that are too high."""
    now = clock.now()
    stale = list(Project.objects.filter(**{f"{TOTAL}_last_year__gt": 0}).order_by("pk").values("pk", *WINDOWS))
    return sum(correct_counters(stale[start : start + BATCH], now) for start in range(0, len(stale), BATCH))


def correct_counters(stale: list[dict[str, int]], now: Any) -> int:
    """The same for a batch of projects."""
    counts = counted(now, of_projects(row["pk"] for row in stale))
    changed = 0
    for row in stale:
        key = row.pop("pk")
        found = counts.get(key, dict.fromkeys(WINDOWS, 0))
        if found != row:
            with writing():
                Project.objects.filter(pk=key, **row).update(**found)
            changed += 1
    return changed


def of_projects(ids: Iterable[int]) -> "QuerySet[TimelineEntry]":
    """The timelines of projects, by the index that has all that is counted."""
    return TimelineEntry.objects.filter(namespace__in=[f"project:{key}" for key in ids]).order_by()


def counted(now: Any, rows: "QuerySet[TimelineEntry]") -> dict[int, dict[str, int]]:
    """How many of the rows each project has in each window, in one query."""
    recent = rows.filter(created__gte=now - WINDOWS[f"{TOTAL}_last_year"])
    totals = {name: Count("id", filter=Q(created__gte=now - window)) for name, window in WINDOWS.items()}
    found: Any = recent.values("project_id").annotate(**totals)
    return {row.pop("project_id"): row for row in found}


def recount_all(project_id: int) -> None:
    """All four numbers of one project, from its rows."""
    rows = of_projects([project_id])
    found = counted(clock.now(), rows).get(project_id, dict.fromkeys(WINDOWS, 0))
    Project.objects.filter(pk=project_id).update(**{TOTAL: rows.count()}, **found)
