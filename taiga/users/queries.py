"""People as the API shows them."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Upper

from taiga.base import clock
from taiga.base.media import signing as media
from taiga.base.prepared import Ids, Prepared
from taiga.users.models import User

CARD = ("id", "username", "full_name", "email", "photo", "photo_format", "is_active")
CARDS = Prepared(lambda: User.objects.filter(id__among=Ids("ids")).order_by().values_list(*CARD))
Card = dict[str, Any]


@lru_cache(maxsize=10_000)
def gravatar_id(email: str) -> str | None:
    """The MD5 of the address, which is its id at gravatar.com."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest() if email else None


def card(row: tuple[Any, ...]) -> Card:
    """The person in `*_extra_info` of other objects, from a row of CARDS."""
    key, username, full_name, email, photo, photo_format, is_active = row
    return {
        "username": username,
        "full_name_display": full_name or username or email,
        "photo": media.thumbnail_url(photo, "avatar", photo_format),
        "big_photo": media.thumbnail_url(photo, "big-avatar", photo_format),
        "gravatar_id": gravatar_id(email),
        "is_active": is_active,
        "id": key,
    }


def cards(ids: Iterable[int | None]) -> dict[int | None, Card]:
    """The cards of these people by id, in one query."""
    wanted = sorted({key for key in ids if key is not None})
    return {row[0]: card(row) for row in CARDS.all(ids=wanted)} if wanted else {}


def public(user: User, roles: Iterable[str]) -> dict[str, Any]:
    """A person as everybody may see them."""
    return {
        "id": user.id,
        "username": user.username,
        "full_name": user.full_name,
        "full_name_display": user.full_name_display,
        "color": user.color,
        "bio": user.bio,
        "lang": user.lang,
        "theme": user.theme,
        "timezone": user.timezone,
        "is_active": user.is_active,
        "photo": media.thumbnail_url(user.photo, "avatar", user.photo_format),
        "big_photo": media.thumbnail_url(user.photo, "big-avatar", user.photo_format),
        "gravatar_id": gravatar_id(user.email),
        "roles": sorted(set(roles)),
    }


def personal(user: User, roles: Iterable[str], owned: Mapping[str, int]) -> dict[str, Any]:
    """A person as they see themselves. `owned` counts their `private` and `public` projects."""
    return {
        **public(user, roles),
        "total_private_projects": owned["private"],
        "total_public_projects": owned["public"],
        "email": user.email,
        "uuid": user.uuid,
        "date_joined": clock.stamp(user.date_joined),
        "read_new_terms": user.read_new_terms,
        "accepted_terms": user.accepted_terms,
        "max_private_projects": user.max_private_projects,
        "max_public_projects": user.max_public_projects,
        "max_memberships_private_projects": user.max_memberships_private_projects,
        "max_memberships_public_projects": user.max_memberships_public_projects,
        "verified_email": user.verified_email,
    }


def roles_of(ids: Collection[int]) -> dict[int, list[str]]:
    """The names of people's roles in all their projects, in one query."""
    rows = User.objects.filter(id__in=ids, memberships__isnull=False).values_list("id", "memberships__role__name")
    found: dict[int, list[str]] = {key: [] for key in ids}
    for key, name in rows:
        found[key].append(name)
    return found


def self_of(user: User) -> dict[str, Any]:
    """`personal` with two queries."""
    owned = User.objects.filter(id=user.id).aggregate(
        private=Count("owned_projects", filter=Q(owned_projects__is_private=True)),
        public=Count("owned_projects", filter=Q(owned_projects__is_private=False)),
    )
    return personal(user, roles_of([user.id])[user.id], owned)


def seen_by(viewer: Any, user: User) -> dict[str, Any]:
    """A person as the viewer may see them."""
    if viewer.is_superuser or viewer.id == user.id:
        return self_of(user)
    return public(user, roles_of([user.id])[user.id])


def listed(people: Collection[User]) -> list[dict[str, Any]]:
    """People in a list, as everybody may see them."""
    roles = roles_of([user.id for user in people])
    return [public(user, roles[user.id]) for user in people]


def named(text: str) -> "QuerySet[User]":
    """The people with this username, ignoring case."""
    return User.objects.alias(upper=Upper("username")).filter(upper=Upper(Value(text))).order_by("id")


def taken_names(some: Iterable[str]) -> list[str]:
    """Those of some usernames that are in use, ignoring case."""
    names = list(some)
    rows = User.objects.alias(upper=Upper("username")).filter(upper__in=[Upper(Value(name)) for name in names])
    held = {name.upper() for name in rows.order_by().values_list("username", flat=True)}
    return [name for name in names if name.upper() in held]


def reached_at(address: str) -> "QuerySet[User]":
    """The people with this e-mail address, ignoring case."""
    return User.objects.alias(upper=Upper("email")).filter(upper=Upper(Value(address))).order_by("id")


def by_name_or_address(text: str) -> User | None:
    """The person with this username or e-mail address. If several differ in case only, the exact spelling decides."""
    found = [*named(text), *reached_at(text)]
    exact = [user for user in found if text in (user.username, user.email)]
    ids = {user.id for user in found}
    if len(ids) == 1:
        return found[0]
    return exact[0] if exact else None


def placeholder_of(address: str) -> User | None:
    """The account that an import has made for this address; None if there is none."""
    return next(filter(is_placeholder, reached_at(address)), None)


def is_placeholder(user: User) -> bool:
    """Whether an import has made the account for an unknown person, who has not taken it over yet."""
    return not (user.is_active or user.is_system or user.date_cancelled or user.has_password)
