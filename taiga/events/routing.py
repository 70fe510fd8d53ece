"""Routing keys: what a subscription may name, and whom one must ask."""

import re

PROJECT_KEY = re.compile(r"changes\.project\.([1-9][0-9]{0,17})\.[a-z_]{1,40}")
ANNOUNCEMENTS = "notifications"


def understood(asked: str, user_id: int) -> str | None:
    """The key that this person's subscription means; None if nobody, or somebody else, is served there.

    Whoever asks for anybody's live notifications gets their own. Keys of a project are understood, not yet granted.
    """
    if asked.startswith("live_notifications"):
        return f"live_notifications.{user_id}"
    if asked in (ANNOUNCEMENTS, f"web_notifications.{user_id}") or PROJECT_KEY.fullmatch(asked):
        return asked
    return None


def project_of(routing_key: str) -> int | None:
    """The project whose members alone may hear this key."""
    found = PROJECT_KEY.fullmatch(routing_key)
    return int(found[1]) if found else None
