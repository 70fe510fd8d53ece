"""/roles: the roles of members and their permissions."""

from typing import Annotated, Any

from django.utils.translation import gettext as _

from taiga.base import errors, paging
from taiga.base.answers import Paged
from taiga.base.bodies import UNSET, Body, Boolean, FilledText, Integer, Key, Related, longest
from taiga.base.requests import Reply, Request, created, no_content, number, ok
from taiga.base.routes import ANYBODY, Query, endpoint, route
from taiga.projects.api import lookup, project_shapes
from taiga.projects.api.project_bodies import MaybePermissions
from taiga.projects.models import Project, Role
from taiga.projects.permissions import ADMIN, Can
from taiga.projects.queries import roles as queries
from taiga.projects.services import roles


class RoleBody(Body):
    """A role."""

    project: Annotated[Key, Related(Project, ())]
    name: Annotated[FilledText, longest(200)]
    permissions: MaybePermissions = UNSET
    order: Integer = 10
    computable: Boolean = True


@endpoint(needs=ANYBODY, query=(lookup.PROJECT,), answers=Paged(project_shapes.ROLE))
def listing(request: Request) -> Reply:
    """The roles of the projects that the caller sees, or of one."""
    project = lookup.project_parameter(request)
    access = lookup.access(request, project) if project is not None else None
    found = queries.LIST.listing(request.viewer, project, access)
    return paging.paged(request, found.count, found.page, lambda rows: [queries.serialized(row) for row in rows])


@endpoint(needs=Can.VIEW_PROJECT, answers=project_shapes.ROLE)
def read(request: Request) -> Reply:
    """One role."""
    role = lookup.retrieve(request, Role.objects.all(), id=request.args["id"])
    return ok(queries.one(role.pk))


@endpoint(needs=ADMIN, accepts=RoleBody, answers=project_shapes.ROLE)
def create(request: Request) -> Reply:
    """A new role."""
    values = RoleBody.read(request.fields).values
    access = lookup.allow(request, values.pop("project"))
    role = roles.create(access, values, by=lookup.actor(request))
    return created(queries.one(role.pk))


@endpoint(needs=ADMIN, accepts=RoleBody, answers=project_shapes.ROLE)
def change(request: Request) -> Reply:
    """Change the name or the permissions of a role."""
    role = for_change(request)
    values: dict[str, Any] = RoleBody.read(request.fields, partial=request.method == "PATCH").values
    if values.pop("project", role.project_id) != role.project_id:
        raise errors.Invalid({"project": [_("Invalid operation")]})
    access = lookup.access_or_404(request, role.project_id)
    roles.change(role, values, access=access, by=lookup.actor(request))
    return ok(queries.one(role.pk))


@endpoint(needs=ADMIN, query=(Query("moveTo", "integer", "The role that its members get."),))
def delete(request: Request) -> Reply:
    """Delete a role; its members get the role `moveTo`."""
    role = for_change(request)
    asked = request.query.get("moveTo")
    move_to = roles.replacement(role, number(asked)) if asked is not None else None
    access = lookup.access_or_404(request, role.project_id)
    roles.delete(role, move_to=move_to, access=access, by=lookup.actor(request))
    return no_content()


def for_change(request: Request) -> Role:
    """The role of the address, locked."""
    return lookup.for_change(request, Role.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])


urls = [
    route("roles", GET=listing, POST=create),
    route("roles/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
]
