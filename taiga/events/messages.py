"""What travels on the live channel: a message, and the text of it that every listener gets."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from django.utils.functional import Promise

INTERNAL = "internal."
"""Routing keys that begin so are for the hubs of our own processes; no socket can ask for them."""

PERMISSIONS = f"{INTERNAL}permissions."


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Fields stand in the order in which clients know them."""

    session_id: str | None = None
    """The browser tab that caused it, and so needn't hear of it."""
    data: Any
    routing_key: str


class Frame(NamedTuple):
    """A message made into text once, with what is needed to hand it on."""

    routing_key: str
    session_id: str | None
    text: str


class _Heading(msgspec.Struct):
    """All of a message but its data, which is not even looked at."""

    routing_key: str
    session_id: str | None


def _as_text(value: Any) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} can't be sent as JSON")


_encoder = msgspec.json.Encoder(enc_hook=_as_text)
_headings = msgspec.json.Decoder(_Heading)


def encode(message: Message) -> Frame:
    return Frame(message.routing_key, message.session_id, _encoder.encode(message).decode())


def decode(text: str) -> Frame:
    """The frame that another process made."""
    heading = _headings.decode(text)
    return Frame(heading.routing_key, heading.session_id, text)


def permissions_changed(project_id: int, user_ids: Iterable[int] | None = None) -> Message:
    """A hint to every hub: these people (None: everybody) may have lost sight of the project."""
    data = None if user_ids is None else sorted(set(user_ids))
    return Message(routing_key=f"{PERMISSIONS}{project_id}", data=data)


class _Hint(msgspec.Struct):
    routing_key: str
    data: list[int] | None


_hints = msgspec.json.Decoder(_Hint)


def read_hint(frame: Frame) -> tuple[int, set[int] | None]:
    """Project and people of a `permissions_changed`."""
    hint = _hints.decode(frame.text)
    project_id = int(hint.routing_key.removeprefix(PERMISSIONS))
    return project_id, None if hint.data is None else set(hint.data)
