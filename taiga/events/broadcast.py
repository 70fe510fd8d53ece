"""Tells open boards what happened: all that the rest of the program needs to know of the live channel."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from taiga.events import messages
from taiga.events.hub import hub
from taiga.events.messages import Message
from taiga.events.relay import the_relay

logger = logging.getLogger(__name__)


def push(routing_key: str, data: Any, *, session_id: str | None) -> None:
    """Send one message now, so after the commit of what it tells."""
    push_many([Message(routing_key=routing_key, data=data, session_id=session_id)])


def push_many(pushed: Iterable[Message]) -> None:
    """Send messages now, in order. Returns at once and never fails: the change that they tell has happened anyway."""
    try:
        frames = [messages.encode(message) for message in pushed]
        hub.publish(frames)
        the_relay().send(frames)
    except Exception:
        logger.exception("Messages of the live channel were lost")


def push_on_commit(pushed: Iterable[Message]) -> None:
    """Send messages when the transaction around is committed (at once if there is none), or never."""
    kept = list(pushed)
    transaction.on_commit(lambda: push_many(kept), robust=True)


def permissions_changed(project_id: int, user_ids: Iterable[int] | None = None) -> None:
    """Make every process ask again what these people (None: everybody) may hear of the project, on commit.

    For a membership removed, a role or its permissions changed, a project made private, blocked or deleted.
    """
    push_on_commit([messages.permissions_changed(project_id, user_ids)])
