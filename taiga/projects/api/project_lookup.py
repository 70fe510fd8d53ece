"""Finding the project of the address. Which error refuses the caller depends on the operation."""

from taiga.base import errors
from taiga.base.requests import Request, number
from taiga.projects.api import lookup
from taiga.projects.models import Project
from taiga.projects.permissions import Access, Can
from taiga.projects.queries import project_listing


def to_read(request: Request) -> Access:
    """A project to be read, or something that belongs to it. Unknown ones: 401 or 404; others: 401 or 403."""
    found = named(request)
    if found is None:
        lookup.hide(request)
    return lookup.allow(request, found.project.id)


def to_act(request: Request) -> Access:
    """A project for one of its actions. Unknown and invisible ones: 401 or 404; others: 401 or 403."""
    found = named(request)
    if found is None or not is_listed(request, found):
        lookup.hide(request)
    return lookup.allow(request, found.project.id)


def to_change(request: Request) -> Access:
    """A project to be changed or deleted. Unknown and invisible ones are refused alike, except for superusers."""
    found = named(request)
    if found is None or not is_listed(request, found):
        if not request.viewer.is_authenticated:
            raise errors.NotAuthenticated
        raise errors.Missing if request.viewer.is_superuser else errors.PermissionDenied
    return lookup.allow(request, found.project.id)


def named(request: Request) -> Access | None:
    """The caller's access to the project of the address; None if there is no such project."""
    key = number(request.args["id"])
    return None if key is None else lookup.access(request, key)


def is_listed(request: Request, access: Access) -> bool:
    """Whether the caller's list, with the request's filters, shows the project."""
    if not access.sees(Can.VIEW_PROJECT):
        return False
    if request.query.keys().isdisjoint(project_listing.PARAMETERS):
        return True
    return project_listing.listing(request.viewer, request.query).contains(access.project.id)


def locked(access: Access) -> Project:
    """The project's row, locked until the transaction ends."""
    return Project.objects.select_for_update().get(pk=access.project.id)
