"""Users, as far as shared projects let them see each other."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext

from taiga.base import unindexed_search
from taiga.projects.default_templates import NAMES
from taiga.projects.models import Membership, Project, UserStory
from taiga.projects.permissions import Can, visible
from taiga.projects.queries.filter_kinds import stories_assigned_to
from taiga.users import queries as accounts
from taiga.users.models import User


def listed(viewer: Any, project_id: int | None = None) -> "QuerySet[User]":
    """The active users that a viewer's list shows, by user name.

    That is the viewer and the members of the projects they see, or of the requested one; superusers see everybody.
    """
    people = User.objects.filter(is_active=True, is_system=False).order_by("username")
    seen = visible(viewer, Can.VIEW_PROJECT, "project__")
    if project_id is None:
        return people if viewer.is_superuser else people.filter(Q(pk=viewer.id) | members(seen))
    projects = Project.objects.filter(visible(viewer, Can.VIEW_PROJECT), pk=project_id)
    oneself = Q(pk=None if viewer.is_superuser else viewer.id)
    return people.filter(Exists(projects.order_by()), oneself | members(Q(project_id=project_id)))


def members(condition: Q) -> Q:
    """The users of memberships; invitations have none."""
    return Q(pk__in=Membership.objects.filter(condition, user__isnull=False).order_by().values("user"))


def project_exists(project_id: int) -> bool:
    """Whether there is such a project."""
    return Project.objects.filter(pk=project_id).exists()


def shared_memberships(person: User, viewer: Any) -> "QuerySet[Membership]":
    """The memberships of a user that the viewer may know about: those in public projects, and those in projects of the
    viewer where the user may view the project.
    """
    theirs = Membership.objects.filter(user=person).order_by()
    is_visible = Q(project__anon_permissions__holds_any=[Can.VIEW_PROJECT])
    if viewer.is_authenticated:
        mine = Exists(Membership.objects.filter(user_id=viewer.id, project=OuterRef("project")))
        is_visible |= Q(mine, Q(is_admin=True) | Q(role__permissions__holds_any=[Can.VIEW_PROJECT]))
    return theirs.filter(is_visible)


def contacts(person: User, viewer: Any, *, q: str = "", without: int | None = None) -> "QuerySet[User]":
    """The active users who share a project with a user, as far as the viewer may know about it, by name.

    `q` searches names. With an `@` it must be a whole e-mail address, since matching parts would let a caller guess it.
    `without` leaves out the members of a project.
    """
    together = members(Q(project_id__in=shared_memberships(person, viewer).values("project_id")))
    people = User.objects.filter(together, is_active=True).exclude(pk=person.pk).order_by("full_name", "username")
    if without is not None:
        people = people.exclude(members(Q(project_id=without)))
    if "@" in q:
        return people.filter(pk__in=[person.pk for person in accounts.reached_at(q.strip())])
    return searched(people, q, "username", "full_name")


def searched(rows: "QuerySet[Any]", q: str, *columns: str) -> "QuerySet[Any]":
    """The rows that have the words of a search in one of the columns; all rows if there is no search."""
    if not q:
        return rows
    found = unindexed_search.condition(q, "searched")
    if found is None:
        return rows.none()
    texts = [text for name in columns for text in (Cast(name, TextField()), Value(" ", TextField()))]
    named: QuerySet[Any] = rows.alias(searched=Concat(*texts, output_field=TextField()))
    return named.filter(found)


def statistics(person: User, viewer: Any) -> dict[str, Any]:
    """The statistics of a user, limited to what the viewer may know about."""
    known = shared_memberships(person, viewer)
    stories = UserStory.objects.filter(project_id__in=known.values("project_id"), is_closed=True)
    roles = known.order_by("role__name").values_list("role__name", flat=True).distinct()
    return {
        "total_num_projects": known.count(),
        "roles": [gettext(name) if name in NAMES else name for name in roles],
        "total_num_contacts": contacts(person, viewer).count(),
        "total_num_closed_userstories": stories.filter(pk__in=stories_assigned_to([person.pk])).count(),
    }
