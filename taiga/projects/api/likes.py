"""Likes and watchers of projects."""

from typing import Any

from taiga.base import errors, paging
from taiga.base.answers import INTEGER, Paged, object_of
from taiga.base.requests import Reply, Request, done, number, ok
from taiga.base.routes import endpoint, route
from taiga.projects.api import project_lookup
from taiga.projects.permissions import Can, SignedInAnd
from taiga.projects.queries import likes as queries
from taiga.projects.services import following, liking
from taiga.users.api import shapes

TO_FOLLOW = SignedInAnd(Can.VIEW_PROJECT)


@endpoint(needs=TO_FOLLOW)
def like(request: Request) -> Reply:
    """Like a project."""
    liking.like(project_lookup.to_act(request), request.viewer.id)
    return done()


@endpoint(needs=TO_FOLLOW)
def unlike(request: Request) -> Reply:
    """Withdraw the like of a project."""
    liking.unlike(project_lookup.to_act(request), request.viewer.id)
    return done()


@endpoint(needs=TO_FOLLOW, accepts=object_of(notify_level=INTEGER))
def watch(request: Request) -> Reply:
    """Watch a project, at the level `notify_level`."""
    access = project_lookup.to_act(request)
    level = {"level": request.fields["notify_level"]} if "notify_level" in request.fields else {}
    following.follow(access, request.viewer.id, **level)
    return done()


@endpoint(needs=TO_FOLLOW)
def unwatch(request: Request) -> Reply:
    """Stop watching a project."""
    following.unfollow(project_lookup.to_act(request), request.viewer.id)
    return done()


@endpoint(needs=Can.VIEW_PROJECT, answers=Paged(shapes.FOLLOWER))
def people(request: Request, rows: Any) -> Reply:
    """The fans, or the watchers, of a project."""
    access = project_lookup.to_read(request)
    return paging.paged_rows(request, rows(access.project.id), queries.serialized)


@endpoint(needs=Can.VIEW_PROJECT, answers=shapes.FOLLOWER)
def person(request: Request, rows: Any) -> Reply:
    """One of them."""
    access = project_lookup.to_read(request)
    found = queries.serialized(rows(access.project.id).filter(pk=number(request.args["user"])))
    if not found:
        raise errors.Bare(404)
    return ok(found[0])


urls = [
    route("projects/{id}/like", POST=like),
    route("projects/{id}/unlike", POST=unlike),
    route("projects/{id}/fans", {"rows": queries.fans}, GET=people),
    route("projects/{id}/fans/{user}", {"rows": queries.fans}, GET=person),
    route("projects/{id}/watch", POST=watch),
    route("projects/{id}/unwatch", POST=unwatch),
    route("projects/{id}/watchers", {"rows": queries.watchers}, GET=people),
    route("projects/{id}/watchers/{user}", {"rows": queries.watchers}, GET=person),
]
