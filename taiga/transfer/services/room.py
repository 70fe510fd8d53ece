"""Whether the limits of an owner allow a project that is loaded."""

from taiga.projects.services import limits
from taiga.transfer.load import Claim
from taiga.transfer.people import best
from taiga.users.models import User


def ensure_room(owner: User, claim: Claim) -> None:
    """Refuse a project, or members, beyond the owner's limits. Raises NotEnoughSlots."""
    limits.ensure_room_for_project(owner, is_private=claim.is_private)
    known = {address: best(address) for address in claim.addresses}
    users = {user.pk: user for user in (owner, *known.values()) if user is not None}
    strangers = [address for address, user in known.items() if user is None]
    limits.ensure_people_fit(owner, list(users.values()), is_private=claim.is_private, addresses=strangers)
