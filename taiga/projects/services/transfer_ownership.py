"""Transfer of ownership: the owner offers the project with a token that is valid for a week; the recipient accepts or
rejects.
"""

from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from taiga.base import errors, mail
from taiga.changes.record import permissions_changed
from taiga.projects.models import Membership, Project
from taiga.projects.services import limits
from taiga.users.models import User

LIFETIME = timedelta(days=7)
SIGNER = TimestampSigner(salt="taiga.projects.transfer")


def request(project: Project, *, by: User) -> None:
    """Ask the owner to transfer the project. Raises BadRequest if there is none."""
    if project.owner is None:
        raise errors.BadRequest(_("The project has no owner."))
    notify("transfer_request", project, project.owner, requester=by.full_name_display)


def start(project: Project, user: User | None, *, reason: str) -> None:
    """Offer the project to a member; this voids an earlier offer. Raises Bare."""
    if user is None:
        raise errors.Bare(400, _("The user doesn't exist"))
    if not Membership.objects.filter(project=project, user=user).exists():
        raise errors.Bare(400, _("The user must be already a project member"))
    project.transfer_token = SIGNER.sign(str(user.pk))
    project.save(update_fields=["transfer_token"])
    owner = project.owner.full_name_display if project.owner else ""
    notify("transfer_start", project, user, owner=owner, reason=reason, token=project.transfer_token)


def ensure_valid(project: Project, token: Any, *, by: User) -> None:
    """Refuse a token that is not of the current offer or not for the caller. Raises WrongArguments."""
    if not project.transfer_token or not constant_time_compare(str(token), project.transfer_token):
        raise errors.WrongArguments(_("Token is invalid"))
    try:
        receiver = SIGNER.unsign(project.transfer_token, max_age=LIFETIME)
    except SignatureExpired:
        raise errors.WrongArguments(_("Token has expired")) from None
    except BadSignature:
        raise errors.WrongArguments(_("Token is invalid")) from None
    if receiver != str(by.pk):
        raise errors.WrongArguments(_("Token is invalid"))


def reject(project: Project, token: Any, *, reason: str, by: User) -> None:
    """Reject the offer. Raises WrongArguments."""
    ensure_valid(project, token, by=by)
    project.transfer_token = None
    project.save(update_fields=["transfer_token"])
    if project.owner is not None:
        notify("transfer_reject", project, project.owner, rejecter=by.full_name_display, reason=reason)


def accept(project: Project, token: Any, *, reason: str, by: User) -> None:
    """Accept the offer and become the owner; the former owner stays an admin. Raises WrongArguments, PermissionDenied,
    NotEnoughSlots.
    """
    ensure_valid(project, token, by=by)
    membership = Membership.objects.filter(project=project, user=by)
    if not membership.exists():
        raise errors.PermissionDenied
    former = project.owner
    if former != by:
        limits.ensure_room_for_project(by, is_private=project.is_private, including=project.pk)
    membership.update(is_admin=True)
    project.owner, project.transfer_token = by, None
    project.save(update_fields=["owner", "transfer_token"])
    permissions_changed(project.pk)
    if former is not None:
        names = {"old_owner": former.full_name_display, "new_owner": by.full_name_display}
        notify("transfer_accept", project, former, reason=reason, **names)


def notify(template: str, project: Project, user: User, **context: Any) -> None:
    """Mail the owner or the recipient."""
    facts = {"full_name": user.full_name_display, "project": {"name": project.name, "slug": project.slug}}
    mail.send(template, to=user.email, lang=user.lang, context={**facts, **context})
