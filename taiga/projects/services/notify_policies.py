"""How much of a project a person hears."""

from typing import Any

from django.db.models import Q

from taiga.base import clock
from taiga.base.database import writing
from taiga.projects.models import Membership, NotifyLevel, NotifyPolicy, Project
from taiga.users.models import User


def complete(user: User) -> None:
    """Make the policies that are missing of the projects which a person owns or belongs to."""
    joined = Membership.objects.filter(user=user).values("project")
    theirs = Project.objects.filter(Q(owner=user) | Q(pk__in=joined))
    had = NotifyPolicy.objects.filter(user=user).values("project_id")
    missing = list(theirs.exclude(pk__in=had).order_by("id").values_list("id", flat=True))
    if missing:
        policies = [
            NotifyPolicy(project_id=project_id, user=user, notify_level=NotifyLevel.ALL) for project_id in missing
        ]
        with writing():
            NotifyPolicy.objects.bulk_create(policies, ignore_conflicts=True)


def change(policy: NotifyPolicy, values: dict[str, Any]) -> None:
    """Hear more or less."""
    for name, value in values.items():
        setattr(policy, name, value)
    policy.modified_at = clock.now()
    policy.save()
