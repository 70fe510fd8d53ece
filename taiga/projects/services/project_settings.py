"""The settings of one user for one project: the section in which it opens."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.database import writing
from taiga.projects.models import UserProjectSettings
from taiga.projects.queries.memberships import projects_without
from taiga.users.models import User


def create_missing(user: User) -> None:
    """Create the missing settings for the projects that a user owns or is a member of."""
    missing = projects_without(UserProjectSettings.objects.all(), user.pk)
    if missing:
        with writing():
            UserProjectSettings.objects.bulk_create(
                [UserProjectSettings(project_id=project_id, user=user) for project_id in missing],
                ignore_conflicts=True,
            )


def set_homepage(settings_id: int, homepage: int, *, allowed: Collection[int]) -> None:
    """Set the home page. Raises Invalid for a section that is switched off or that the user may not see."""
    if homepage not in allowed:
        raise errors.Invalid({"homepage": [_("You don't have access to this section")]})
    UserProjectSettings.objects.filter(pk=settings_id).update(homepage=homepage, modified_at=clock.now())


def reset(settings_id: int) -> None:
    """Reset to the defaults."""
    UserProjectSettings.objects.filter(pk=settings_id).delete()
