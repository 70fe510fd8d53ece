"""The notifications behind somebody's bell."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet

from taiga.base import clock
from taiga.notifications.models import WebNotification


def of(user_id: int, *, only_unread: bool) -> "QuerySet[WebNotification]":
    """The unread notifications of a user, then the last read ones; of each the newest first."""
    rows = WebNotification.objects.filter(user_id=user_id)
    if only_unread:
        rows = rows.filter(read=None)
    return rows.order_by(F("read").desc(nulls_first=True), "-created", "-id")


def shown(rows: Sequence[WebNotification]) -> list[dict[str, Any]]:
    """Notifications as the API shows them."""
    return [
        {
            "id": row.pk,
            "event_type": row.event_type,
            "user": row.user_id,
            "data": row.data,
            "created": clock.plain_stamp(row.created),
            "read": clock.plain_stamp(row.read),
        }
        for row in rows
    ]
