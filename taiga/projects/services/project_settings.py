"""What one user sets for one project: where it opens."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.database import writing
from taiga.projects.models import UserProjectSettings
from taiga.projects.queries.memberships import unknown_to
from taiga.users.models import User


def complete(user: User) -> None:
    """Make the settings that are missing of the projects which a person owns or belongs to."""
    missing = unknown_to(UserProjectSettings.objects.all(), user.pk)
    if missing:
        with writing():
            UserProjectSettings.objects.bulk_create(
                [UserProjectSettings(project_id=project_id, user=user) for project_id in missing],
                ignore_conflicts=True,
            )


def choose(settings_id: int, homepage: int, *, allowed: Collection[int]) -> None:
    """Another home page. Raises Invalid for a section that is off, or closed to the user."""
    if homepage not in allowed:
        raise errors.Invalid({"homepage": [_("You don't have access to this section")]})
    UserProjectSettings.objects.filter(pk=settings_id).update(homepage=homepage, modified_at=clock.now())


def forget(settings_id: int) -> None:
    """Back to what everybody begins with."""
    UserProjectSettings.objects.filter(pk=settings_id).delete()
