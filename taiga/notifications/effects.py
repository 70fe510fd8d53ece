"""What notifications do with a change."""

from collections.abc import Sequence

from taiga.changes.models import Change
from taiga.notifications.services import bell, recipients


def ring(changes: Sequence[Change]) -> None:
    """In the transaction of the change: ring the bells of those whom it concerns."""
    bell.ring(changes)


def tell(changes: Sequence[Change]) -> None:
    """In a worker: queue mails, and send notifications to open browsers."""
    for change in changes:
        recipients.tell(change)
