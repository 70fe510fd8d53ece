"""/importer: a project that a script puts together, piece by piece."""

from taiga.base import errors
from taiga.base.requests import Reply, Request, created, number
from taiga.base.routes import SIGNED_IN, endpoint, route
from taiga.projects.api import lookup
from taiga.projects.permissions import ADMIN
from taiga.transfer import items
from taiga.transfer.sections import Section
from taiga.transfer.services import pieces, projects

OBJECT = {"type": "object", "additionalProperties": True}
PIECES = {
    "milestone": items.MILESTONES,
    "us": items.USER_STORIES,
    "task": items.TASKS,
    "issue": items.ISSUES,
    "wiki_page": items.WIKI_PAGES,
    "wiki_link": items.WIKI_LINKS,
}


@endpoint(needs=SIGNED_IN, accepts=OBJECT, answers=OBJECT, atomic=False, throttle="import-mode")
def begin(request: Request) -> Reply:
    """A new project with its roles, members and lists, all in the words of a dump."""
    return created(projects.create(request.fields, by=request.viewer))


@endpoint(needs=ADMIN, accepts=OBJECT, answers=OBJECT, atomic=False, throttle="import-mode")
def add(request: Request, section: Section) -> Reply:
    """One more thing in a project, in the words of a dump."""
    if not request.viewer.is_authenticated:
        raise errors.NotAuthenticated
    key = number(request.args["id"])
    access = lookup.access(request, key) if key is not None else None
    if access is None:
        raise errors.Missing if request.viewer.is_superuser else errors.PermissionDenied
    lookup.allow(request, access.project.id)
    return created(pieces.add(access.project.id, section, request.fields))


urls = [
    route("importer", POST=begin),
    *(route(f"importer/{{id}}/{name}", {"section": section}, POST=add) for name, section in PIECES.items()),
]
