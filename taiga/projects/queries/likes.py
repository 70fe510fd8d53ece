"""Fans and watchers of a project."""

from typing import Any

from django.db.models import QuerySet

from taiga.projects.models import NotifyLevel, NotifyPolicy
from taiga.projects.queries import following
from taiga.users.models import User

serialized = following.serialized


def fans(project_id: int) -> "QuerySet[Any, Any]":
    """The fans of a project, by user name."""
    return following.people("likes__project", project_id)


def watchers(project_id: int) -> "QuerySet[Any, Any]":
    """The watchers of a project, members or not, by user name."""
    policies = NotifyPolicy.objects.filter(project_id=project_id).exclude(notify_level=NotifyLevel.NONE)
    people = User.objects.filter(pk__in=policies.order_by().values("user")).order_by("username")
    return people.values_list(*following.COLUMNS)
