"""The estimates of stories for each computable role."""

from typing import Any

from django.db.models import QuerySet

from taiga.changes.record import Actor
from taiga.projects.models import Points, Role, RolePoints, UserStory
from taiga.projects.services import unrecorded


def update(project_id: int) -> None:
    """Make sure that every story has an estimate for each computable role and no other. Runs when roles are edited or
    members leave.
    """
    roles = list(Role.objects.filter(project_id=project_id, computable=True).values_list("pk", flat=True))
    if not roles:
        return
    rows = RolePoints.objects.filter(user_story__project_id=project_id).order_by()
    needless = rows.exclude(role_id__in=roles)
    keep_recorded(needless)
    needless.delete()
    stories = UserStory.objects.filter(project_id=project_id).order_by("pk")
    present = set(rows.values_list("user_story_id", "role_id"))
    keys = stories.values_list("pk", flat=True)
    missing = [(story, role) for story in keys for role in roles if (story, role) not in present]
    if missing:
        stories.filter(pk__among=[story for story, _role in missing]).update(unrecorded=unrecorded.plus("points"))
        unknown = unknown_points(project_id)
        RolePoints.objects.bulk_create(
            (RolePoints(user_story_id=story, role_id=role, points=unknown) for story, role in missing),
            ignore_conflicts=True,
        )


def keep_recorded(rows: "QuerySet[RolePoints]") -> None:
    """Before these estimates change without an entry in the history of their stories."""
    stories = UserStory.objects.filter(pk__in=rows.values("user_story"))
    stories.order_by().update(unrecorded=unrecorded.plus("points"))


def replacing(points: Any, to: Any, by: Actor) -> None:
    """Before a points value is replaced with another."""
    keep_recorded(RolePoints.objects.filter(points=points))


def unknown_points(project_id: int) -> Points:
    """The points value "unknown"; created if the project has none."""
    points = Points.objects.filter(project_id=project_id)
    found = points.filter(value=None).order_by("order", "name").first()
    if found is not None:
        return found
    taken = set(points.values_list("name", flat=True))
    name = next(name for name in ("?", *(f"?-{number}" for number in range(1, len(taken) + 2))) if name not in taken)
    return Points.objects.create(project_id=project_id, name=name, value=None)
