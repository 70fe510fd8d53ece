"""/timeline: activity in a project, by a user, and of interest to a user."""

from typing import NoReturn

from taiga.base import errors
from taiga.base.answers import Paged
from taiga.base.paging import paged
from taiga.base.requests import Reply, Request, number
from taiga.base.routes import ANYBODY, Query, endpoint, route
from taiga.projects.api import lookup
from taiga.projects.models import Project
from taiga.projects.permissions import Can
from taiga.timeline import permissions, queries
from taiga.timeline.api import shapes
from taiga.users.models import User

QUERY = (Query("only_relevant", text="With any value: without what was deleted."),)


@endpoint(needs=ANYBODY)
def without_id(request: Request, **given: str) -> NoReturn:
    """A timeline needs the id of its project or user: always 404."""
    raise errors.Bare(404)


@endpoint(needs=Can.VIEW_PROJECT, query=QUERY, answers=Paged(shapes.LINE))
def of_project(request: Request) -> Reply:
    """The timeline of a project."""
    project = lookup.for_reading_below(request, Project.objects.only("id"), id=request.args["id"])
    events = permissions.in_project(lookup.access_or_404(request, project.pk))
    return page(request, queries.PROJECT, project.pk, events)


@endpoint(needs=ANYBODY, query=QUERY, answers=Paged(shapes.LINE))
def of_person(request: Request, timeline: str) -> Reply:
    """What a user did (one row for each person concerned), or what concerns the user."""
    key = number(request.args["id"])
    if key is None or not User.objects.filter(pk=key).exists():
        lookup.hide(request)
    return page(request, timeline, key)


def page(request: Request, timeline: str, key: int, events: list[str] | None = None) -> Reply:
    """A page of a timeline."""
    only_relevant = "only_relevant" in request.query
    found = queries.of(timeline, key, request.viewer, only_relevant=only_relevant, events=events)
    return paged(request, found.count, found.rows, queries.serialized)


urls = [
    route("timeline/project", GET=without_id),
    route("timeline/project/{id}", GET=of_project),
    *(route(f"timeline/{name}", GET=without_id) for name in (queries.PROFILE, queries.BY_USER)),
    *(
        route(f"timeline/{name}/{{id}}", {"timeline": name}, GET=of_person)
        for name in (queries.PROFILE, queries.BY_USER)
    ),
]
