"""Statistics of a project's issues: by their values, by people, and over the last four weeks."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Model, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext

from taiga.base import clock
from taiga.projects.models import Issue, IssueType, Priority, Severity, Status
from taiga.users.models import User

DAYS = 28
Row = dict[str, Any]


def of(project_id: int) -> Row:
    """All statistics."""
    issues = Issue.objects.filter(project_id=project_id).order_by()
    closed = issues.filter(status__is_closed=True).count()
    total = issues.count()
    return {
        "total_issues": total,
        "opened_issues": total - closed,
        "closed_issues": closed,
        "issues_per_type": per_value(issues, "type_id", IssueType),
        "issues_per_status": per_value(issues, "status_id", Status),
        "issues_per_priority": per_value(issues, "priority_id", Priority),
        "issues_per_severity": per_value(issues, "severity_id", Severity),
        "issues_per_owner": per_person(issues, "owner_id"),
        "issues_per_assigned_to": per_person(issues, "assigned_to_id"),
        "last_four_weeks_days": last_four_weeks(issues),
    }


def counts(issues: "QuerySet[Issue]", column: str) -> dict[Any, int]:
    """The number of issues for each value of a column."""
    return dict(issues.values(column).annotate(n=Count("pk")).values_list(column, "n"))


def values_by_id(model: type[Model], keys: Any) -> dict[int, Row]:
    """The names and colours of values."""
    rows = model._default_manager.filter(pk__in=[key for key in keys if key is not None]).order_by()
    return {row["id"]: row for row in rows.values("id", "name", "color")}


def per_value(issues: "QuerySet[Issue]", column: str, model: type[Model]) -> dict[str, Row]:
    """The values in use, with their counts."""
    found = counts(issues, column)
    return {str(key): {**row, "count": found[key]} for key, row in values_by_id(model, found).items()}


def per_person(issues: "QuerySet[Issue]", column: str) -> dict[str, Row]:
    """The people in use, with their counts; 0 is nobody."""
    found = counts(issues, column)
    people = {
        str(user.pk): {
            "id": user.pk,
            "username": user.username,
            "name": user.full_name_display,
            "color": user.color,
            "count": found[user.pk],
        }
        for user in User.objects.filter(pk__in=[key for key in found if key is not None]).order_by("username")
    }
    if None in found:
        nobody = gettext("Unassigned")
        people["0"] = {"id": 0, "username": nobody, "name": nobody, "color": "black", "count": found[None]}
    return people


def last_four_weeks(issues: "QuerySet[Issue]") -> Row:
    """Day by day, oldest first: issues opened, issues closed, and open issues by severity and priority."""
    today = clock.today()
    days = [today - timedelta(days=past) for past in range(DAYS - 1, -1, -1)]
    return {
        "by_open_closed": {
            "open": per_day(issues, "created_date", days),
            "closed": per_day(issues, "finished_date", days),
        },
        "by_severity": open_by(issues, "severity_id", Severity, days),
        "by_priority": open_by(issues, "priority_id", Priority, days),
        "by_status": {},
    }


def per_day(issues: "QuerySet[Issue]", column: str, days: list[date]) -> list[int]:
    """The number of issues for each day in a timestamp column."""
    recent = issues.filter(**{f"{column}__date__gte": days[0]})
    found = dict(recent.annotate(day=TruncDate(column)).values("day").annotate(n=Count("pk")).values_list("day", "n"))
    return [found.get(day, 0) for day in days]


def open_by(issues: "QuerySet[Issue]", column: str, model: type[Model], days: list[date]) -> dict[str, Row]:
    """The number of issues open on each day, by value."""
    values = values_by_id(model, counts(issues, column))
    data = {key: [0] * len(days) for key in values}
    for key, first, last, number in spans(issues, column, days):
        for place, day in enumerate(days) if key in data else ():
            if first <= day and (last is None or last >= day):
                data[key][place] += number
    return {str(key): {**row, "data": data[key]} for key, row in values.items()}


def spans(issues: "QuerySet[Issue]", column: str, days: list[date]) -> list[tuple[Any, date, date | None, int]]:
    """Spans of days in which issues were open, with their value and count, since the first of the days."""
    recent = issues.filter(Q(finished_date=None) | Q(finished_date__date__gte=days[0]))
    moments = recent.annotate(first=TruncDate("created_date"), last=TruncDate("finished_date"))
    rows = moments.values(column, "first", "last").annotate(n=Count("pk"))
    merged: Counter[tuple[Any, date, date | None]] = Counter()
    for key, first, last, number in rows.values_list(column, "first", "last", "n"):
        merged[key, max(first, days[0]), last] += number
    return [(*span, number) for span, number in merged.items()]
