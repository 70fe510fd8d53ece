"""Notification policies of projects."""

from typing import Any

from taiga.base import clock
from taiga.base.database import writing
from taiga.projects.models import NotifyLevel, NotifyPolicy
from taiga.projects.queries.memberships import projects_without
from taiga.users.models import User


def create_missing(user: User) -> None:
    """Create the missing policies for the projects that a user owns or is a member of."""
    missing = projects_without(NotifyPolicy.objects.all(), user.pk)
    if missing:
        policies = [
            NotifyPolicy(project_id=project_id, user=user, notify_level=NotifyLevel.ALL) for project_id in missing
        ]
        with writing():
            NotifyPolicy.objects.bulk_create(policies, ignore_conflicts=True)


def change(policy: NotifyPolicy, values: dict[str, Any]) -> None:
    """Change notification levels."""
    for name, value in values.items():
        setattr(policy, name, value)
    policy.modified_at = clock.now()
    policy.save()
