"""/status-transitions: which changes of status a project allows, once it lists any. Not part of Taiga's API."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator

from taiga.base import errors
from taiga.base.answers import Paged
from taiga.base.bodies import LARGEST_KEY, Body, Key, MaybeKey, OneOf, Related, whole, wrong
from taiga.base.paging import paged_rows
from taiga.base.requests import Reply, Request, created, no_content, ok
from taiga.base.routes import ANYBODY, Query, endpoint, route
from taiga.projects.api import lookup, shapes
from taiga.projects.models import Kind, Project, StatusTransition
from taiga.projects.permissions import ADMIN, Can
from taiga.projects.queries import transitions as queries
from taiga.projects.services import transitions
from taiga.projects.services.attributes import ensure_same_project


def to_roles(value: Any) -> list[int] | None:
    """A list of ids, or null for everybody."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise wrong(_("Enter a list of values."))
    return sorted({whole(key, LARGEST_KEY) for key in value})


class TransitionBody(Body):
    """An allowed change of status. `from_status` null means any status; `roles` null means everybody who may modify
    items.
    """

    project: Annotated[Key, Related(Project, ())]
    kind: Annotated[str, OneOf(*Kind.values)]
    from_status: MaybeKey = None
    to_status: Key
    roles: Annotated[list[int] | None, BeforeValidator(to_roles)] = None


@endpoint(
    needs=ANYBODY,
    query=(lookup.PROJECT, Query("kind", text="Only those of this kind.", choices=tuple(Kind.values))),
    answers=Paged(shapes.TRANSITION),
)
def listing(request: Request) -> Reply:
    """The changes of status that are allowed in projects that the caller may see."""
    kind = request.query.get("kind")
    if kind is not None and kind not in Kind.values:
        raise errors.BadRequest(_("'kind' must be one of %s.") % ", ".join(Kind.values))
    return paged_rows(request, queries.listing(request.viewer, lookup.project_parameter(request), kind))


@endpoint(needs=Can.VIEW_PROJECT, answers=shapes.TRANSITION)
def read(request: Request) -> Reply:
    """One of them."""
    return ok(queries.serialized(lookup.retrieve(request, StatusTransition.objects.all(), id=request.args["id"])))


@endpoint(needs=ADMIN, accepts=TransitionBody, answers=shapes.TRANSITION)
def create(request: Request) -> Reply:
    """Allow a change of status."""
    fields = TransitionBody.read(request.fields)
    access = lookup.allow(request, fields.values["project"])
    return created(queries.serialized(transitions.create(fields.values, access=access, by=lookup.actor(request))))


@endpoint(needs=ADMIN, accepts=TransitionBody, answers=shapes.TRANSITION)
def change(request: Request) -> Reply:
    """Edit an allowed change of status."""
    row = to_change(request)
    fields = TransitionBody.read(request.fields, partial=request.method == "PATCH")
    ensure_same_project(row, fields.values)
    access = lookup.access_or_404(request, row.project_id)
    transitions.change(row, fields.values, access=access, by=lookup.actor(request))
    return ok(queries.serialized(row))


def to_change(request: Request) -> StatusTransition:
    """The row of the address."""
    return lookup.for_change(request, StatusTransition.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])


@endpoint(needs=ADMIN)
def delete(request: Request) -> Reply:
    """Remove an allowed change of status."""
    row = to_change(request)
    transitions.delete(row, access=lookup.access_or_404(request, row.project_id), by=lookup.actor(request))
    return no_content()


urls = [
    route("status-transitions", GET=listing, POST=create),
    route("status-transitions/{id}", GET=read, PUT=change, PATCH=change, DELETE=delete),
]
