"""Routing keys: which of them a client may name, and which belong to a project."""

import re

PROJECT_KEY = re.compile(r"changes\.project\.([1-9][0-9]{0,17})\.[a-z_]{1,40}")
ANNOUNCEMENTS = "notifications"


def resolved(requested: str, user_id: int) -> str | None:
    """The routing key of a subscription; None if this user cannot have it.

    Any request for live notifications means the user's own. For a key of a project, the permission remains to be
    checked.
    """
    if requested.startswith("live_notifications"):
        return f"live_notifications.{user_id}"
    if requested in (ANNOUNCEMENTS, f"web_notifications.{user_id}") or PROJECT_KEY.fullmatch(requested):
        return requested
    return None


def project_of(routing_key: str) -> int | None:
    """The project of a routing key, whose permissions decide; None for other keys."""
    found = PROJECT_KEY.fullmatch(routing_key)
    return int(found[1]) if found else None
