"""/memberships and /invitations: members of projects, and pending invitations."""

from collections.abc import Mapping
from typing import Annotated, NoReturn

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base import errors, paging
from taiga.base.answers import Paged, Several
from taiga.base.bodies import UNSET, Body, Boolean, Fields, FilledText, Integer, Key, Related, Text, longest, to_text
from taiga.base.requests import Reply, Request, created, no_content, ok
from taiga.base.routes import ANYBODY, SIGNED_IN, Query, endpoint, route
from taiga.base.throttling import take
from taiga.projects.api import lookup, project_shapes
from taiga.projects.models import Membership, Project, Role
from taiga.projects.permissions import ADMIN, Can
from taiga.projects.queries import memberships as queries
from taiga.projects.services import invitations, memberships
from taiga.projects.services.invitations import Invitee
from taiga.projects.services.memberships import NewMember
from taiga.users.models import User

Username = Annotated[FilledText, longest(255)]
ALREADY_REFUSED = {"username", "non_field_errors"}
"""Errors in a row of several new members that make further checks of its person pointless."""


class MembershipBody(Body):
    """A member, by user name or e-mail address."""

    project: Annotated[Key, Related(Project, ())]
    role: Annotated[Key, Related(Role)]
    username: Username
    is_admin: Boolean = False
    invitation_extra_text: Text = UNSET


class NewMemberRow(Body):
    """One of several new members."""

    role_id: Integer
    username: Username


class BulkBody(Body):
    """Several new members."""

    project_id: Integer
    bulk_memberships: list[NewMemberRow]
    invitation_extra_text: Annotated[str | None, BeforeValidator(to_text), longest(255)] = None


@endpoint(
    needs=ANYBODY,
    query=(lookup.PROJECT, Query("role", "integer", "Only those with this role.")),
    answers=Paged(project_shapes.MEMBERSHIP),
)
def listing(request: Request) -> Reply:
    """Members and invitations of the projects that the caller sees, or of one. Admins see e-mail addresses."""
    project = lookup.project_parameter(request)
    role = lookup.project_parameter(request, "role")
    access = lookup.access(request, project) if project is not None else None
    if project is not None and access is None:
        raise without_pages(request)
    with_addresses = access is not None and (access.is_admin or request.viewer.is_superuser)
    found = queries.LIST.listing(request.viewer, project, access, role=role)
    return paging.paged(
        request,
        found.count,
        found.page,
        lambda rows: [queries.serialized(row, with_addresses=with_addresses) for row in rows],
    )


def without_pages(request: Request) -> errors.ApiError:
    """The error for a project that does not exist; it has the paging headers of an empty page."""
    refusal: errors.ApiError = errors.Missing() if request.viewer.is_authenticated else errors.NotAuthenticated()
    size = paging.Page.of(request).size
    if size is not None:
        refusal.headers |= paging.headers(request, size, 1, 0, more=False)
    return refusal


@endpoint(needs=Can.VIEW_PROJECT, answers=project_shapes.MEMBERSHIP)
def read(request: Request) -> Reply:
    """One of them."""
    row = lookup.retrieve(request, Membership.objects.all(), id=request.args["id"])
    access = lookup.access_or_404(request, row.project_id)
    return ok(queries.one(row.pk, with_addresses=access.is_admin or request.viewer.is_superuser))


@endpoint(needs=ADMIN, accepts=MembershipBody, answers=project_shapes.MEMBERSHIP, throttle="create-memberships")
def create(request: Request) -> Reply:
    """A new member, or an invitation."""
    lookup.lock_project(request, request.fields.get("project"))
    fields = MembershipBody.read(request.fields, also=lambda right: invitee_of(right, request))
    values = fields.values
    by = lookup.actor(request)
    invitee = invitee_of(fields, request)
    memberships.ensure_verified(by)
    assert invitee is not None
    access = lookup.allow(request, values["project"])
    role = Role.objects.get(pk=values["role"])
    new_member = NewMember(invitee, role, values["is_admin"], values.get("invitation_extra_text"))
    row = memberships.create(access, new_member, by=by)
    return created(queries.one(row.pk, with_addresses=True))


def invitee_of(fields: Fields[MembershipBody], request: Request, row: Membership | None = None) -> Invitee | None:
    """The invitee that the body names, or None. Refuses what does not fit the project; `row` is the edited membership.

    Without access to the project, only the invitee is checked.
    """
    problems: dict[str, list[str]] = {}
    invitee: Invitee | None = None
    project_id = fields.values.get("project", row.project_id if row is not None else None)
    if row is not None and project_id != row.project_id:
        problems["project"] = [_("Invalid operation")]
        project_id = None
    if project_id is not None and "role" in fields.found and fields.found["role"][0] != project_id:
        problems["role"] = [_("Invalid role for the project")]
    if "username" in fields.values:
        invitee = invitations.invitees([fields.values["username"]], by=lookup.actor(request).user)[0]
        if invitee is None:
            problems["username"] = [_("The user must be a valid contact")]
        elif project_id is not None and is_present(request, project_id, [invitee], row):
            problems["username"] = [_("The user yet exists in the project")]
    if row is not None:
        problems = {**memberships.admins_lost(row, fields.values, invitee), **problems}
    if problems:
        raise errors.Invalid(problems)
    return invitee


def is_present(request: Request, project_id: int, invitees: list[Invitee], row: Membership | None = None) -> bool:
    """Whether one of the invitees is a member or invited already, which only admins may learn.

    Other callers are refused later, with the same message for every invitee. `row` is the edited membership.
    """
    access = lookup.access(request, project_id)
    if access is None or not ADMIN.met(access, request):
        return False
    return invitations.is_any_present(project_id, invitees, row.pk if row is not None else 0)


@endpoint(needs=ADMIN, accepts=MembershipBody, answers=project_shapes.MEMBERSHIP)
def change(request: Request) -> Reply:
    """Change the role, the admin right or the person of a membership."""
    row = lookup.for_change(request, Membership.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])
    partial = request.method == "PATCH"
    fields = MembershipBody.read(request.fields, partial=partial, also=lambda right: invitee_of(right, request, row))
    invitee = invitee_of(fields, request, row)
    memberships.ensure_verified(lookup.actor(request))
    values = {name: value for name, value in fields.values.items() if name not in ("project", "username")}
    if "role" in values:
        values["role_id"] = values.pop("role")
    memberships.change(
        row, values, invitee, access=lookup.access_or_404(request, row.project_id), by=lookup.actor(request)
    )
    return ok(queries.one(row.pk, with_addresses=False))


@endpoint(needs=ADMIN)
def delete(request: Request) -> Reply:
    """Delete a membership or an invitation."""
    row = lookup.for_change(request, Membership.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])
    memberships.delete(row, access=lookup.access_or_404(request, row.project_id), by=lookup.actor(request))
    return no_content()


@endpoint(needs=ADMIN, accepts=BulkBody, answers=Several(project_shapes.MEMBERSHIP))
def create_many(request: Request) -> Reply:
    """Several members or invitations at once."""
    lookup.lock_project(request, request.fields.get("project_id"))
    try:
        fields = BulkBody.read(request.fields, also=lambda right: new_members_of(right, request))
    except errors.Invalid as refusal:
        add_unknown_people(refusal, request)
        raise
    by = lookup.actor(request)
    new_members = new_members_of(fields, request)
    access = lookup.allow(request, fields.values["project_id"])
    take(request, "create-memberships", amount=len(new_members))
    rows = memberships.create_many(access, new_members, by=by)
    return ok(queries.by_ids([row.pk for row in rows], with_addresses=True))


def add_unknown_people(refusal: errors.Invalid, request: Request) -> None:
    """Add the people who cannot be invited to the errors of each row."""
    problems_of_rows = refusal.fields.get("bulk_memberships") if isinstance(refusal.fields, Mapping) else None
    if not isinstance(problems_of_rows, list) or not all(isinstance(one, dict) for one in problems_of_rows):
        return
    sent = zip(problems_of_rows, request.fields["bulk_memberships"], strict=True)
    named = [(problems, str(row["username"])) for problems, row in sent if not problems.keys() & ALREADY_REFUSED]
    invitees = invitations.invitees([name for _problems, name in named], by=lookup.actor(request).user)
    for (problems, _name), invitee in zip(named, invitees, strict=True):
        if invitee is None:
            problems["username"] = [_("The user must be a valid contact")]


def new_members_of(fields: Fields[BulkBody], request: Request) -> list[NewMember]:
    """The people that the body names; refuses rows that do not fit the project, or one another.

    Of a body without a project only the people themselves are judged.
    """
    project_id, rows = fields.values.get("project_id"), fields.values.get("bulk_memberships", [])
    roles = {role.pk: role for role in Role.objects.filter(project=project_id)}
    if project_id is not None and not roles and not Project.objects.filter(pk=project_id).exists():
        of_none = _("Invalid role ids. All roles must belong to the same project.")
        raise errors.Invalid({"project_id": [_("There's no project with that id")], "bulk_memberships": [of_none]})
    invitees = invitations.invitees([row.username for row in rows], by=lookup.actor(request).user)
    if None in invitees:
        refusal = {"username": [_("The user must be a valid contact")]}
        raise errors.Invalid({"bulk_memberships": [refusal if invitee is None else {} for invitee in invitees]})
    if project_id is None:
        return []
    known = [invitee for invitee in invitees if invitee is not None]
    problem = ""
    if any(row.role_id not in roles for row in rows):
        problem = _("Invalid role ids. All roles must belong to the same project.")
    elif len({invitee.key for invitee in known}) < len(known):
        problem = _("You are attempting to invite the same email address multiple times.")
    elif known and is_present(request, project_id, known):
        problem = _("The user with this email address is already added to the project.")
    if problem:
        raise errors.Invalid({"bulk_memberships": [problem]})
    text = fields.values.get("invitation_extra_text")
    return [NewMember(invitee, roles[row.role_id], text=text) for invitee, row in zip(known, rows, strict=True)]


@endpoint(needs=ADMIN, throttle="create-memberships")
def resend(request: Request) -> Reply:
    """Resend the mail of a membership."""
    row = lookup.for_action(request, Membership.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])
    lookup.access_or_404(request, row.project_id).ensure_open()
    invitations.send(row)
    return no_content()


@endpoint(needs=ANYBODY, answers=project_shapes.MEMBERSHIP)
def invitation(request: Request) -> Reply:
    """A pending invitation, by its token."""
    row = Membership.objects.filter(user=None, token=request.args["token"]).first()
    if row is None:
        raise errors.Missing("No Membership matches the given query.")
    return ok(queries.one(row.pk, with_addresses=False))


@endpoint(needs=ANYBODY)
def no_invitations(request: Request) -> NoReturn:
    """There is no list of invitations: always 403."""
    raise errors.PermissionDenied(_("You don't have permissions to see that."))


class PersonBody(Body):
    """Somebody to be removed."""

    user: Integer
    private_only: Boolean = False


@endpoint(needs=SIGNED_IN, accepts=PersonBody)
def remove_person(request: Request) -> Reply:
    """Remove a user from all of the caller's projects."""
    body = PersonBody.read(request.fields).body
    user = User.objects.filter(pk=body.user).first()
    if user is None:
        raise errors.Bare(400, _("There's no user with that id"))
    memberships.remove_person(user, private_only=body.private_only, by=lookup.actor(request))
    return no_content()


class AddressBody(Body):
    """An e-mail address whose invitations are withdrawn."""

    email: FilledText
    private_only: Boolean = False


@endpoint(needs=SIGNED_IN, accepts=AddressBody)
def remove_address(request: Request) -> Reply:
    """Withdraw an e-mail address's invitations to all of the caller's projects."""
    body = AddressBody.read(request.fields).body
    memberships.remove_address(body.email, private_only=body.private_only, by=lookup.actor(request))
    return no_content()


urls = [
    route("memberships", GET=listing, POST=create),
    route("memberships/bulk_create", POST=create_many),
    route("memberships/remove_user_from_all_my_projects", POST=remove_person),
    route("memberships/remove_invitation_from_all_my_projects", POST=remove_address),
    route("memberships/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
    route("memberships/{id}/resend_invitation", POST=resend),
    route("invitations", GET=no_invitations),
    route("invitations/{token}", GET=invitation),
]
