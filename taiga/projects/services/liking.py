"""Likes of projects, and the counters of fans."""

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q

from taiga.base import clock
from taiga.projects.models import Like, Project
from taiga.projects.permissions import Access


def like(access: Access, user_id: int) -> None:
    """Like a project; repeating it changes nothing. Raises Blocked."""
    access.ensure_unblocked()
    Like.objects.bulk_create([Like(project_id=access.project.id, user_id=user_id)], ignore_conflicts=True)
    count(access.project.id)


def unlike(access: Access, user_id: int) -> None:
    """Withdraw a like. Raises Blocked."""
    access.ensure_unblocked()
    Like.objects.filter(project_id=access.project.id, user_id=user_id).delete()
    count(access.project.id)


def count(project_id: int) -> None:
    """Count the fans of a project: all of them, and those of the last week, month and year."""
    now = clock.now()
    periods = {
        "_last_week": relativedelta(weeks=1),
        "_last_month": relativedelta(months=1),
        "_last_year": relativedelta(years=1),
    }
    totals = {
        f"total_fans{ending}": Count("pk", filter=Q(created_date__gte=now - span)) for ending, span in periods.items()
    }
    found = Like.objects.filter(project_id=project_id).aggregate(total_fans=Count("pk"), **totals)
    Project.objects.filter(pk=project_id).update(**found, totals_updated_datetime=now)
