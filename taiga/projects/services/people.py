"""What becomes of projects when somebody leaves for good."""

from taiga.changes.record import Actor
from taiga.projects.models import Membership, Project
from taiga.projects.services import memberships
from taiga.users.models import User
from taiga.users.services import accounts

OWNER_LEFT = "blocked-by-owner-leaving"


def cancel(user: User, *, by: Actor) -> None:
    """End an account: his projects are blocked, his memberships end, the account says nothing of him any more."""
    Project.objects.filter(owner=user).update(blocked_code=OWNER_LEFT)
    memberships.end(Membership.objects.filter(user=user).select_related("role", "project"), by=by)
    accounts.deactivate(user)
