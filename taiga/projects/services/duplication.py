"""Copies of projects: the same lists, roles and custom fields, without items."""

from collections.abc import Sequence
from dataclasses import dataclass

from taiga.base import errors
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.models import Membership, Project, Role
from taiga.projects.permissions import Access
from taiga.projects.services import limits, memberships, projects, templates
from taiga.users.models import User


@dataclass(frozen=True)
class Copy:
    """The fields of the copy, and the members to include."""

    name: str
    description: str
    is_private: bool
    users: Sequence[int]


def duplicate(source: Project, copy: Copy, *, access: Access, by: Actor) -> Project:
    """Copy a project; the caller owns the copy. Raises Missing for people not in the project, NotEnoughSlots."""
    access.ensure_open()
    people = selected_members(source, copy.users, by.user)
    ensure_within_limits(by.user, copy, [by.user, *(person.user for person in people if person.user is not None)])
    template = templates.of_project(source)
    project = Project(
        name=copy.name,
        description=copy.description,
        is_private=copy.is_private,
        owner=by.user,
        creation_template_id=source.creation_template_id,
    )
    roles = projects.create_from_template(project, template)
    projects.add_owner(project, templates.owner_role(template, roles), email=None)
    add_members(project, people, {role.slug: role for role in roles}, by=by)
    publish([change_of(project, ChangeType.CREATE, by=by, context=projects.facts(project))])
    return project


def selected_members(source: Project, users: Sequence[int], owner: User) -> list[Membership]:
    """The members to include. Raises Missing for non-members and for the caller."""
    wanted = list(dict.fromkeys(users))
    rows = Membership.objects.filter(project=source, user_id__in=wanted).exclude(user=owner)
    found = {row.user_id: row for row in rows.select_related("role", "user")}
    if found.keys() != set(wanted):
        raise errors.Missing("No Membership matches the given query.")
    return [found[key] for key in wanted]


def ensure_within_limits(owner: User, copy: Copy, users: Sequence[User]) -> None:
    """Refuse one more project of this kind, or one with so many people."""
    limits.ensure_room_for_project(owner, is_private=copy.is_private)
    limits.ensure_people_fit(owner, users, is_private=copy.is_private)


def add_members(project: Project, people: Sequence[Membership], roles: dict[str, Role], *, by: Actor) -> None:
    """Make members of the source members of the copy, in the roles with the same slugs."""
    rows = Membership.objects.bulk_create(
        Membership(project=project, user=one.user, role=roles[one.role.slug], is_admin=one.is_admin) for one in people
    )
    memberships.set_up_members(rows)
    publish([memberships.creation(row, by=by) for row in rows])
