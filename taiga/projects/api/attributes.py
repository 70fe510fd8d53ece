"""The endpoints of every list of values that classify a project's items: statuses, types, points, custom fields …"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic_core import PydanticCustomError

from taiga.base import errors
from taiga.base.answers import Paged, Several
from taiga.base.bodies import LARGEST_INTEGER, LARGEST_KEY, Body, Fields, Id, whole
from taiga.base.paging import paged
from taiga.base.requests import Reply, Request, created, no_content, number, ok
from taiga.base.routes import ANYBODY, Query, Route, endpoint, route
from taiga.projects.api import lookup, shapes
from taiga.projects.api.attribute_lists import ADDRESSES, Address
from taiga.projects.permissions import ADMIN, Can
from taiga.projects.queries import attributes as queries
from taiga.projects.queries import scopes
from taiga.projects.services import attributes, due_dates

MOVE_TO = Query("moveTo", "integer", "The id of the replacement.")


def body_of(given: Mapping[str, Any]) -> type[Body]:
    """The body of a value of the route's list."""
    body: type[Body] = given["address"].body
    return body


@endpoint(needs=ANYBODY, query=(lookup.PROJECT,), answers=Paged(shapes.value))
def listing(request: Request, address: Address) -> Reply:
    """The values that the caller may see."""
    found = listing_of(request, address.list.model, address.list.columns)
    if found is None:
        return paged(request, lambda: 0, lambda limit, offset: [])
    return paged(request, found.count, found.page, found.serialized)


def listing_of(request: Request, model: Any, columns: tuple[str, ...]) -> queries.Listing | None:
    """The list that a request asks for; None if the caller may see none of its rows."""
    project = lookup.project_parameter(request)
    access = lookup.access(request, project) if project is not None else None
    scope = scopes.scope_of(request.viewer, project, access, Can.VIEW_PROJECT)
    return queries.Listing(model, columns, scope, request.viewer) if scope else None


@endpoint(needs=Can.VIEW_PROJECT, answers=shapes.value)
def read(request: Request, address: Address) -> Reply:
    """One value."""
    found = lookup.retrieve(request, address.list.model.objects.all(), id=request.args["id"])
    return ok(queries.serialized(found, address.list.columns))


@endpoint(needs=ADMIN, accepts=body_of, answers=shapes.value)
def create(request: Request, address: Address) -> Reply:
    """A new value."""
    fields = address.body.read(request.fields, also=check_new(request, address.list.model))
    access = lookup.allow(request, fields.values["project"])
    made = attributes.create(address.list, fields.values, access=access, by=lookup.actor(request))
    return created(queries.serialized(made, address.list.columns))


def check_new(
    request: Request, model: Any, sent: Collection[str] = ("name", "project")
) -> Callable[[Fields[Any]], None]:
    """A check that the name of a new row is free. It is only made for callers who may add to the project, so that
    others learn nothing.
    """

    def check(fields: Fields[Any]) -> None:
        if fields.values.keys() >= {"name", "project"}:
            access = lookup.allow(request, fields.values["project"])
            attributes.ensure_name_fits(attributes.new_row(model, access.project.id), fields.values, sent)

    return check


def check_changed(row: Any, sent: Collection[str] | None = None) -> Callable[[Fields[Any]], None]:
    """A check that a row stays in its project and that its name is free; only `sent` fields are named in errors."""
    return lambda fields: attributes.ensure_name_fits(row, fields.values, fields.values if sent is None else sent)


@endpoint(needs=ADMIN, accepts=body_of, answers=shapes.value)
def change(request: Request, address: Address) -> Reply:
    """Change some columns of a value."""
    return changed(request, address, partial=True)


@endpoint(needs=ADMIN, accepts=body_of, answers=shapes.value)
def replace(request: Request, address: Address) -> Reply:
    """Change a value; what is not sent goes back to its default."""
    return changed(request, address, partial=False)


def changed(request: Request, address: Address, *, partial: bool) -> Reply:
    """PUT and PATCH."""
    found = to_change(request, address)
    fields = address.body.read(request.fields, partial=partial, also=check_changed(found))
    access = lookup.access_or_404(request, found.project_id)
    attributes.change(address.list, found, fields.values, access=access, by=lookup.actor(request))
    return ok(queries.serialized(found, address.list.columns))


def to_change(request: Request, address: Address) -> Any:
    """The value of the address."""
    return lookup.for_change(request, address.list.model.objects.all(), Can.VIEW_PROJECT, id=request.args["id"])


@endpoint(needs=ADMIN)
def delete(request: Request, address: Address) -> Reply:
    """Delete a value that nothing refers to."""
    found = to_change(request, address)
    access = lookup.access_or_404(request, found.project_id)
    attributes.delete(address.list, found, access=access, by=lookup.actor(request))
    return no_content()


@endpoint(needs=ADMIN, query=(MOVE_TO,))
def replace_and_delete(request: Request, address: Address) -> Reply:
    """Delete a value; items that have it get the one of `moveTo`."""
    to = destination(request, address.list.model)
    if to is None:
        raise errors.BadRequest(_("Query param 'moveTo' is required"))
    lookup.allow(request, to.project_id)
    found = to_change(request, address)
    access = lookup.access_or_404(request, found.project_id)
    attributes.replace(address.list, found, to, access=access, by=lookup.actor(request))
    return no_content()


def destination(request: Request, model: Any) -> Any:
    """The id of the replacement for a deleted row (`moveTo`), or None. Raises Missing."""
    text = request.query.get("moveTo")
    if text is None:
        return None
    key = number(text)
    found = model.objects.filter(pk=key).first() if key is not None else None
    if found is None:
        raise errors.Missing(f"No {model.__name__} matches the given query.")
    return found


@endpoint(needs=ADMIN, accepts=shapes.places_of)
def reorder(request: Request, address: Address) -> Reply:
    """Reorder values of a project."""
    project_id, orders = places(request, address.bulk, largest(address.list.model))
    attributes.reorder(address.list.model, project_id, orders)
    return no_content()


def largest(model: Any) -> int:
    """The largest order that the table can hold."""
    return LARGEST_KEY if model._meta.get_field("order").get_internal_type() == "BigIntegerField" else LARGEST_INTEGER


def places(request: Request, parameter: str, largest_order: int) -> tuple[int, list[tuple[int, int]]]:
    """The project of a bulk order, if the caller may reorder there, and the pairs of id and order."""
    for name in (parameter, "project"):
        if request.fields.get(name) is None:
            raise errors.BadRequest(_("'%s' parameter is mandatory") % name)
    key = number(request.fields["project"])
    if key is None or lookup.access(request, key) is None:
        raise errors.Missing("No Project matches the given query.")
    lookup.allow(request, key).ensure_unblocked()
    return key, pairs(request.fields[parameter], parameter, largest_order)


def pairs(value: Any, parameter: str, largest_order: int) -> list[tuple[int, int]]:
    """`[[id, order], …]`. Raises BadRequest for anything else."""
    try:
        found = [(whole(key, LARGEST_KEY), whole(order, largest_order)) for key, order in value]
    except (TypeError, ValueError, PydanticCustomError) as problem:
        raise errors.BadRequest(_("'%s' must be a list of pairs of an id and an order.") % parameter) from problem
    return found


class DefaultsBody(Body):
    """The project that gets the labels of its template."""

    project_id: Id


@endpoint(needs=ADMIN, accepts=DefaultsBody, answers=Several(shapes.value))
def create_defaults(request: Request, address: Address) -> Reply:
    """Give a project the due date labels of its template."""
    project_id = DefaultsBody.read(request.fields).values["project_id"]
    if lookup.access(request, project_id) is None:
        raise errors.Invalid({"project_id": [_("There's no project with that id")]})
    lookup.allow(request, project_id)
    made = due_dates.create_defaults(address.list.model, project_id, by=lookup.actor(request))
    return ok([queries.serialized(one, address.list.columns) for one in made])


def routes(address: Address) -> list[Route]:
    """The endpoints of one list."""
    given = {"address": address}
    deletion = replace_and_delete if address.list.referring_model else delete
    found = [
        route(address.path, given, GET=listing, POST=create),
        route(f"{address.path}/{{id}}", given, GET=read, PUT=replace, PATCH=change, DELETE=deletion),
    ]
    if address.bulk:
        found.append(route(f"{address.path}/bulk_update_order", given, POST=reorder))
    if address.path.endswith("-due-dates"):
        found.append(route(f"{address.path}/create_default", given, POST=create_defaults))
    return found


urls = [one for at in ADDRESSES for one in routes(at)]
