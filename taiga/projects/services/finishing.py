"""Finish dates of tasks and issues: set when their status is a closed one."""

from taiga.base import clock
from taiga.base.prepared import Param, Prepared
from taiga.projects.models import Status
from taiga.projects.services.saving import Saving

CLOSED = Prepared(lambda: Status.objects.filter(pk=Param("id")).order_by().values_list("is_closed"))


def is_closed(saving: Saving) -> bool:
    """Whether the item's status is a closed one; no query if the status was sent."""
    key = saving.item.status_id
    if key is None:
        return False
    found = saving.found.get("status")
    if found is not None and saving.values.get("status") == key:
        return bool(found[1])
    row = CLOSED.one(id=key)
    return bool(row and row[0])


def set_finished_date(saving: Saving) -> None:
    """Set or clear the date, before the item is saved."""
    item = saving.item
    if saving.before is not None and not saving.changed("status_id", "finished_date"):
        return
    if not is_closed(saving):
        item.finished_date = None
    elif item.finished_date is None:
        item.finished_date = clock.now()
