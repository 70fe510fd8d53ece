"""The history entries of a load: those of the dump, and a first one for each object for which it has none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from taiga.base import clock
from taiga.changes.models import Change, ChangeType
from taiga.projects.models import Kind, WikiPage, WorkItem
from taiga.projects.queries import texts
from taiga.projects.services import attachments, freezing
from taiga.timeline import effects
from taiga.transfer.people import displayed
from taiga.transfer.sections import Data, Row

if TYPE_CHECKING:
    from taiga.transfer.loading import Loading


def keep(loading: "Loading", rows: Sequence[Row]) -> None:
    """Store the entries of a batch whose objects are stored. They are marked as processed, so that nobody is
    notified.
    """
    for row, change in loading.entries:
        change.object_id = row.instance.pk
        change.ref = getattr(row.instance, "ref", None)
    begun = beginnings(loading, [row for row in rows if row.is_untold])
    changes = [*(change for _row, change in loading.entries), *begun]
    for change in changes:
        change.told_at = clock.now()
    loading.keep_changes(changes)
    effects.write([change for change in begun if change.by_id is not None])


def beginnings(loading: "Loading", rows: Sequence[Row]) -> list[Change]:
    """The first entry of each of these objects: its owner created it, now and here."""
    names = displayed({row.instance.owner_id for row in rows if row.instance.owner_id is not None})
    return [
        Change(
            project_id=loading.project.pk,
            kind=row.instance.type_key,
            object_id=row.instance.pk,
            ref=getattr(row.instance, "ref", None),
            type=ChangeType.CREATE,
            at=clock.now(),
            by_id=row.instance.owner_id,
            by_name=names.get(row.instance.owner_id, ""),
            snapshot=snapshot(row, loading),
        )
        for row in rows
    ]


def snapshot(row: Row, loading: "Loading") -> Data:
    """The snapshot in the first entry of an object."""
    thing: Any = row.instance
    rich = {
        f"{name}_html": texts.html(getattr(thing, name), loading.project.pk, loading.project.slug)
        for name in freezing.MARKDOWN
        if hasattr(thing, name)
    }
    files = {"attachments": [attachments.frozen_file(one) for one in row.attachments]}
    more = {} if isinstance(thing, WikiPage) else {"custom_attributes": [], **extras(row)}
    return {**freezing.freeze(thing), **rich, **files, **more}


def extras(row: Row) -> Data:
    """The members of an item's snapshot that are not columns."""
    item: WorkItem = row.instance
    if item.kind == Kind.USERSTORY:
        assigned = sorted(row.assigned) or ([item.assigned_to_id] if item.assigned_to_id is not None else [])
        points = {str(role): key for role, key in row.points.items()}
        return {"assigned_to": item.assigned_to_id, "assigned_users": assigned, "points": points}
    return {} if item.kind == Kind.EPIC else {"promoted_to": []}
