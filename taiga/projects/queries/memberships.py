"""Members and invitations as the API shows them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet

from taiga.base import errors
from taiga.base.media import signing as media
from taiga.base.prepared import Ids, Prepared
from taiga.projects.models import Membership, Project
from taiga.projects.queries.lists import ProjectRows
from taiga.users import queries as people

Row = dict[str, Any]

STORED = (
    *("id", "user", "project", "role", "is_admin", "created_at"),
    *("invitation_extra_text", "user_order", "email"),
)
JOINED = {
    "role_name": "role__name",
    "full_name": "user__full_name",
    "is_user_active": "user__is_active",
    "color": "user__color",
    "photo": "user__photo",
    "photo_format": "user__photo_format",
    "user_email": "user__email",
    "project_name": "project__name",
    "project_slug": "project__slug",
    "owner": "project__owner_id",
}
INVITER = tuple(f"invited_by__{name}" for name in people.CARD)
ORDER = (
    "project__name",
    "project",
    F("user__full_name").asc(nulls_last=True),
    F("user__username").asc(nulls_last=True),
    F("user__email").asc(nulls_last=True),
    F("email").asc(nulls_last=True),
    "id",
)


def with_columns(rows: "QuerySet[Membership]") -> "QuerySet[Membership, Any]":
    """The columns of these rows."""
    return rows.values_list(*STORED, *JOINED.values(), *INVITER)


BY_IDS = Prepared(lambda: with_columns(Membership.objects.filter(pk__among=Ids("ids")).order_by()))


def by_ids(ids: Sequence[int], *, with_addresses: bool) -> list[Row]:
    """The rows with these ids, in their order. Only admins see e-mail addresses."""
    position = {key: index for index, key in enumerate(ids)}
    found = sorted(BY_IDS.all(ids=ids), key=lambda row: position[row[0]]) if ids else []
    return [serialized(row, with_addresses=with_addresses) for row in found]


def one(membership_id: int, *, with_addresses: bool) -> Row:
    """One row."""
    return errors.still_there(by_ids([membership_id], with_addresses=with_addresses))


def serialized(row: tuple[Any, ...], *, with_addresses: bool) -> Row:
    """A row as the API shows it; the members about the person are null in a pending invitation."""
    last = len(STORED) + len(JOINED)
    facts: Row = dict(zip((*STORED, *JOINED), row[:last], strict=True))
    inviter, owner = row[last:], facts.pop("owner")
    facts["invited_by"] = people.card(inviter) if inviter[0] is not None else None
    photo, picture = facts.pop("photo"), facts.pop("photo_format")
    facts["photo"] = media.thumbnail_url(photo, "avatar", picture)
    facts["gravatar_id"] = people.gravatar_id(facts["user_email"]) if facts["user_email"] else None
    facts["is_user_active"] = bool(facts["is_user_active"])
    facts["is_owner"] = None if facts["user"] is None else facts["user"] == owner
    if not with_addresses:
        del facts["email"], facts["user_email"]
    return facts


LIST = ProjectRows(Membership, with_columns, ORDER)


def projects_without(rows: "QuerySet[Any]", user_id: int) -> list[int]:
    """The projects that a user owns or is a member of, and that have none of these rows."""
    owned = Project.objects.filter(owner=user_id).order_by().values_list("id")
    joined = Membership.objects.filter(user=user_id).order_by().values_list("project")
    existing = rows.filter(user=user_id).order_by().values_list("project")
    return sorted(key for (key,) in owned.union(joined).difference(existing))


def other_admins(membership: Membership) -> "QuerySet[Membership]":
    """The project's active admins other than this member."""
    admins = Membership.objects.filter(project_id=membership.project_id, is_admin=True, user__is_active=True)
    return admins.exclude(pk=membership.pk)
