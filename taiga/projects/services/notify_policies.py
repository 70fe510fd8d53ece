"""How much of a project a person hears."""

from typing import Any

from taiga.base import clock
from taiga.base.database import writing
from taiga.projects.models import NotifyLevel, NotifyPolicy
from taiga.projects.queries.memberships import unknown_to
from taiga.users.models import User


def complete(user: User) -> None:
    """Make the policies that are missing of the projects which a person owns or belongs to."""
    missing = unknown_to(NotifyPolicy.objects.all(), user.pk)
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
