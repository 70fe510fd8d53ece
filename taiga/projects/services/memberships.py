"""Members of projects, and invitations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, change_of, permissions_changed, publish
from taiga.projects.models import Membership, Project, Role
from taiga.projects.models.membership import new_invitation_token
from taiga.projects.permissions import Access
from taiga.projects.queries import memberships as queries
from taiga.projects.services import invitations, limits, ordering, role_points, watching
from taiga.projects.services.invitations import Invitee
from taiga.users.models import User

Values = dict[str, Any]


@dataclass(frozen=True)
class NewMember:
    """Somebody to be added to a project, and in which role."""

    invitee: Invitee
    role: Role
    is_admin: bool = False
    text: str | None = None


def create(access: Access, new_member: NewMember, *, by: Actor) -> Membership:
    """Add a member, or invite somebody. Raises NotEnoughSlots, PermissionDenied, Blocked."""
    limits.ensure_room_for_people(access.project, [new_member.invitee])
    access.ensure_open()
    row = new_membership(Project.objects.get(pk=access.project.id), new_member, by=by)
    row.email = new_member.invitee.address
    row.save(force_insert=True)
    after_create([row], by=by)
    return row


def create_many(access: Access, new_members: Sequence[NewMember], *, by: Actor) -> list[Membership]:
    """Add or invite several people at once. All get a mail; those with an account also get a notification."""
    access.ensure_unblocked()
    ensure_verified(by, as_text=True)
    limits.ensure_room_for_people(access.project, [new_member.invitee for new_member in new_members])
    project = Project.objects.get(pk=access.project.id)
    rows = Membership.objects.bulk_create(new_membership(project, new_member, by=by) for new_member in new_members)
    after_create(rows, by=by, in_bulk=True)
    return rows


def new_membership(project: Project, new_member: NewMember, *, by: Actor) -> Membership:
    """The membership of a new_member, not stored yet."""
    user = new_member.invitee.user
    return Membership(
        project=project,
        user=user,
        role=new_member.role,
        is_admin=new_member.is_admin,
        email=None if user is not None else new_member.invitee.address,
        token=None if user is not None else new_invitation_token(),
        invited_by=by.user,
        invitation_extra_text=new_member.text,
    )


def after_create(rows: Sequence[Membership], *, by: Actor, in_bulk: bool = False) -> None:
    """Apply what follows from new memberships: mails, and `set_up_members` for those with an account."""
    members = [row for row in rows if row.user_id is not None]
    set_up_members(members)
    publish([creation(row, by=by, in_bulk=in_bulk) for row in members if row.user_id != row.project.owner_id])
    for row in rows:
        invitations.send(row)


def creation(row: Membership, *, by: Actor, in_bulk: bool = False) -> Change:
    """The change of a new member; `in_bulk` it also causes a web notification."""
    context = {**facts(row), "created_at": row.created_at.isoformat(), "in_bulk": in_bulk}
    return change_of(row, ChangeType.CREATE, by=by, context=context)


def facts(row: Membership) -> Values:
    """The facts of a member for timelines."""
    return {"user": {"id": row.user_id}, "role": {"id": row.role_id, "name": row.role.name}}


def ensure_verified(by: Actor, *, as_text: bool = False) -> None:
    """Refuse users whose e-mail address is not verified: they may not invite others."""
    if by.user is None or by.user.verified_email:
        return
    text = _("To add members to a project, first you have to verify your email address")
    raise errors.BadRequest(text) if as_text else errors.Invalid({"non_field_errors": [text]})


def change(row: Membership, values: Values, invitee: Invitee | None, *, access: Access, by: Actor) -> None:
    """Change a membership; with an invitee it passes to them. Raises Blocked.

    The caller must have refused what `admins_lost` reports.
    """
    access.ensure_open()
    for name, value in values.items():
        setattr(row, name, value)
    former = row.user_id
    if invitee is not None:
        row.user, row.email = invitee.user, invitee.address
        row.token = None if invitee.user is not None else row.token or new_invitation_token()
    row.save()
    if row.user_id is not None and row.user_id != former:
        set_up_members([row])
    publish([change_of(row, ChangeType.CHANGE, by=by, context=facts(row))])
    permissions_changed(row.project_id, [key for key in {former, row.user_id} if key is not None])


def admins_lost(row: Membership, values: Values, invitee: Invitee | None) -> dict[str, list[str]]:
    """The errors of a change that would leave the project without its owner or without an active admin."""
    problems = {}
    if "is_admin" in values:
        if not values["is_admin"] and row.user_id is not None and row.user_id == row.project.owner_id:
            problems["is_admin"] = [_("The project owner must be admin.")]
        elif not queries.other_admins(row).exists():
            problems["is_admin"] = [_("At least one user must be an active admin for this project.")]
    if invitee is not None and invitee.user != row.user and not may_leave(row):
        problems["username"] = [still_needed()]
    return problems


def still_needed() -> str:
    """Why a member cannot leave."""
    return _("The project must have an owner and at least one of the users must be an active admin")


def may_leave(row: Membership) -> bool:
    """Whether the project would still have its owner and an active admin without a member."""
    if row.user_id is None:
        return True
    return row.user_id != row.project.owner_id and (not row.is_admin or queries.other_admins(row).exists())


def delete(row: Membership, *, access: Access, by: Actor) -> None:
    """Delete a membership or an invitation. Raises BadRequest for the owner and the last admin, Blocked."""
    if not may_leave(row):
        raise errors.BadRequest(still_needed())
    access.ensure_open()
    delete_memberships([row], by=by)


def delete_memberships(rows: Iterable[Membership], *, by: Actor) -> None:
    """Delete memberships. What is assigned to, watched or owned by the members stays as it is."""
    deleted = list(rows)
    members = [row for row in deleted if row.user_id is not None]
    publish([change_of(row, ChangeType.DELETE, by=by, context=facts(row)) for row in members])
    Membership.objects.filter(pk__in=[row.pk for row in deleted]).delete()
    for row in deleted:
        if row.user_id is not None:
            permissions_changed(row.project_id, [row.user_id])
    for project_id in {row.project_id for row in deleted}:
        role_points.update(project_id)


def leave(access: Access, *, by: Actor) -> None:
    """Leave a project. Raises PermissionDenied for the owner and the last admin, Blocked."""
    if access.membership_id is None:
        raise errors.PermissionDenied
    row = Membership.objects.select_for_update().get(pk=access.membership_id)
    if not may_leave(row):
        raise errors.PermissionDenied(_("You can't leave the project if you are the owner or there are no more admins"))
    access.ensure_unblocked()
    delete_memberships([row], by=by)


def accept(token: str, *, by: User) -> Membership:
    """Accept an invitation, which can be done once. Raises NotFound without a pending invitation for the token,
    IntegrityError if the user is a member already.
    """
    invitation = Membership.objects.select_for_update().filter(user=None, token=token).exclude(token="").first()
    if invitation is None:
        raise errors.NotFound(_("Token does not match any valid invitation."))
    if Membership.objects.filter(user=by, project_id=invitation.project_id).exists():
        raise errors.IntegrityError(_("This user is already a member of the project."))
    invitation.user, invitation.token = by, None
    invitation.save(update_fields=["user", "token"])
    set_up_members([invitation])
    return invitation


def set_up_members(members: Sequence[Membership]) -> None:
    """Give new members a notification policy, if they have none, and put the project first in their lists."""
    for project_id in {row.project_id for row in members}:
        people = [row.user_id for row in members if row.project_id == project_id and row.user_id is not None]
        watching.ensure_policies(project_id, people)
    put_first(members)


def put_first(members: Sequence[Membership]) -> None:
    """Put the project first in each member's list of projects."""
    new = [row.pk for row in members]
    others = Membership.objects.filter(user_id__in=[row.user_id for row in members]).exclude(pk__in=new)
    others.update(user_order=F("user_order") + 1)
    Membership.objects.filter(pk__in=new).update(user_order=0)


def reorder(user: User, places: Sequence[tuple[int, int]]) -> None:
    """Set the order of projects in a user's list; those without a membership are ignored."""
    memberships = Membership.objects.select_for_update().filter(user=user)
    orders = dict(memberships.values_list("project_id", "user_order"))
    for project_id, order in ordering.shifted(orders, places).items():
        if orders[project_id] != order:
            memberships.filter(project_id=project_id).update(user_order=order)


def remove_person(user: User, *, private_only: bool, by: Actor) -> None:
    """Remove a user from all projects that the caller owns. Raises Bare if one would lose its last admin."""
    rows = owned(by, private_only=private_only).filter(user=user).select_related("project", "role")
    left_without_admin = [row.project.name for row in rows if not may_leave(row)]
    if left_without_admin:
        text = _("These projects would be left without an admin: %s")
        raise errors.Bare(400, text % ", ".join(left_without_admin))
    delete_memberships(rows, by=by)


def remove_address(email: str, *, private_only: bool, by: Actor) -> None:
    """Withdraw the invitations of an address to all projects that the caller owns."""
    delete_memberships(owned(by, private_only=private_only).filter(user=None, email=email), by=by)


def owned(by: Actor, *, private_only: bool) -> "QuerySet[Membership]":
    """The memberships of the projects that the caller owns."""
    rows = Membership.objects.filter(project__owner_id=by.id)
    return rows.filter(project__is_private=True) if private_only else rows
