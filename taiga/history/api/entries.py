"""/history: what happened to an epic, story, task, issue or wiki page, and what became of its comments."""

from typing import Any, NoReturn

from taiga.base import errors
from taiga.base.answers import Paged, Several
from taiga.base.bodies import UNSET, Body
from taiga.base.paging import paged
from taiga.base.requests import EMPTY, Reply, Request, done, ok
from taiga.base.routes import ANYBODY, Query, Route, endpoint, route
from taiga.changes.models import Change
from taiga.history import services
from taiga.history.api import shapes
from taiga.history.permissions import ENTRY, TO_COMMENT, TO_UNDELETE
from taiga.history.queries import entries as queries
from taiga.projects.api import lookup
from taiga.projects.models import Kind, WikiPage
from taiga.projects.permissions import TO_VIEW
from taiga.projects.services.kinds import KINDS

ENTRY_ID = Query("id", "string", "The id of the entry that has the comment.", required=True)


class Comment(Body):
    """Edit a comment."""

    comment: Any = UNSET


def things(kind: Kind | None) -> Any:
    """The objects of one kind; no kind is the wiki."""
    model: Any = KINDS[kind].model if kind is not None else WikiPage
    columns = ("id", "project_id", "ref", "kind") if kind is not None else ("id", "project_id")
    return model.objects.only(*columns)


@endpoint(needs=ANYBODY)
def without_id(request: Request, **given: Any) -> NoReturn:
    """A history needs the id of its object: always 404."""
    raise errors.Bare(404)


@endpoint(
    needs=TO_VIEW,
    query=(Query("type", text="Without comments, or nothing but them.", choices=("activity", "comment")),),
    answers=Paged(shapes.ENTRY),
)
def listing(request: Request, kind: Kind | None = None) -> Reply:
    """The entries of an object, newest first; `?type=activity` keeps changes only, `?type=comment` comments only."""
    thing = lookup.for_reading_below(request, things(kind), id=request.args["id"])
    choice = request.query.get("type", "")
    choice = choice if choice in queries.CHOICES else ""
    where = (thing.type_key, thing.pk, choice)
    return paged(
        request,
        lambda: queries.count(*where),
        lambda limit, offset: queries.entries(*where, limit, offset),
        queries.serialized,
    )


@endpoint(needs=TO_COMMENT, query=(ENTRY_ID,), answers=Several(shapes.VERSION))
def versions(request: Request, kind: Kind | None = None) -> Reply:
    """The earlier versions of a comment; the body is empty for one that was never edited."""
    thing = found(request, kind)
    entry = entry_of(request, thing)
    lookup.allow(request, thing.project_id)
    earlier = queries.versions(entry)
    return ok(EMPTY if earlier is None else earlier)


@endpoint(needs=TO_COMMENT, accepts=Comment, query=(ENTRY_ID,))
def edit(request: Request, kind: Kind | None = None) -> Reply:
    """Edit a comment."""
    thing, entry = for_change(request, kind)
    project = lookup.access_or_404(request, thing.project_id).project
    services.edit(entry, thing, request.fields.get("comment"), project=project, by=lookup.actor(request))
    return done()


@endpoint(needs=TO_COMMENT, query=(ENTRY_ID,))
def delete(request: Request, kind: Kind | None = None) -> Reply:
    """Delete a comment; it can be restored."""
    thing, entry = for_change(request, kind)
    services.delete(entry, thing, by=lookup.actor(request))
    return done()


@endpoint(needs=TO_UNDELETE, query=(ENTRY_ID,))
def undelete(request: Request, kind: Kind | None = None) -> Reply:
    """Restore a deleted comment."""
    thing, entry = for_change(request, kind)
    services.undelete(entry, thing, by=lookup.actor(request))
    return done()


def found(request: Request, kind: Kind | None) -> Any:
    """The object of the address, before any permission check. If there is none: 401 for anonymous callers, else 404."""
    thing = lookup.first(things(kind), {"id": request.args["id"]})
    if thing is None:
        lookup.hide(request)
    return thing


def entry_of(request: Request, thing: Any) -> Change:
    """The entry that `?id=` names, cached on the request for the permission check. Raises Missing without a message."""
    entry = queries.find(thing.type_key, thing.pk, request.query.get("id", ""), lock=request.method != "GET")
    if entry is None:
        raise errors.Bare(404)
    request.cache[ENTRY] = entry
    return entry


def for_change(request: Request, kind: Kind | None) -> tuple[Any, Change]:
    """The object and the entry, checked in this order: the project is open, the entry exists, the caller has
    permission.
    """
    thing = found(request, kind)
    lookup.access_or_404(request, thing.project_id).ensure_open()
    entry = entry_of(request, thing)
    lookup.allow(request, thing.project_id)
    return thing, entry


def addresses(name: str, given: dict[str, Any]) -> list[Route]:
    """The endpoints of one kind."""
    return [
        route(f"history/{name}", given, GET=without_id),
        route(f"history/{name}/{{id}}", given, GET=listing),
        route(f"history/{name}/{{id}}/comment_versions", given, GET=versions),
        route(f"history/{name}/{{id}}/edit_comment", given, POST=edit),
        route(f"history/{name}/{{id}}/delete_comment", given, POST=delete),
        route(f"history/{name}/{{id}}/undelete_comment", given, POST=undelete),
    ]


urls = [one for kind in Kind for one in addresses(kind.value, {"kind": kind})] + addresses("wiki", {})
