"""Messages of the live channel, and their JSON, which is encoded once for all listeners."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from django.utils.functional import Promise

INTERNAL = "internal."
"""The prefix of routing keys for the hubs of our own processes; no client can subscribe to them."""

PERMISSIONS = f"{INTERNAL}permissions."


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The fields are in the order that clients know."""

    session_id: str | None = None
    """The browser tab that caused the message, and does not need it."""
    data: Any
    routing_key: str


class Frame(NamedTuple):
    """An encoded message, with what is needed to distribute it."""

    routing_key: str
    session_id: str | None
    text: str


class _Heading(msgspec.Struct):
    """A message without its data, which is not decoded."""

    routing_key: str
    session_id: str | None


def _as_text(value: Any) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} can't be sent as JSON")


_encoder = msgspec.json.Encoder(enc_hook=_as_text)
_headings = msgspec.json.Decoder(_Heading)


def encode(message: Message) -> Frame:
    """The frame of a message."""
    return Frame(message.routing_key, message.session_id, _encoder.encode(message).decode())


def decode(text: str) -> Frame:
    """The frame of a message that another process has encoded."""
    heading = _headings.decode(text)
    return Frame(heading.routing_key, heading.session_id, text)


def permissions_changed(project_id: int, user_ids: Iterable[int] | None = None) -> Message:
    """A hint to all hubs: these users (None: all) may have lost access to the project."""
    data = None if user_ids is None else sorted(set(user_ids))
    return Message(routing_key=f"{PERMISSIONS}{project_id}", data=data)


class _Hint(msgspec.Struct):
    routing_key: str
    data: list[int] | None


_hints = msgspec.json.Decoder(_Hint)


def read_hint(frame: Frame) -> tuple[int, set[int] | None]:
    """The project and the users of a `permissions_changed`."""
    hint = _hints.decode(frame.text)
    project_id = int(hint.routing_key.removeprefix(PERMISSIONS))
    return project_id, None if hint.data is None else set(hint.data)
