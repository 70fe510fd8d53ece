"""/projects/{id}/changes: the change feed, for programs that keep a copy, as pages and as server-sent events.

Each stream occupies one of the threads that answer requests. Therefore their number is limited and each ends after a
while; the client reconnects with `Last-Event-ID`, as clients of server-sent events do by themselves.
"""

import time
from collections.abc import Generator, Iterator
from threading import BoundedSemaphore

import msgspec
from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.answers import Download
from taiga.base.requests import Reply, Request, number, ok
from taiga.base.routes import Query, endpoint, route
from taiga.history.api import shapes
from taiga.history.queries import feed
from taiga.projects.api import lookup
from taiga.projects.models import Project
from taiga.projects.permissions import Access, Can

PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
LIFETIME = 20.0
"""Seconds after which a stream ends."""
POLL_INTERVAL = 0.5
"""Seconds between two polls of the database."""
HEARTBEAT = 5.0
"""Seconds of silence after which a stream sends a keep-alive comment, which also detects a client that is gone."""
RECONNECT_DELAY = 1000
"""Milliseconds after which a client reconnects."""
SINCE = Query("since", "integer", "The number of the last change that is known.")
SIZE_OF_PAGE = Query("page_size", "integer", "How many changes a page has, at most 1000.")
free_streams = BoundedSemaphore(max(1, settings.TAIGA_THREADS // 4))
"""How many more streams may be opened."""


class TooManyStreams(errors.ApiError):
    """The limit of open streams is reached."""

    status = 503
    type = "TooManyStreams"

    def __init__(self) -> None:
        super().__init__(_("Too many streams are open; ask again later."), headers={"Retry-After": "5"})


@endpoint(needs=Can.VIEW_PROJECT, query=(SINCE, SIZE_OF_PAGE), answers=shapes.FEED)
def read(request: Request) -> Reply:
    """The changes after number `since`, oldest first; continue with `since=<last>`."""
    access = access_to(request)
    size = min(parameter(request, "page_size", PAGE_SIZE) or PAGE_SIZE, MAX_PAGE_SIZE)
    page = feed.page(access, parameter(request, "since", 0), size)
    return ok({"changes": page.changes, "last": page.last, "more": page.more})


@endpoint(needs=Can.VIEW_PROJECT, query=(SINCE,), answers=Download("text/event-stream"))
def stream(request: Request) -> Reply:
    """The change feed as server-sent events; the id of each event is the number of its change."""
    access = access_to(request)
    since = number(request.header("Last-Event-ID"))
    since = parameter(request, "since", 0) if since is None else since
    if not free_streams.acquire(blocking=False):
        raise TooManyStreams
    answer = StreamingHttpResponse(Stream(events(access, since)), content_type="text/event-stream")
    return Reply(answer, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})


def access_to(request: Request) -> Access:
    """What the caller may read in the project."""
    project = lookup.for_reading_below(request, Project.objects.only("id"), id=request.args["id"])
    return lookup.access_or_404(request, project.pk)


def parameter(request: Request, name: str, default: int) -> int:
    """A number of the query. Raises BadRequest."""
    text = request.query.get(name)
    if not text:
        return default
    value = number(text)
    if value is None:
        raise errors.BadRequest(_("Wrong arguments."))
    return value


def events(access: Access, since: int) -> Generator[bytes, None, None]:
    """The events of a stream, as text."""
    yield b"retry: %d\n\n" % RECONNECT_DELAY
    last_sent = time.monotonic()
    ends = last_sent + LIFETIME
    while time.monotonic() < ends:
        page = feed.page(access, since, PAGE_SIZE)
        since = page.last
        for change in page.changes:
            yield b"id: %d\ndata: %b\n\n" % (change["number"], msgspec.json.encode(change))
        if page.changes:
            last_sent = time.monotonic()
        elif time.monotonic() - last_sent >= HEARTBEAT:
            last_sent = time.monotonic()
            yield b":\n\n"
        if not page.more:
            time.sleep(POLL_INTERVAL)


class Stream:
    """The events of a stream. It holds one of the limited places and releases it however the stream ends."""

    def __init__(self, chunks: Generator[bytes, None, None]) -> None:
        self.chunks = chunks
        self.is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        """Called by Django when the response is complete or the client has disconnected."""
        self.chunks.close()
        if self.is_open:
            self.is_open = False
            free_streams.release()


urls = [
    route("projects/{id}/changes", GET=read),
    route("projects/{id}/changes/stream", GET=stream),
]
