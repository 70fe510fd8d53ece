"""The logo of a project."""

from taiga.base import errors
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import endpoint, route
from taiga.projects.api import lookup, project_lookup, project_shapes
from taiga.projects.permissions import ADMIN
from taiga.projects.queries import projects as queries
from taiga.projects.services import logos


@endpoint(needs=ADMIN, answers=project_shapes.PROJECT, atomic=False, uploads=("logo",))
def change(request: Request) -> Reply:
    """Replace the logo. An archived project is refused before any other check."""
    found = project_lookup.named(request)
    if found is None:
        lookup.hide(request)
    if found.project.archived_code is not None:
        raise errors.Archived
    access = lookup.allow(request, found.project.id)
    logos.change(access, request.file("logo"))
    return ok(queries.detail(access.project.id, request.viewer))


@endpoint(needs=ADMIN, answers=project_shapes.PROJECT)
def remove(request: Request) -> Reply:
    """Remove the logo."""
    access = project_lookup.to_read(request)
    logos.remove(access)
    return ok(queries.detail(access.project.id, request.viewer))


urls = [
    route("projects/{id}/change_logo", POST=change),
    route("projects/{id}/remove_logo", POST=remove),
]
