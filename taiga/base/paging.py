"""Pages of lists, 30 rows by default; headers describe the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.requests import Reply, Request
from taiga.base.routes import Header

DEFAULT_SIZE = 30
LARGEST = 1000
HEADERS = (
    Header("x-pagination-count", "integer", "The total number of rows; missing in lazy pages."),
    Header("x-paginated", text="`true`"),
    Header("x-paginated-by", "integer", "Rows of a page."),
    Header("x-pagination-current", "integer", "The number of this page."),
    Header("X-Pagination-Next", text="The URL of the next page, if there is one."),
    Header("X-Pagination-Prev", text="The URL of the previous page, if there is one."),
)


@dataclass(frozen=True)
class Page:
    """Which page was requested. `size` None means all rows; `lazy` that they are not counted."""

    size: int | None
    number: str
    lazy: bool

    @classmethod
    def of(cls, request: Request) -> "Page":
        """The page that a request's parameters and headers ask for."""
        if request.header("X-Disable-Pagination") is not None:
            return cls(None, "1", False)
        asked = request.query.get("page_size", "")
        size = min(int(asked), LARGEST) if asked.isascii() and asked.isdigit() and int(asked[:9]) > 0 else DEFAULT_SIZE
        return cls(size, request.query.get("page") or "1", request.header("X-Lazy-Pagination") is not None)

    def position(self, total: int | None) -> int:
        """The number of the page, from 1. Raises Missing if there is no such page."""
        assert self.size is not None
        pages = 1 if total is None else max(1, -(-total // self.size))
        if self.number == "last" and total is not None:
            return pages
        if not (self.number.isascii() and self.number.isdigit()) or len(self.number) > 9:
            raise errors.Missing(_("Page is not 'last', nor can it be converted to an int."))
        number = int(self.number)
        if number < 1 or (total is not None and number > pages):
            raise errors.Missing(_("Page is not 'last', nor can it be converted to an int."))
        return number


Fetch = Callable[[int | None, int], Sequence[Any]]


def paged(
    request: Request, count: Callable[[], int], fetch: Fetch, write: Callable[[Sequence[Any]], Any] | None = None
) -> Reply:
    """A page of a list as a reply.

    `count()` returns the number of rows, `fetch(limit, offset)` rows (all of them if `limit` is None); `write` turns
    rows into the body.
    """
    page = Page.of(request)
    if page.size is None:
        rows = fetch(None, 0)
        return Reply(write(rows) if write else rows)
    total = None if page.lazy else count()
    number = page.position(total)
    offset = (number - 1) * page.size
    rows = fetch(page.size + 1 if page.lazy else page.size, offset) if total != 0 else []
    more = len(rows) > page.size if total is None else offset + len(rows) < total
    if total is None and number > 1 and not rows:
        raise errors.Missing(_("Invalid page (%s): That page contains no results") % number)
    rows = rows[: page.size]
    return Reply(write(rows) if write else rows, headers=headers(request, page.size, number, total, more))


def paged_rows(request: Request, queryset: Any, write: Callable[[Sequence[Any]], Any] | None = None) -> Reply:
    """A page of an ordered queryset as a reply."""

    def fetch(limit: int | None, offset: int) -> Sequence[Any]:
        return list(queryset if limit is None else queryset[offset : offset + limit])

    return paged(request, queryset.count, fetch, write)


def headers(request: Request, size: int, number: int, total: int | None, more: bool) -> dict[str, str]:
    """The headers that describe a page."""
    values = {"x-paginated": "true", "x-paginated-by": str(size), "x-pagination-current": str(number)}
    if total is not None:
        values["x-pagination-count"] = str(total)
    if more:
        values["X-Pagination-Next"] = page_url(request, number + 1)
    if number > 1:
        values["X-Pagination-Prev"] = page_url(request, number - 1)
    return values


def page_url(request: Request, number: int) -> str:
    """The address of another page of the same list."""
    pairs = parse_qsl(request.http.META.get("QUERY_STRING", ""), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name != "page"]
    return request.url(f"{request.http.path}?{urlencode([*kept, ('page', str(number))])}")
