"""What happens to projects when an account is closed."""

from taiga.changes.record import Actor
from taiga.projects.models import Membership, Project
from taiga.projects.services import memberships
from taiga.users.models import User
from taiga.users.services import accounts

OWNER_LEFT = "blocked-by-owner-leaving"


def close_account(user: User, *, by: Actor) -> None:
    """Close an account: block its projects, end its memberships, erase its personal data."""
    Project.objects.filter(owner=user).update(blocked_code=OWNER_LEFT)
    memberships.delete_memberships(Membership.objects.filter(user=user).select_related("role", "project"), by=by)
    accounts.deactivate(user)
