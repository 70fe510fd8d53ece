"""The endpoints that all kinds of work item share."""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, WithJsonSchema

from taiga.base import errors
from taiga.base.answers import Paged
from taiga.base.bodies import (
    LARGEST_KEY,
    UNSET,
    Body,
    Boolean,
    Fields,
    FilledText,
    Integer,
    Key,
    MaybeKey,
    Related,
    Text,
    whole,
    wrong,
)
from taiga.base.paging import paged
from taiga.base.requests import Reply, Request, created, no_content, number, ok
from taiga.base.routes import ANYBODY, Query, Route, endpoint, orders, route
from taiga.projects.api import item_shapes, lookup
from taiga.projects.models import Kind, Project, WorkItem
from taiga.projects.permissions import (
    ITEMS,
    TO_ADD,
    TO_DELETE,
    TO_MODIFY_OR_JUST_COMMENT,
    TO_VIEW,
    Access,
    Can,
)
from taiga.projects.queries import facets, filter_kinds, filters, rows
from taiga.projects.queries import workitems as queries
from taiga.projects.services import moving, tags, wip_limits
from taiga.projects.services import workitems as services
from taiga.projects.services.kinds import KINDS
from taiga.users.models import User


def to_comment(value: Any) -> str:
    """A comment: a text."""
    if not isinstance(value, str):
        raise wrong(_("The comment must be a text."))
    return value


def to_texts(value: Any) -> list[str] | None:
    """A list of texts, or null."""
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, (str, int)) for one in value):
        raise wrong(_("Enter a list of texts."))
    return [str(one) for one in value]


Comment = Annotated[str, BeforeValidator(to_comment)]
Texts = Annotated[list[str] | None, BeforeValidator(to_texts)]


REF = Query("ref", "integer", "The #number.", required=True)
FILES = Query("include_attachments", text="With any value: include the files of each item.")
TASKS = Query("include_tasks", text="With any value: include the tasks of each story.")


def parameters(given: Mapping[str, Any]) -> list[Any]:
    """The query parameters of a list of items of a kind, and of one item, for its neighbours in that list."""
    names = queries.ORDERS[given["kind"]]
    return [*filters.FILTERS[given["kind"]].values(), *([orders(*names)] if names else []), *optional_members(given)]


def optional_members(given: Mapping[str, Any]) -> list[Query]:
    """The query parameters that add members to an item."""
    return [FILES, TASKS] if given["kind"] == Kind.USERSTORY else [FILES]


def facet_parameters(given: Mapping[str, Any]) -> list[Any]:
    """The query parameters of `filters_data`: the project, and the filters of a kind."""
    return [lookup.THE_PROJECT, *(one for name, one in filters.FILTERS[given["kind"]].items() if name != "project")]


TagList = Annotated[
    Any,
    BeforeValidator(tags.parse),
    WithJsonSchema(
        {
            "type": ["array", "null"],
            "items": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "null"]}}]},
            "description": "Tags, or pairs of a tag and its colour.",
        }
    ),
]
People = Annotated[
    Any, WithJsonSchema({"type": ["array", "null"], "items": {"type": "integer"}, "description": "Ids of users."})
]


class WorkItemBody(Body):
    """The fields of an item of any kind."""

    project: Annotated[Key, Related(Project, ("id",))]
    subject: FilledText
    description: Text = UNSET
    assigned_to: Annotated[MaybeKey, Related(User, ())] = None
    tags: TagList = []
    is_blocked: Boolean = False
    blocked_note: Text = ""
    external_reference: Texts = UNSET
    watchers: People = UNSET
    comment: Comment = ""
    version: Integer = UNSET


def shape_of(request: Request, *, detail: bool) -> rows.Shape:
    """The shape of items that the query asks for."""
    return rows.Shape(detail, "include_attachments" in request.query, "include_tasks" in request.query)


def listing_of(request: Request, kind: Kind, project: int | None) -> queries.Listing | None:
    """The list that a request asks for; None if the caller may see none of its rows."""
    chosen = filters.chosen(kind, request.query)
    if not request.viewer.is_authenticated:
        chosen = chosen.without("dashboard")
    access = lookup.access(request, project) if project is not None else None
    scope = queries.scope_of(request.viewer, project, access, kind)
    if scope is None:
        return None
    return queries.Listing(kind, scope, chosen, request.query.get("order_by", ""), request.viewer)


@endpoint(needs=ANYBODY, query=(parameters,), answers=Paged(item_shapes.list_item_of_kind))
def listing(request: Request, kind: Kind, **more: Any) -> Reply:
    """The items that the caller may see and that match the filters."""
    shape = shape_of(request, detail=False)
    return list_reply(request, kind, lambda found, limit, offset: queries.fetched(found, shape, limit, offset))


def list_reply(
    request: Request, kind: Kind, fetch: Callable[[queries.Listing, int | None, int], list[rows.Row]]
) -> Reply:
    """A page of items."""
    found = listing_of(request, kind, lookup.project_parameter(request))
    if found is None:
        return paged(request, lambda: 0, lambda limit, offset: [])
    return paged(request, found.count, lambda limit, offset: fetch(found, limit, offset))


@endpoint(
    needs=TO_ADD, query=(optional_members,), answers=item_shapes.detail_of_kind, tells=(item_shapes.create_headers,)
)
def create(request: Request, kind: Kind, body: type[WorkItemBody]) -> Reply:
    """Create an item. Only callers who may add items learn whether its assignee is a member."""

    def check_people(fields: Fields[Any]) -> None:
        if "project" in fields.values:
            project = lookup.allow(request, fields.values["project"]).project
            people = {name: value for name, value in fields.values.items() if name != "watchers"}
            services.ensure_valid_people(people, project.id)

    fields = body.read(request.fields, also=check_people)
    check_people(fields)
    access = lookup.access_or_404(request, fields.values["project"])
    access.ensure_open()
    saving = services.create(kind, fields, access=access, by=lookup.actor(request))
    reply = created(fetched(request, kind, saving.item.pk))
    reply.headers |= wip_limits.headers(saving.exceeded)
    return reply


@endpoint(needs=Can.VIEW_PROJECT, query=(facet_parameters,), answers=item_shapes.FACETS)
def filters_data(request: Request, kind: Kind, **more: Any) -> Reply:
    """For each filter, the number of items that each of its values would show."""
    project = number(request.query.get("project"))
    access = lookup.access(request, project) if project is not None else None
    if access is None or not access.may(Can.VIEW_PROJECT):
        lookup.hide(request)
    request.allowed = True
    chosen = filters.chosen(kind, request.query)
    return ok(
        facets.facets(kind, facets.Counter(chosen, access.project.id, request.viewer, access.may(ITEMS[kind].view)))
    )


@endpoint(needs=TO_VIEW, query=(parameters,), answers=item_shapes.detail_of_kind)
def read(request: Request, kind: Kind, **more: Any) -> Reply:
    """One item, with its neighbours in the list that the query describes."""
    return detail(request, kind, number(request.args["id"]))


@endpoint(needs=TO_VIEW, query=(REF, parameters), answers=item_shapes.detail_of_kind)
def by_ref(request: Request, kind: Kind, **more: Any) -> Reply:
    """One item by its #number and its project's id or slug."""
    query = request.query
    if "ref" not in query:
        raise errors.Bare(400, _("ref param is needed"))
    if not ({"project", "project__slug"} & query.keys()):
        raise errors.Bare(400, _("project or project__slug param is needed"))
    ref, project = number(query["ref"]), number(query.get("project", "0"))
    if ref is None or project is None:
        raise errors.Missing
    found = WorkItem.objects.filter(kind=kind, ref=ref)
    if "project" in query:
        found = found.filter(project_id=project)
    if "project__slug" in query:
        found = found.filter(project__slug=query["project__slug"])
    return detail(request, kind, found.values_list("id", flat=True).first())


def detail(request: Request, kind: Kind, key: int | None) -> Reply:
    """The whole item, if the caller may see it."""
    item = fetched(request, kind, key)
    lookup.allow(request, item["project"])
    around = listing_of(request, kind, item["project"])
    return ok({**item, "neighbors": queries.neighbors(item, around) if around else queries.NO_NEIGHBORS})


def fetched(request: Request, kind: Kind, key: int | None) -> rows.Row:
    """The whole item with this id, without its neighbours, as responses to changes show it. Raises Missing."""
    shape, epic = shape_of(request, detail=True), first_epic(request.query.get("epic"))
    found = rows.by_ids(kind, [key], viewer=request.viewer, shape=shape, epic=epic) if key else []
    if not found:
        raise lookup.missing(KINDS[kind].model.__name__, request.args)
    return rows.with_html(found[0])


def first_epic(text: str | None) -> int | None:
    """The first of the epics that are asked for, whose order of stories is shown. Raises BadRequest."""
    ids = filter_kinds.parse_ids(text)[0] if text else []
    return ids[0] if ids else None


CHANGED: dict[str, Any] = {
    "query": (optional_members, item_shapes.change_request_headers),
    "answers": item_shapes.detail_of_kind,
    "tells": (item_shapes.change_headers,),
}
"""The declarations that PUT and PATCH share."""


@endpoint(needs=TO_MODIFY_OR_JUST_COMMENT, **CHANGED)
def change(request: Request, kind: Kind, body: type[WorkItemBody]) -> Reply:
    """Change some fields, comment, or both."""
    return changed(request, kind, body, partial=True)


@endpoint(needs=TO_MODIFY_OR_JUST_COMMENT, **CHANGED)
def replace(request: Request, kind: Kind, body: type[WorkItemBody]) -> Reply:
    """Change an item; fields that are left out get their defaults."""
    return changed(request, kind, body, partial=False)


def changed(request: Request, kind: Kind, body: type[WorkItemBody], *, partial: bool) -> Reply:
    """PUT and PATCH."""
    item = lookup.for_change(request, KINDS[kind].model, ITEMS[kind].view, id=request.args["id"])
    access, data = target_of(request, item)

    def check_people(fields: Fields[Any]) -> None:
        services.ensure_valid_people(fields.values, access.project.id)

    fields = body.read(data, partial=partial, also=check_people)
    if services.PEOPLE_CHECKS.keys() & fields.values.keys():
        check_people(fields)
    by = lookup.actor(request)
    saving = services.change(item, fields, access=access, by=by, other_orders=lambda: requested_orders(request))
    reply = ok(fetched(request, kind, item.pk))
    reply.headers |= wip_limits.headers(saving.exceeded)
    if kind != Kind.ISSUE:
        reply.headers["Taiga-Info-Order-Updated"] = json.dumps(
            {str(key): order for key, order in saving.orders.items()}
        )
    return reply


def target_of(request: Request, item: WorkItem) -> tuple[Access, dict[str, Any]]:
    """The access to the project that the item will be in, and the body adapted to that project.

    Moving an item to another project needs permission to delete it in this one and to add and modify it in the other.
    """
    data, current = request.fields, lookup.access_or_404(request, item.project_id)
    project = data.get("project", item.project_id)
    if str(project) == str(item.project_id) or project in (None, ""):
        return current, data
    target = lookup.access(request, number(project) or 0)
    if target is None:
        raise errors.Bare(400, _("The project doesn't exist"))
    can = ITEMS[Kind(item.kind)]
    current.ensure(can.delete)
    for need in (can.add, can.modify):
        target.ensure(need)
    current.ensure_open()
    return target, moving.adapted_body(Kind(item.kind), data, target.project)


def requested_orders(request: Request) -> dict[int, int]:
    """The orders of further items, from the header `set-orders`. Raises BadRequest."""
    text = request.header("Set-Orders")
    if not text:
        return {}
    try:
        return {whole(key, LARGEST_KEY): whole(order, LARGEST_KEY) for key, order in json.loads(text).items()}
    except (ValueError, AttributeError) as problem:
        raise errors.BadRequest(_("The header set-orders is not a JSON object of orders.")) from problem


@endpoint(needs=TO_DELETE)
def delete(request: Request, kind: Kind, **more: Any) -> Reply:
    """Delete an item."""
    item = lookup.for_change(request, KINDS[kind].model, ITEMS[kind].view, id=request.args["id"])
    services.delete(item, access=lookup.access_or_404(request, item.project_id), by=lookup.actor(request))
    return no_content()


def urls(path: str, kind: Kind, body: type[WorkItemBody]) -> list[Route]:
    """The endpoints of one kind."""
    given = {"kind": kind, "body": body}
    return [
        route(path, given, GET=listing, POST=create),
        route(f"{path}/by_ref", given, GET=by_ref),
        route(f"{path}/filters_data", given, GET=filters_data),
        route(f"{path}/{{id}}", given, GET=read, PUT=replace, PATCH=change, DELETE=delete),
    ]
