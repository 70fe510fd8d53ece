"""Who is told of a change."""

from collections.abc import Sequence

from taiga.changes.models import Change
from taiga.notifications.services import bell


def ring(changes: Sequence[Change]) -> None:
    """In the transaction of the change: the bells of those whom it concerns."""
    bell.ring(changes)
