"""Who may be told of something: people with what they want to hear of a project, and what they may see in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import FilteredRelation, Q

from taiga.base.prepared import Ids, Param, Prepared
from taiga.projects.models import NotifyLevel, NotifyPolicy
from taiga.projects.permissions import Can, effective
from taiga.users.models import User

SEEN_WITH: dict[str, str] = {
    "epics.epic": Can.VIEW_EPICS,
    "userstories.userstory": Can.VIEW_US,
    "tasks.task": Can.VIEW_TASKS,
    "issues.issue": Can.VIEW_ISSUES,
    "wiki.wikipage": Can.VIEW_WIKI_PAGES,
    "milestones.milestone": Can.VIEW_MILESTONES,
    "projects.membership": Can.VIEW_PROJECT,
}
"""The permission without which one is told nothing of a kind of object."""


@dataclass(frozen=True)
class Place:
    """The project where it happened."""

    id: int
    slug: str
    name: str
    public_permissions: list[str] | None
    anon_permissions: list[str] | None


@dataclass(frozen=True)
class Person:
    """Somebody with an open account. The levels are those of his policy; without one he is `INVOLVED`."""

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
        """What he is called."""
        return self.full_name or self.username

    def level(self, *, live: bool = False) -> int:
        """How much he wants to hear, by mail or at once."""
        return (self.live_notify_level if live else self.notify_level) or NotifyLevel.INVOLVED

    def sees(self, kind: str, place: Place) -> bool:
        """Whether he may know of objects of this kind."""
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
LOUD = Q(notify_level=NotifyLevel.ALL) | Q(live_notify_level=NotifyLevel.ALL)
EAGER = Prepared(lambda: NotifyPolicy.objects.filter(LOUD, project=Param("project")).order_by().values_list("user"))


def people(project_id: int, ids: Iterable[int]) -> list[Person]:
    """Those of these people whose accounts are open."""
    wanted = sorted(set(ids))
    return [Person(*row) for row in PEOPLE.all(project=project_id, ids=wanted)] if wanted else []


def eager(project_id: int) -> set[int]:
    """Who wants to hear of everything in a project, by mail or at once."""
    return {row[0] for row in EAGER.all(project=project_id)}
