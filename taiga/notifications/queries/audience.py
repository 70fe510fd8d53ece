"""The people who may be notified of something in a project: their notification levels, and their permissions."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import FilteredRelation, Q

from taiga.base.prepared import Ids, Param, Prepared
from taiga.projects.models import Membership, NotifyLevel, NotifyPolicy
from taiga.projects.permissions import TO_SEE, Can, effective
from taiga.users.models import User

SEEN_WITH = {**TO_SEE, Membership.type_key: Can.VIEW_PROJECT}
"""The permission that a person needs to be notified of a kind of object."""


@dataclass(frozen=True)
class Place:
    """The project of a change."""

    id: int
    slug: str
    name: str
    public_permissions: list[str] | None
    anon_permissions: list[str] | None


@dataclass(frozen=True)
class Person:
    """A user with an active account. The levels are those of their policy; without one they are INVOLVED."""

    id: int
    username: str
    full_name: str
    email: str
    lang: str | None
    is_superuser: bool
    notify_level: int | None
    live_notify_level: int | None
    web_notify_level: bool | None
    membership_id: int | None
    is_admin: bool | None
    role_permissions: list[str] | None
    is_authenticated: bool = True

    @property
    def name(self) -> str:
        """The full name, or else the username."""
        return self.full_name or self.username

    def level(self, *, live: bool = False) -> int:
        """His notification level, for mails or for desktop notifications."""
        return (self.live_notify_level if live else self.notify_level) or NotifyLevel.INVOLVED

    def sees(self, kind: str, place: Place) -> bool:
        """Whether the person has the permission to see this kind of object."""
        held = effective(
            self,
            is_admin=bool(self.is_admin),
            role=(self.role_permissions or ()) if self.membership_id is not None else None,
            public=place.public_permissions,
            anonymous=place.anon_permissions,
        )
        return SEEN_WITH[kind] in held


PLACE = ("id", "slug", "name", "public_permissions", "anon_permissions")
PEOPLE = Prepared(
    lambda: (
        User.objects.filter(pk__among=Ids("ids"), is_active=True, is_system=False)
        .annotate(
            policy=FilteredRelation("notify_policies", condition=Q(notify_policies__project=Param("project"))),
            mine=FilteredRelation("memberships", condition=Q(memberships__project=Param("project"))),
        )
        .order_by("id")
        .values_list(
            *("id", "username", "full_name", "email", "lang", "is_superuser"),
            *("policy__notify_level", "policy__live_notify_level", "policy__web_notify_level"),
            *("mine__id", "mine__is_admin", "mine__role__permissions"),
        )
    )
)
HEARS_EVERYTHING = Q(notify_level=NotifyLevel.ALL) | Q(live_notify_level=NotifyLevel.ALL)
HEARING_EVERYTHING = Prepared(
    lambda: NotifyPolicy.objects.filter(HEARS_EVERYTHING, project=Param("project")).order_by().values_list("user")
)


def people(project_id: int, ids: Iterable[int]) -> list[Person]:
    """Those of these users who have active accounts."""
    wanted = sorted(set(ids))
    return [Person(*row) for row in PEOPLE.all(project=project_id, ids=wanted)] if wanted else []


def hearing_everything(project_id: int) -> set[int]:
    """The users who want to be notified of everything in a project, by mail or on the desktop."""
    return {row[0] for row in HEARING_EVERYTHING.all(project=project_id)}
