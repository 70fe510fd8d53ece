"""Roles: permissions of members, and for which roles stories are estimated."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.slugs import among, slugify, unique_slug
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, permissions_changed, publish
from taiga.projects.models import Membership, Role, RolePoints
from taiga.projects.permissions import Access
from taiga.projects.services import role_points

Values = dict[str, Any]


def create(access: Access, values: Values, *, by: Actor) -> Role:
    """Create a role. Stories get estimates for it when a role is edited next. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    role = Role(project_id=access.project.id, **values)
    role.slug = free_slug(role.name)
    role.save(force_insert=True)
    publish([change_of(role, ChangeType.CREATE, by=by, diff={"name": [None, role.name]})])
    return role


def free_slug(name: str) -> str:
    """A slug that no role of the server has; it stays when the role is renamed."""
    return unique_slug(slugify(name) or "null", among(Role.objects.all()), max_length=250)


def change(role: Role, values: Values, *, access: Access, by: Actor) -> None:
    """Change a role. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    diff = {name: [getattr(role, name), value] for name, value in values.items() if getattr(role, name) != value}
    for name, value in values.items():
        setattr(role, name, value)
    role.save()
    role_points.update(role.project_id)
    publish([change_of(role, ChangeType.CHANGE, by=by, diff=diff)])
    if "permissions" in diff:
        permissions_changed(role.project_id, member_ids(role))


def member_ids(role: Role) -> list[int]:
    """The ids of the members with the role."""
    people = Membership.objects.filter(role=role, user__isnull=False)
    return list(people.values_list("user_id", flat=True))


def delete(role: Role, *, move_to: Role | None, access: Access, by: Actor) -> None:
    """Delete a role; its members get another one. Raises PermissionDenied, Blocked, BadRequest."""
    access.ensure_open()
    members = Membership.objects.filter(role=role)
    if move_to is None and members.exists():
        raise errors.BadRequest(_("The role has members. Give their new role as moveTo."))
    people = member_ids(role)
    if move_to is not None:
        members.update(role=move_to)
    publish([change_of(role, ChangeType.DELETE, by=by, diff={"name": [role.name, None]})])
    role_points.keep_recorded(RolePoints.objects.filter(role=role))
    role.delete()
    permissions_changed(access.project.id, people)


def replacement(role: Role, key: int | None) -> Role:
    """The role that members get instead: another one of the same project. Raises Missing."""
    others = Role.objects.filter(project_id=role.project_id).exclude(pk=role.pk)
    found = others.filter(pk=key).first() if key is not None else None
    if found is None:
        raise errors.Missing("No Role matches the given query.")
    return found
