"""Resolving user names and e-mail addresses of new members, and the mails to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.db.models.functions import Upper

from taiga.base import mail
from taiga.projects.models import Membership
from taiga.projects.queries import people as contacts
from taiga.users import queries as people
from taiga.users import rules
from taiga.users.models import User


@dataclass(frozen=True)
class Invitee:
    """Somebody to be added to a project: an account, or an e-mail address without one."""

    user: User | None
    address: str

    @property
    def key(self) -> int | str:
        """The identity of the invitee. E-mail addresses are compared without case."""
        return self.user.pk if self.user is not None else self.address.upper()


def invitees(names: Sequence[str], *, by: User | None) -> list[Invitee | None]:
    """The invitees behind user names and e-mail addresses; None for those that cannot be invited. Two queries.

    Any address of an allowed domain can be invited. A user name must exactly match that of somebody who shares a
    project with the caller.
    """
    accounts = accounts_of(names)
    contact_ids = contacts_among(accounts.values(), by)
    return [invitee(name, accounts.get(name.upper()), contact_ids) for name in names]


def invitee(name: str, user: User | None, contact_ids: set[int]) -> Invitee | None:
    """One of them."""
    if is_address(name):
        return Invitee(user, name)
    return Invitee(user, user.email) if user is not None and user.username == name and user.pk in contact_ids else None


def accounts_of(names: Sequence[str]) -> dict[str, User]:
    """The accounts with these user names or addresses, by upper-case name.

    Accounts of integrations are left out, and so are those that an import created: they are taken over by whoever
    accepts the invitation.
    """
    wanted = {name.upper() for name in names}
    capitals = User.objects.annotate(name=Upper("username"), address=Upper("email")).order_by("id")
    found: dict[str, User] = {}
    for user in capitals.filter(Q(name__in=wanted) | Q(address__in=wanted), is_system=False):
        if not people.is_placeholder(user):
            for text in (user.name, user.address):
                if text not in found or {user.username, user.email} & set(names):
                    found[text] = user
    return found


def contacts_among(users: Iterable[User], by: User | None) -> set[int]:
    """The accounts that share a project with the caller, and the caller's own."""
    if by is None:
        return set()
    keys = {user.pk for user in users}
    return {by.pk, *contacts.contacts(by, by).filter(pk__in=keys).values_list("pk", flat=True)}


def is_address(name: str) -> bool:
    """Whether it is an e-mail address to which invitations may go."""
    try:
        validate_email(name)
    except ValidationError:
        return False
    return rules.is_admitted(name)


def is_any_present(project_id: int, invited: Sequence[Invitee], besides: int = 0) -> bool:
    """Whether one of the invitees is a member of the project or invited already."""
    users = [one.user.pk for one in invited if one.user is not None]
    addresses = [one.address.upper() for one in invited]
    rows = Membership.objects.annotate(address=Upper("email")).filter(project_id=project_id).exclude(pk=besides)
    return rows.filter(Q(user_id__in=users) | Q(address__in=addresses)).exists()


def send(membership: Membership) -> None:
    """Mail the invitee: a notice for an account, an invitation for an address."""
    project = {"name": membership.project.name, "slug": membership.project.slug}
    if membership.user is not None:
        mail.send(
            "membership_notification",
            to=membership.user.email,
            lang=membership.user.lang,
            context={"full_name": membership.user.full_name_display, "project": project},
        )
    elif membership.email:
        mail.send(
            "membership_invitation",
            to=membership.email,
            lang=None,
            context={
                "invited_by": membership.invited_by.full_name_display if membership.invited_by else None,
                "project": project,
                "text": membership.invitation_extra_text or "",
                "token": membership.token,
            },
        )
