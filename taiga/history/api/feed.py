"""/projects/{id}/changes: every committed change in order, for programs that keep a copy; and the same as a stream.

A stream takes one of the threads that answer requests. So there are few at a time, each ends after a while, and its
reader comes back with the number he got to (`Last-Event-ID`), as readers of server-sent events do by themselves.
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

SIZE, LARGEST = 100, 1000
LIFETIME = 20.0
"""Seconds after which a stream ends."""
PAUSE = 0.5
"""Seconds between two looks for news."""
HEARTBEAT = 5.0
"""Seconds of silence after which a stream says that it is alive, and learns whether its reader is."""
AGAIN = 1000
"""Milliseconds after which a reader comes back."""
SINCE = Query("since", "integer", "The number of the last change that is known.")
SIZE_OF_PAGE = Query("page_size", "integer", "How many changes a page has, at most 1000.")
free = BoundedSemaphore(max(1, settings.TAIGA_THREADS // 4))
"""The streams that may still be opened."""


class TooManyStreams(errors.ApiError):
    """All threads that streams may have are taken."""

    status = 503
    type = "TooManyStreams"

    def __init__(self) -> None:
        super().__init__(_("Too many streams are open; ask again later."), headers={"Retry-After": "5"})


@endpoint(needs=Can.VIEW_PROJECT, query=(SINCE, SIZE_OF_PAGE), answers=shapes.FEED)
def read(request: Request) -> Reply:
    """The changes behind the number `since`, oldest first; go on with `since=<last>`."""
    access = access_to(request)
    size = min(parameter(request, "page_size", SIZE) or SIZE, LARGEST)
    page = feed.page(access, parameter(request, "since", 0), size)
    return ok({"changes": page.changes, "last": page.last, "more": page.more})


@endpoint(needs=Can.VIEW_PROJECT, query=(SINCE,), answers=Download("text/event-stream"))
def stream(request: Request) -> Reply:
    """The same as server-sent events, each with its number as id, as they happen."""
    access = access_to(request)
    since = number(request.header("Last-Event-ID"))
    since = parameter(request, "since", 0) if since is None else since
    if not free.acquire(blocking=False):
        raise TooManyStreams
    answer = StreamingHttpResponse(Stream(events(access, since)), content_type="text/event-stream")
    return Reply(answer, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})


def access_to(request: Request) -> Access:
    """What the caller may read in the project."""
    project = lookup.for_reading_below(request, Project.objects.only("id"), id=request.args["id"])
    return lookup.known(request, project.pk)


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
    """The text of a stream."""
    yield b"retry: %d\n\n" % AGAIN
    spoke = time.monotonic()
    ends = spoke + LIFETIME
    while time.monotonic() < ends:
        page = feed.page(access, since, SIZE)
        since = page.last
        for change in page.changes:
            yield b"id: %d\ndata: %b\n\n" % (change["number"], msgspec.json.encode(change))
        if page.changes:
            spoke = time.monotonic()
        elif time.monotonic() - spoke >= HEARTBEAT:
            spoke = time.monotonic()
            yield b":\n\n"
        if not page.more:
            time.sleep(PAUSE)


class Stream:
    """The text of a stream, and its place among the few that there may be; given back however it ends."""

    def __init__(self, chunks: Generator[bytes, None, None]) -> None:
        self.chunks = chunks
        self.is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        """Django calls it when the answer is done, or its reader is gone."""
        self.chunks.close()
        if self.is_open:
            self.is_open = False
            free.release()


urls = [
    route("projects/{id}/changes", GET=read),
    route("projects/{id}/changes/stream", GET=stream),
]
