"""What the addresses of notifications answer with."""

from taiga.base.answers import INTEGER, STAMP, Shape, array, columns, fixed, maybe
from taiga.notifications.models import WebNotification

RING = Shape(
    "WebNotification",
    lambda: {
        **columns(WebNotification, ("id", "event_type", "user", "data")),
        "created": STAMP,
        "read": maybe(STAMP),
    },
    text="A web notification.",
)
PAGE = fixed("WebNotifications", "A page of them.", objects=array(RING), total=INTEGER)
RINGS = {"anyOf": [PAGE, array(RING), {"type": "object", "maxProperties": 0}]}
"""A page; without pages a list; nothing for the anonymous."""
