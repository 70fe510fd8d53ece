"""Who is meant by the name or address of a new member, and the mail that tells him."""

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
class Guest:
    """Somebody who is to become a member: an account, or an address that nobody has yet."""

    user: User | None
    address: str

    @property
    def key(self) -> int | str:
        """What tells him from others; the case of an address does not."""
        return self.user.pk if self.user is not None else self.address.upper()


def guests(names: Sequence[str], *, by: User | None) -> list[Guest | None]:
    """The people behind user names and addresses, None for those that cannot be invited; two queries.

    An address may be anybody's, if its domain is admitted; a user name must be, letter by letter, that of somebody the
    caller works with.
    """
    accounts = accounts_of(names)
    known = contacts_among(accounts.values(), by)
    return [guest(name, accounts.get(name.upper()), known) for name in names]


def guest(name: str, user: User | None, known: set[int]) -> Guest | None:
    """One of them."""
    if is_address(name):
        return Guest(user, name)
    return Guest(user, user.email) if user is not None and user.username == name and user.pk in known else None


def accounts_of(names: Sequence[str]) -> dict[str, User]:
    """The accounts with these names or addresses, by the name in capitals.

    Accounts of integrations are nobody's; those that an import made are taken by whoever accepts the invitation.
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
    """Those of the accounts with which the caller works, and his own."""
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


def present(project_id: int, invited: Sequence[Guest], besides: int = 0) -> bool:
    """Whether one of the guests is in the project, or invited, already."""
    users = [one.user.pk for one in invited if one.user is not None]
    addresses = [one.address.upper() for one in invited]
    rows = Membership.objects.annotate(address=Upper("email")).filter(project_id=project_id).exclude(pk=besides)
    return rows.filter(Q(user_id__in=users) | Q(address__in=addresses)).exists()


def send(membership: Membership) -> None:
    """Tell an account that it is in, or invite an address."""
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
