"""/web-notifications: the bell."""

from collections.abc import Sequence
from typing import Any

from taiga.base import errors
from taiga.base.answers import OBJECT, Paged
from taiga.base.paging import Page, paged
from taiga.base.requests import Reply, Request, done, number, ok
from taiga.base.routes import ONESELF, SIGNED_IN, Query, endpoint, route
from taiga.notifications.api import shapes
from taiga.notifications.models import WebNotification
from taiga.notifications.queries import bell as queries
from taiga.notifications.services import bell


@endpoint(
    needs=ONESELF,
    query=(Query("only_unread", "string", "With any value: without those that were read."),),
    answers=Paged(shapes.RING, inside=shapes.RINGS),
)
def listing(request: Request) -> Reply:
    """One's own rings, unread ones first, and how many there are; without pages a plain list."""
    viewer = request.viewer
    if not viewer.is_authenticated:
        return ok({})
    rows = queries.of(viewer.id, only_unread=bool(request.query.get("only_unread")))
    if Page.of(request).size is None:
        return ok(queries.shown(list(rows)))
    total = rows.count()

    def fetch(limit: int | None, offset: int) -> Sequence[Any]:
        return list(rows[offset : offset + (limit or 0)])

    return paged(request, lambda: total, fetch, lambda page: {"objects": queries.shown(page), "total": total})


@endpoint(needs=SIGNED_IN)
def set_all_as_read(request: Request) -> Reply:
    """Mark all of one's own as heard, those that were before included."""
    bell.set_as_read(WebNotification.objects.filter(user_id=request.viewer.id))
    return done()


@endpoint(needs=SIGNED_IN, answers=OBJECT)
def set_as_read(request: Request) -> Reply:
    """Mark one of one's own as heard."""
    key = number(request.args["id"]) or 0
    if not bell.set_as_read(WebNotification.objects.filter(user_id=request.viewer.id, pk=key)):
        raise errors.Missing
    return ok({})


urls = [
    route("web-notifications", GET=listing, POST=set_all_as_read),
    route("web-notifications/set-as-read", POST=set_all_as_read),
    route("web-notifications/{id}/set-as-read", PATCH=set_as_read),
]
