"""Members of projects, and invitations."""

from django.db.models import F
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.projects.models import Membership, NotifyPolicy
from taiga.projects.models.watching import NotifyLevel
from taiga.users.models import User


def accept(token: str, *, by: User) -> Membership:
    """Make the holder of an invitation a member. An invitation is taken once.

    Raises NotFound for a token that no waiting invitation has, IntegrityError if he is a member already.
    """
    waiting = Membership.objects.select_for_update().filter(user=None, token=token).exclude(token="").first()
    if waiting is None:
        raise errors.NotFound(_("Token does not match any valid invitation."))
    if Membership.objects.filter(user=by, project_id=waiting.project_id).exists():
        raise errors.IntegrityError(_("This user is already a member of the project."))
    waiting.user, waiting.token = by, None
    waiting.save(update_fields=["user", "token"])
    welcome(waiting)
    return waiting


def welcome(membership: Membership) -> None:
    """What every new member gets: a notify policy (unless he had one), and the project first in his list."""
    NotifyPolicy.objects.get_or_create(
        project_id=membership.project_id,
        user_id=membership.user_id,
        defaults={"notify_level": NotifyLevel.INVOLVED},
    )
    put_first(membership)


def put_first(membership: Membership) -> None:
    """Put the project first in the member's list of projects."""
    Membership.objects.filter(user_id=membership.user_id).exclude(pk=membership.pk).update(
        user_order=F("user_order") + 1
    )
    membership.user_order = 0
    membership.save(update_fields=["user_order"])
