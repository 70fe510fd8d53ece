"""The use of quotas: how many projects a user owns, and how many people are in them."""

from typing import Any

from django.db.models import Count, Q

from taiga.projects.models import Membership, Project

Quota = dict[str, int | None]
"""The four limits of a user, by their columns."""


def projects_of(owner_id: int, *, is_private: bool) -> int:
    """The number of private, or public, projects that a user owns."""
    return Project.objects.filter(owner_id=owner_id, is_private=is_private).count()


def people_of(owner_id: int, *, is_private: bool, including: int | None = None) -> int:
    """The number of people who are members of these projects or invited to them (and to the project `including`); each
    counts once.
    """
    return count_people(memberships_of(owner_id, is_private) | Q(project_id=including))


def memberships_of(owner_id: int, is_private: bool) -> Q:
    """The memberships of a user's private, or public, projects."""
    return Q(project__owner_id=owner_id, project__is_private=is_private)


def count_people(condition: Q) -> int:
    """The people behind memberships: members by account, invitations by e-mail address."""
    found = Membership.objects.filter(condition).aggregate(
        members=Count("user", distinct=True), invited=Count("email", distinct=True, filter=Q(user=None))
    )
    return int(found["members"] + found["invited"])


def already_counted(users: set[int], addresses: set[str], owner_id: int, *, is_private: bool) -> int:
    """How many of these people are in, or invited to, a user's projects of one kind."""
    these_people = Q(user_id__in=users) | Q(user=None, email__in=addresses)
    return count_people(memberships_of(owner_id, is_private) & these_people)


def pending_in(project_id: int) -> int:
    """The number of pending invitations of a project."""
    return Membership.objects.filter(project_id=project_id, user=None).count()


def max_projects(quota: Quota, *, is_private: bool) -> int | None:
    """How many projects of this kind the owner may have."""
    return quota["max_private_projects" if is_private else "max_public_projects"]


def max_people(quota: Quota, *, is_private: bool) -> int | None:
    """How many people may work in the owner's projects of this kind."""
    return quota["max_memberships_private_projects" if is_private else "max_memberships_public_projects"]


def is_out_of(owner_id: int | None, quota: Quota, *, is_private: bool) -> bool:
    """Whether the owner exceeds the limits of this kind."""
    projects, people = max_projects(quota, is_private=is_private), max_people(quota, is_private=is_private)
    if owner_id is None:
        return False
    return (people is not None and people_of(owner_id, is_private=is_private) > people) or (
        projects is not None and projects_of(owner_id, is_private=is_private) > projects
    )


def privacy_change(project_id: int, owner_id: int | None, quota: Quota, *, is_private: bool) -> dict[str, Any]:
    """Whether the project could change from private to public or back, and if not, why."""
    reason = why_not(project_id, owner_id, quota, is_private=not is_private)
    return {"can_be_updated": reason is None, "reason": reason}


def why_not(project_id: int, owner_id: int | None, quota: Quota, *, is_private: bool) -> str | None:
    """The reason why the project cannot become one of this kind, or None."""
    kind = "private" if is_private else "public"
    if owner_id is None:
        return "project_without_owner"
    people = max_people(quota, is_private=is_private)
    if people is not None and people_of(owner_id, is_private=is_private, including=project_id) > people:
        return f"max_{kind}_projects_memberships"
    projects = max_projects(quota, is_private=is_private)
    if projects is not None and projects_of(owner_id, is_private=is_private) >= projects:
        return f"max_{kind}_projects"
    return None
