"""Limits on how many projects a user may own and how many members these may have."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.database import one_at_a_time
from taiga.projects.permissions import ProjectFacts
from taiga.projects.queries import limits as queries
from taiga.projects.services.invitations import Invitee
from taiga.users.models import User


@dataclass(frozen=True)
class Quota:
    """The limits of an owner for private or public projects; None means unlimited."""

    projects: int | None
    people: int | None

    @classmethod
    def of(cls, owner: User, *, is_private: bool) -> "Quota":
        """The quota of a user."""
        if is_private:
            return cls(owner.max_private_projects, owner.max_memberships_private_projects)
        return cls(owner.max_public_projects, owner.max_memberships_public_projects)


def ensure_room_for_project(owner: User | None, *, is_private: bool, including: int | None = None) -> None:
    """Refuse one more project of this kind if the quota is used up; `including` is an existing project whose members
    count too.
    """
    if owner is None:
        raise refusal(_("A project without an owner can't be changed like this."), None, is_private)
    quota = Quota.of(owner, is_private=is_private)
    if quota == Quota(None, None):
        return
    one_at_a_time(f"projects of {owner.pk}")
    people = queries.people_of(owner.id, is_private=is_private, including=including)
    if quota.projects is not None and queries.projects_of(owner.id, is_private=is_private) >= quota.projects:
        raise refusal(too_many_projects(is_private), people or 1, is_private)
    if quota.people is not None and people > quota.people:
        raise refusal(too_many_people(is_private), people or 1, is_private)


def too_many_projects(is_private: bool) -> str:
    """The message of a used-up quota of projects."""
    if is_private:
        return _("You can't have more private projects")
    return _("You can't have more public projects")


def too_many_people(is_private: bool) -> str:
    """The message of a used-up quota of members."""
    if is_private:
        return _("This project reaches your current limit of memberships for private projects")
    return _("This project reaches your current limit of memberships for public projects")


def refusal(message: str, people: int | None, is_private: bool) -> errors.NotEnoughSlots:
    """The error, with the number of members that there would be."""
    return errors.NotEnoughSlots(message, memberships=people, is_private=is_private)


def ensure_room_for_people(project: ProjectFacts, invitees: Sequence[Invitee]) -> None:
    """Refuse new members beyond the owner's quota or the limit of pending invitations."""
    is_private = project.is_private
    owner = User.objects.filter(owned_projects=project.id).first()
    if owner is None:
        raise refusal(_("A project without an owner can't have new members."), None, is_private)
    ensure_people_fit(
        owner,
        [invitee.user for invitee in invitees if invitee.user is not None],
        is_private=is_private,
        addresses=[invitee.address for invitee in invitees if invitee.user is None],
    )
    invited = sum(invitee.user is None for invitee in invitees)
    if invited and settings.MAX_PENDING_MEMBERSHIPS is not None:
        waiting = queries.pending_in(project.id) + invited
        if waiting > settings.MAX_PENDING_MEMBERSHIPS:
            raise refusal(_("You have reached the current limit of pending memberships"), waiting, is_private)


def ensure_people_fit(owner: User, users: Sequence[User], *, is_private: bool, addresses: Sequence[str] = ()) -> None:
    """Refuse that many people in the owner's projects of one kind; people who are in one of them already do not count
    again.
    """
    limit = Quota.of(owner, is_private=is_private).people
    if limit is None:
        return
    one_at_a_time(f"projects of {owner.pk}")
    keys, mails = {user.pk for user in users}, set(addresses)
    already_counted = queries.already_counted(keys, mails, owner.id, is_private=is_private)
    people = queries.people_of(owner.id, is_private=is_private) + len(keys) + len(mails) - already_counted
    if people > limit:
        raise refusal(too_many_people(is_private), people, is_private)
