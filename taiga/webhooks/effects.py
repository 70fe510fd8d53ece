"""Other programs hear of every visible change."""

from collections.abc import Sequence

from django.conf import settings

from taiga.base.prepared import Param, Prepared
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import heard
from taiga.webhooks.models import Webhook
from taiga.webhooks.queries import payloads
from taiga.webhooks.services import deliveries, sending

OF_PROJECT = Prepared(
    lambda: Webhook.objects.filter(project=Param("project")).order_by("id").values_list("id", "after_change")
)


def remember(gone: Sequence[Change]) -> None:
    """Before deletions are stored: keep with them what will be sent, since it can't be looked up any more.

    So it is with what goes along with something else: what happened to it before may still have to be told.
    """
    for change in gone:
        if change.kind in payloads.TYPES and webhooks_of(change):
            change.context = {**change.context, "payload": payloads.data_of(change.kind, change.object_id)}


def deliver(changes: Sequence[Change]) -> None:
    """In a worker: one delivery for each webhook of the project."""
    for change in heard(changes, payloads.TYPES):
        webhooks = [] if is_told_by_its_origin(change) else webhooks_of(change)
        payload = payloads.payload(change) if webhooks else None
        if payload is not None:
            deliveries.queue(change, sending.encoded(payload), webhooks)


def is_told_by_its_origin(change: Change) -> bool:
    """A story that an issue or task was promoted to: the change of the issue tells of it, as in Taiga."""
    return change.type == ChangeType.CREATE and "origin" in change.context


def webhooks_of(change: Change) -> list[int]:
    """The webhooks that hear of a change; one that has no number yet comes after all others."""
    if not settings.WEBHOOKS_ENABLED:
        return []
    rows = OF_PROJECT.all(project=change.project_id)
    return [key for key, after in rows if change.number is None or change.number > after]
