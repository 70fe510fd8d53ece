"""Statistics of this server."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from taiga.base import clock
from taiga.projects.models import Project, UserStory
from taiga.projects.permissions import Can
from taiga.users.models import User

Facts = dict[str, Any]
WEEKS = 52


def discover() -> Facts:
    """The number of public projects."""
    open_ones = Q(is_private=False) | Q(anon_permissions__holds_any=[Can.VIEW_PROJECT])
    return {"projects": {"total": Project.objects.filter(open_ones).count()}}


def system() -> Facts:
    """The numbers of users, projects and stories, and how fast they grow."""
    people = User.objects.filter(is_active=True, is_system=False)
    projects = Project.objects.all()
    return {
        "users": {**growth(people, "date_joined"), "counts_last_year_per_week": weeks(people)},
        "projects": {**growth(projects, "created_date"), **modules(projects)},
        "userstories": growth(UserStory.objects.all(), "created_date"),
    }


def growth(rows: "QuerySet[Any]", moment: str) -> Facts:
    """The total, the number added today, and the daily average of the last complete week."""
    today = clock.today()
    since, until = midnight(today - timedelta(days=8)), midnight(today - timedelta(days=1))
    recent = Q(**{f"{moment}__gte": since, f"{moment}__lt": until})
    weekend = Q(**{f"{moment}__iso_week_day__in": [6, 7]})
    counts = rows.order_by().aggregate(
        total=Count("pk"),
        today=Count("pk", filter=Q(**{f"{moment}__gte": midnight(today)})),
        week=Count("pk", filter=recent),
        working=Count("pk", filter=recent & ~weekend),
    )
    return {
        "total": counts["total"],
        "today": counts["today"],
        "average_last_seven_days": counts["week"] / 7,
        "average_last_five_working_days": counts["working"] / 5,
    }


def weeks(people: "QuerySet[User]") -> dict[str, int]:
    """The number of users at the end of each week of the last year; weeks begin on Mondays."""
    today = clock.today()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS)
    mondays = [first + timedelta(weeks=number) for number in range(WEEKS + 1)]
    joined = people.filter(date_joined__gte=midnight(first)).order_by().annotate(week=TruncWeek("date_joined"))
    counts = {row["week"].date(): row["count"] for row in joined.values("week").annotate(count=Count("pk"))}
    before = people.filter(date_joined__lt=midnight(first)).count()
    totals = accumulate((counts.get(monday, 0) for monday in mondays), initial=before)
    days = [first - timedelta(weeks=1), *mondays]
    return {day.isoformat(): total for day, total in zip(days, totals, strict=True)}


def modules(projects: "QuerySet[Project]") -> Facts:
    """The number and the percentage of projects that use the backlog, the kanban board, or both."""
    backlog, kanban = Q(is_backlog_activated=True), Q(is_kanban_activated=True)
    counts = projects.order_by().aggregate(
        total=Count("pk"),
        backlog=Count("pk", filter=backlog & ~kanban),
        kanban=Count("pk", filter=kanban & ~backlog),
        backlog_and_kanban=Count("pk", filter=backlog & kanban),
    )
    total = counts.pop("total")
    facts: Facts = {}
    for name, count in counts.items():
        facts[f"total_with_{name}"] = count
        facts[f"percent_with_{name}"] = count * 100 / total if total else 0.0
    return facts


def midnight(day: date) -> datetime:
    """The start of a day."""
    return datetime.combine(day, time(), UTC)
