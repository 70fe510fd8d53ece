"""Watching projects: the notification level of a user."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.projects.models import NotifyLevel, NotifyPolicy
from taiga.projects.permissions import Access
from taiga.projects.services import watching


def follow(access: Access, user_id: int, level: Any = NotifyLevel.INVOLVED) -> None:
    """Watch a project at a level. Raises IntegrityError for an unknown level, Blocked."""
    if isinstance(level, bool) or level not in NotifyLevel.values:
        raise errors.IntegrityError(_("Invalid value for notify level"))
    access.ensure_unblocked()
    watching.ensure_policies(access.project.id, [user_id], level)
    policy = NotifyPolicy.objects.filter(project_id=access.project.id, user_id=user_id)
    policy.update(notify_level=level, modified_at=clock.now())


def unfollow(access: Access, user_id: int) -> None:
    """Stop watching a project. Raises Blocked."""
    follow(access, user_id, NotifyLevel.NONE)
