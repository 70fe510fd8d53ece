"""Watching: the same endpoints for items, wiki pages and sprints."""

from dataclasses import dataclass
from typing import Any

from taiga.base import errors
from taiga.base.answers import Paged
from taiga.base.paging import paged_rows
from taiga.base.requests import Reply, Request, done, number, ok
from taiga.base.routes import Endpoint, Route, endpoint, route
from taiga.projects.api import lookup
from taiga.projects.models import Epic, Issue, Kind, Milestone, Task, UserStory, WikiPage
from taiga.projects.permissions import ITEMS, WIKI, Can, SignedInAnd
from taiga.projects.queries import following as queries
from taiga.projects.services import watching
from taiga.users.api import shapes


@dataclass(frozen=True)
class WatchableKind:
    """A kind of object that can be watched: its rows, who may see it, and how watches refer to it."""

    path: str
    model: Any
    view: Can
    relation: str


ITEM_KINDS = (
    WatchableKind("epics", Epic, ITEMS[Kind.EPIC].view, "item"),
    WatchableKind("userstories", UserStory, ITEMS[Kind.USERSTORY].view, "item"),
    WatchableKind("tasks", Task, ITEMS[Kind.TASK].view, "item"),
    WatchableKind("issues", Issue, ITEMS[Kind.ISSUE].view, "item"),
)
WATCHABLE_KINDS = (
    *ITEM_KINDS,
    WatchableKind("wiki", WikiPage, WIKI.view, "wiki_page"),
    WatchableKind("milestones", Milestone, Can.VIEW_MILESTONES, "milestone"),
)


def watch(request: Request, of: WatchableKind) -> Reply:
    """Watch an object."""
    thing = to_follow(request, of)
    watching.watch(thing, [request.viewer.id])
    return done()


def unwatch(request: Request, of: WatchableKind) -> Reply:
    """Stop watching an object."""
    thing = to_follow(request, of)
    watching.unwatch(thing, request.viewer.id)
    return done()


def to_follow(request: Request, of: WatchableKind) -> Any:
    """The object of the address, in a project that is neither archived nor blocked."""
    thing = lookup.for_action(request, of.model.objects.all(), of.view, id=request.args["id"])
    lookup.access_or_404(request, thing.project_id).ensure_open()
    return thing


def watchers(request: Request, of: WatchableKind) -> Reply:
    """The watchers of an object."""
    return people(request, of, "watches")


def watcher(request: Request, of: WatchableKind) -> Reply:
    """One of the watchers of an object."""
    return person(request, of, "watches")


def people(request: Request, of: WatchableKind, relation: str) -> Reply:
    """The people with a relation to the object of the address."""
    thing = lookup.for_reading_below(request, of.model.objects.all(), id=request.args["id"])
    found = queries.people(f"{relation}__{of.relation}", thing.pk)
    return paged_rows(request, found, queries.serialized)


def person(request: Request, of: WatchableKind, relation: str) -> Reply:
    """One of these people."""
    thing = lookup.for_reading_below(request, of.model.objects.all(), id=request.args["id"])
    found = queries.people(f"{relation}__{of.relation}", thing.pk)
    rows = queries.serialized(found.filter(pk=number(request.args["user"])))
    if not rows:
        raise errors.Bare(404)
    return ok(rows[0])


def to_view(of: WatchableKind, function: Any, *, signed_in: bool = False, answers: Any = None) -> Endpoint:
    """An endpoint that needs permission to view such objects, and perhaps an account."""
    return endpoint(needs=SignedInAnd(of.view) if signed_in else of.view, answers=answers)(function)


def routes(of: WatchableKind) -> list[Route]:
    """The endpoints for objects of one kind."""
    given = {"of": of}
    return [
        route(f"{of.path}/{{id}}/watch", given, POST=to_view(of, watch, signed_in=True)),
        route(f"{of.path}/{{id}}/unwatch", given, POST=to_view(of, unwatch, signed_in=True)),
        route(f"{of.path}/{{id}}/watchers", given, GET=to_view(of, watchers, answers=Paged(shapes.FOLLOWER))),
        route(f"{of.path}/{{id}}/watchers/{{user}}", given, GET=to_view(of, watcher, answers=shapes.FOLLOWER)),
    ]


urls = [one for of in WATCHABLE_KINDS for one in routes(of)]
