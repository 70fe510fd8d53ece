"""Sends every visible change to the webhooks of its project."""

from collections.abc import Sequence

from django.conf import settings

from taiga.base.prepared import Param, Prepared
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import visible_changes
from taiga.webhooks.models import Webhook
from taiga.webhooks.queries import payloads
from taiga.webhooks.services import deliveries, sending

OF_PROJECT = Prepared(
    lambda: Webhook.objects.filter(project=Param("project")).order_by("id").values_list("id", "after_change")
)


def remember(gone: Sequence[Change]) -> None:
    """Before deletions are stored: keep the payload in the change, since the object cannot be looked up afterwards.

    Objects that are deleted along with it have changes, too: earlier changes of theirs may still have to be sent.
    """
    for change in gone:
        if change.kind in payloads.TYPES and webhooks_of(change):
            change.context = {**change.context, "payload": payloads.data_of(change.kind, change.object_id)}


def deliver(changes: Sequence[Change]) -> None:
    """In a worker: queue a delivery of each change for each webhook of its project."""
    for change in visible_changes(changes, payloads.TYPES):
        webhooks = [] if is_told_by_its_origin(change) else webhooks_of(change)
        payload = payloads.payload(change) if webhooks else None
        if payload is not None:
            deliveries.queue(change, sending.encoded(payload), webhooks)


def is_told_by_its_origin(change: Change) -> bool:
    """Whether the change is a story that was created from an issue or task, whose own change is sent instead, as in
    Taiga.
    """
    return change.type == ChangeType.CREATE and "origin" in change.context


def webhooks_of(change: Change) -> list[int]:
    """The ids of the webhooks to which a change is sent. A change that has no number yet follows all others."""
    if not settings.WEBHOOKS_ENABLED:
        return []
    rows = OF_PROJECT.all(project=change.project_id)
    return [key for key, after in rows if change.number is None or change.number > after]
