"""Sends messages to open browsers: the interface of the live channel for the rest of the program."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from taiga.events import messages
from taiga.events.hub import hub
from taiga.events.messages import Message
from taiga.events.relay import process_relay

logger = logging.getLogger(__name__)


def push(routing_key: str, data: Any, *, session_id: str | None) -> None:
    """Send a message now. Call it after the commit of the change that it reports."""
    push_many([Message(routing_key=routing_key, data=data, session_id=session_id)])


def push_many(pushed: Iterable[Message]) -> None:
    """Send messages now, in order. Returns at once and never fails, since the change that they report is already
    committed.
    """
    try:
        frames = [messages.encode(message) for message in pushed]
        hub.publish(frames)
        process_relay().send(frames)
    except Exception:
        logger.exception("Messages of the live channel were lost")


def push_on_commit(pushed: Iterable[Message]) -> None:
    """Send messages when the surrounding transaction is committed; at once if there is none."""
    kept = list(pushed)
    transaction.on_commit(lambda: push_many(kept), robust=True)


def permissions_changed(project_id: int, user_ids: Iterable[int] | None = None) -> None:
    """On commit, have every process check again what these users (None: all) may receive of a project.

    For a membership that was removed, a role whose permissions changed, and a project made private, blocked or deleted.
    """
    push_on_commit([messages.permissions_changed(project_id, user_ids)])
