"""Who is told of a change."""

from collections.abc import Sequence

from taiga.changes.models import Change
from taiga.notifications.services import bell, recipients


def ring(changes: Sequence[Change]) -> None:
    """In the transaction of the change: the bells of those whom it concerns."""
    bell.ring(changes)


def tell(changes: Sequence[Change]) -> None:
    """In a worker: mails, and what appears on desktops."""
    for change in changes:
        recipients.tell(change)
