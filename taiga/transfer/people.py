"""The people in a dump: e-mail addresses there, accounts here.

An account that is created for an unknown person is inactive and has no usable password. It becomes that of the person
who registers, or recovers the password, with its address (`users.queries.is_placeholder`).
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from taiga.base.slugs import unique_slug
from taiga.transfer.problems import Wrong
from taiga.users import queries
from taiga.users.models import User

Policy = Literal["create", "match"]
LONGEST_ADDRESS = 255
LONGEST_NAME = 256


class People:
    """Finds accounts by address. The policy `create` creates those that are missing, `match` leaves these people
    out.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.made: dict[str, User] = {}
        self.left_out: set[str] = set()
        self._known: dict[str, int | None] = {}
        self._names: dict[str, str] = {}

    def id_of(self, address: Any) -> int | None:
        """The account with this address; None for nobody, and for a person who is left out. Raises Wrong."""
        if address is None or address == "":
            return None
        if not isinstance(address, str):
            raise Wrong(_("Expected an e-mail address or null."))
        if address not in self._known:
            self._known[address] = self._find(address.strip())
        return self._known[address]

    def account_of(self, address: str) -> int | None:
        """The account with this address, unless it waits for its person: an invitation to that one stays an
        invitation.
        """
        user = best(address)
        return user.pk if user is not None and not queries.is_placeholder(user) else None

    def is_called(self, address: Any, name: Any) -> None:
        """Remember the name of a person in the dump, for an account that is created later."""
        if isinstance(address, str) and isinstance(name, str) and name:
            self._names.setdefault(address.strip().lower(), name[:LONGEST_NAME])

    def name_of(self, address: Any) -> str:
        """The displayed name of a person."""
        key = self.id_of(address)
        return displayed([key]).get(key, "") if key is not None else ""

    def _find(self, address: str) -> int | None:
        user, name = best(address), self._names.get(address.lower(), "")
        if user is None and self.policy == "create" and is_address(address):
            user = self.made[address] = make_account(address, name)
        elif user is not None and name and not user.full_name and queries.is_placeholder(user):
            user.full_name = name
            user.save(update_fields=["full_name"])
        if user is None:
            self.left_out.add(address)
        return user.pk if user is not None else None


def best(address: str) -> User | None:
    """The account with this address. If several differ in case, the one with the exact spelling, or else the oldest."""
    found = list(queries.reached_at(address))
    return next((user for user in found if user.email == address), found[0] if found else None)


def make_account(address: str, full_name: str) -> User:
    """Create an account that waits for its person."""
    name = re.sub(r"[^\w.-]+", "-", address.rpartition("@")[0]).strip("-.") or "user"
    user = User(
        username=unique_slug(name, queries.taken_names, max_length=255),
        email=address,
        full_name=full_name,
        is_active=False,
        verified_email=False,
        accepted_terms=False,
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


def displayed(ids: Iterable[int]) -> dict[int, str]:
    """The displayed names of accounts by id, in one query."""
    return {user.pk: user.full_name_display for user in User.objects.filter(pk__in=list(ids))}


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_ADDRESS
