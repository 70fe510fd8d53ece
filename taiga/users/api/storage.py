"""/user-storage: what clients keep here for their users."""

from typing import Annotated, Any

from django.db.models import QuerySet

from taiga.base import clock, errors, paging
from taiga.base.answers import Paged
from taiga.base.bodies import UNSET, Body, FilledText, longest
from taiga.base.requests import Reply, Request, created, no_content, ok
from taiga.base.routes import ONESELF, Query, endpoint, route
from taiga.users.api import shapes
from taiga.users.models import StorageEntry
from taiga.users.services import entries


class EntryBody(Body):
    """A value of any kind, under a key."""

    key: Annotated[FilledText, longest(255)]
    value: Any = UNSET


@endpoint(
    needs=ONESELF,
    query=(Query("keys", "string", "Only these keys, separated by commas."),),
    answers=Paged(shapes.ENTRY),
)
def listing(request: Request) -> Reply:
    """One's own entries, by key."""
    rows = mine(request)
    if "keys" in request.query:
        rows = rows.filter(key__in=request.query["keys"].split(","))
    return paging.paged_rows(request, rows, lambda found: [written(entry) for entry in found])


@endpoint(needs=ONESELF, accepts=EntryBody, answers=shapes.ENTRY)
def create(request: Request) -> Reply:
    """Keep a value."""
    body = EntryBody.read(request.fields)
    request.ensure_signed_in()
    return created(written(entries.create(**{"value": None, **body.values}, by=request.viewer)))


@endpoint(needs=ONESELF, answers=shapes.ENTRY)
def read(request: Request) -> Reply:
    """One value."""
    entry = mine(request).filter(key=request.args["key"]).first()
    if entry is None:
        raise errors.Missing("No StorageEntry matches the given query.")
    return ok(written(entry))


@endpoint(needs=ONESELF, accepts=EntryBody, answers=shapes.ENTRY)
def change(request: Request) -> Reply:
    """Another value or another key; a value that is not sent stays."""
    entry = for_change(request)
    body = EntryBody.read(request.fields, partial=request.method == "PATCH")
    entries.change(entry, body.values, by=request.viewer)
    return ok(written(entry))


@endpoint(needs=ONESELF)
def delete(request: Request) -> Reply:
    """Forget a value."""
    for_change(request).delete()
    return no_content()


def mine(request: Request) -> "QuerySet[StorageEntry]":
    """The caller's entries; an anonymous caller has none."""
    return StorageEntry.objects.filter(owner_id=request.viewer.id).order_by("key")


def for_change(request: Request) -> StorageEntry:
    """The caller's entry with the key in the address, locked. Raises NotAuthenticated, Missing."""
    request.ensure_signed_in()
    entry = mine(request).select_for_update().filter(key=request.args["key"]).first()
    if entry is None:
        raise errors.Missing
    return entry


def written(entry: StorageEntry) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {
        "key": entry.key,
        "value": entry.value,
        "created_date": clock.stamp(entry.created_date),
        "modified_date": clock.stamp(entry.modified_date),
    }


urls = [
    route("user-storage", GET=listing, POST=create),
    route("user-storage/{key}", GET=read, PUT=change, PATCH=change, DELETE=delete),
]
