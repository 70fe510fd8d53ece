"""The address of the live channel (`/events`): an ASGI application for websockets and stray HTTP requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from taiga.events.access import Access
from taiga.events.conversation import Conversation
from taiga.events.hub import hub
from taiga.events.listener import GOING_AWAY, TOO_BIG, Listener, Send

MAX_FRAME = 65_536
"""Length of the longest frame that a client may send; tokens and routing keys are far shorter."""

CLOSE_TIMEOUT = 1.0
"""Seconds for sending a close frame to a socket that does not read."""

NO_UPGRADE = (
    b"This address speaks WebSocket only: if you came through a proxy, it must pass on "
    b"HTTP/1.1 with the headers Upgrade and Connection.\n"
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]

logger = logging.getLogger(__name__)

access = Access(threads=2)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "websocket":
        await serve_socket(receive, send)
    elif scope["type"] == "http":
        await refuse_http(scope, send)
    else:
        raise ValueError(f"The live channel can't serve {scope['type']!r}")


async def refuse_http(scope: Scope, send: Send) -> None:
    """426, so that a proxy that drops the upgrade is noticed."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(NO_UPGRADE)).encode()),
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else NO_UPGRADE})


async def serve_socket(receive: Receive, send: Send) -> None:
    """Read commands until the client leaves, or until the listener is dismissed, which ends the timeout around the
    reading.
    """
    if not hub.running:
        logger.error("A live connection was refused: taiga.events.lifespan.startup() has not been awaited")
        await send({"type": "websocket.close", "code": 1011})
        return
    await receive()
    await send({"type": "websocket.accept"})
    code: int | None = None
    with suppress(TimeoutError):
        async with asyncio.timeout(None) as timeout:
            listener = Listener(timeout)
            code = await _serve_listener(listener, receive, send)
    await _close(send, listener.close_code or code)


async def _serve_listener(listener: Listener, receive: Receive, send: Send) -> int | None:
    hub.join(listener)
    writer = asyncio.create_task(_write(listener, send))
    try:
        return await _read(Conversation(hub, access, listener), receive)
    finally:
        hub.leave(listener)
        listener.release()
        writer.cancel()


async def _read(conversation: Conversation, receive: Receive) -> int | None:
    """The code with which to close the socket; None if the client has closed it."""
    while (event := await receive())["type"] == "websocket.receive":
        text = event.get("text") or event.get("bytes") or ""
        if len(text) > MAX_FRAME:
            return TOO_BIG
        await conversation.handle(text)
    return None


async def _write(listener: Listener, send: Send) -> None:
    """Send what is queued. A socket that vanished silently is noticed here first, as an OSError or a RuntimeError."""
    try:
        with suppress(OSError, RuntimeError):
            await listener.write(send)
    finally:
        listener.dismiss(GOING_AWAY)


async def _close(send: Send, code: int | None) -> None:
    if code is not None:
        with suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await send({"type": "websocket.close", "code": code})
