"""What one user sets for one project: where it opens."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.database import writing
from taiga.projects.models import Membership, Project, UserProjectSettings
from taiga.users.models import User


def complete(user: User) -> None:
    """Make the settings that are missing of the projects which a person owns or belongs to."""
    joined = Membership.objects.filter(user=user).values("project")
    theirs = Project.objects.filter(Q(owner=user) | Q(pk__in=joined))
    had = UserProjectSettings.objects.filter(user=user).values("project_id")
    missing = list(theirs.exclude(pk__in=had).order_by("id").values_list("id", flat=True))
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
