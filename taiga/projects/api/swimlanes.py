"""/swimlanes and /swimlane-userstory-statuses: lanes of the kanban board, and the WIP limits of their cells."""

from typing import Annotated

from taiga.base.answers import Paged
from taiga.base.bodies import LARGEST_KEY, UNSET, Body, FilledText, Key, MaybeInteger, Related
from taiga.base.paging import paged, paged_rows
from taiga.base.requests import Reply, Request, created, no_content, ok
from taiga.base.routes import ANYBODY, endpoint, route
from taiga.projects.api import attributes, lookup, shapes
from taiga.projects.models import Project, Swimlane, SwimlaneUserStoryStatus
from taiga.projects.permissions import ADMIN, Can
from taiga.projects.queries import swimlanes as queries
from taiga.projects.services import swimlanes

LIMITS = SwimlaneUserStoryStatus.objects.select_related("swimlane")


class SwimlaneBody(Body):
    """The fields of a lane. Its order can only be set in bulk."""

    project: Annotated[Key, Related(Project, ())]
    name: FilledText


class LimitBody(Body):
    """The WIP limit of a status in a lane."""

    wip_limit: MaybeInteger = UNSET


@endpoint(needs=ANYBODY, query=(lookup.PROJECT,), answers=Paged(shapes.SWIMLANE))
def listing(request: Request) -> Reply:
    """The lanes that the caller may see."""
    found = attributes.listing_of(request, Swimlane, queries.COLUMNS)
    if found is None:
        return paged(request, lambda: 0, lambda limit, offset: [])
    return paged(request, found.count, found.page, lambda rows: queries.with_statuses(found.serialized(rows)))


@endpoint(needs=Can.VIEW_PROJECT, answers=shapes.SWIMLANE)
def read(request: Request) -> Reply:
    """One lane."""
    return ok(queries.serialized_lane(lookup.retrieve(request, Swimlane.objects.all(), id=request.args["id"])))


@endpoint(needs=ADMIN, accepts=SwimlaneBody, answers=shapes.SWIMLANE)
def create(request: Request) -> Reply:
    """A new lane."""
    fields = SwimlaneBody.read(request.fields)
    access = lookup.allow(request, fields.values["project"])
    lane = swimlanes.create(fields.values, access=access, by=lookup.actor(request))
    return created(queries.serialized_lane(lane))


@endpoint(needs=ADMIN, accepts=SwimlaneBody, answers=shapes.SWIMLANE)
def change(request: Request) -> Reply:
    """Rename a lane."""
    lane = lookup.for_change(request, Swimlane.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])
    fields = SwimlaneBody.read(request.fields, partial=request.method == "PATCH")
    access = lookup.access_or_404(request, lane.project_id)
    swimlanes.change(lane, fields.values, access=access, by=lookup.actor(request))
    return ok(queries.serialized_lane(lane))


@endpoint(needs=ADMIN, query=(attributes.MOVE_TO,))
def delete(request: Request) -> Reply:
    """Delete a lane; its stories move to the lane `moveTo`."""
    lane = lookup.for_change(request, Swimlane.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])
    to = attributes.destination(request, Swimlane)
    if to is not None:
        lookup.allow(request, to.project_id)
    swimlanes.delete(lane, to, access=lookup.access_or_404(request, lane.project_id), by=lookup.actor(request))
    return no_content()


@endpoint(needs=ADMIN, accepts=shapes.places("bulk_swimlanes"))
def reorder(request: Request) -> Reply:
    """Reorder lanes."""
    project_id, orders = attributes.places(request, "bulk_swimlanes", LARGEST_KEY)
    swimlanes.reorder(project_id, orders, by=lookup.actor(request))
    return no_content()


@endpoint(needs=ANYBODY, query=(lookup.PROJECT,), answers=Paged(shapes.LIMIT))
def limits(request: Request) -> Reply:
    """The limits that the caller may see."""
    found = queries.limits(request.viewer, lookup.project_parameter(request))
    return paged_rows(request, found, queries.serialized_limits)


@endpoint(needs=Can.VIEW_PROJECT, answers=shapes.LIMIT)
def read_limit(request: Request) -> Reply:
    """One limit."""
    return ok(queries.serialized_limit(lookup.retrieve(request, LIMITS, id=request.args["id"])))


@endpoint(needs=ADMIN, accepts=LimitBody, answers=shapes.LIMIT)
def change_limit(request: Request) -> Reply:
    """Set a limit."""
    row = lookup.for_change(request, LIMITS, Can.VIEW_PROJECT, id=request.args["id"])
    fields = LimitBody.read(request.fields, partial=request.method == "PATCH")
    value = fields.values.get("wip_limit", row.wip_limit)
    swimlanes.set_limit(row, value, access=lookup.access_or_404(request, row.project_id), by=lookup.actor(request))
    return ok(queries.serialized_limit(row))


urls = [
    route("swimlanes", GET=listing, POST=create),
    route("swimlanes/bulk_update_order", POST=reorder),
    route("swimlanes/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
    route("swimlane-userstory-statuses", GET=limits),
    route("swimlane-userstory-statuses/{id}", GET=read_limit, PUT=change_limit, PATCH=change_limit),
]
