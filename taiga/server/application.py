"""The ASGI application: `/events` and websockets go to the live channel, everything else to Django."""

import asyncio
from typing import Any

from django.conf import settings

from taiga.base.jobs import Worker
from taiga.events import lifespan, websocket
from taiga.server.bridge import Bridge, Receive, Scope, Send

EVENTS_PATH = "/events"


class Application:
    """The parts of the process, and their start and end."""

    def __init__(self, web: Bridge, worker: Worker | None) -> None:
        self._web = web
        self._worker = worker
        self._subpath: str = settings.TAIGA_SUBPATH

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if self._subpath:
            scope = without_prefix(scope, self._subpath)
        if scope["type"] == "websocket" or scope["path"].rstrip("/") == EVENTS_PATH:
            await websocket.application(scope, receive, send)
        else:
            await self._web(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Start the live channel and the worker, and stop them when the process ends."""
        await receive()
        await lifespan.startup()
        if self._worker:
            self._worker.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._worker:
            await asyncio.to_thread(self._worker.stop, settings.TAIGA_STOP_TIMEOUT)
        await lifespan.shutdown()
        await send({"type": "lifespan.shutdown.complete"})


def without_prefix(scope: Scope, prefix: str) -> Scope:
    """The scope without the path below which Taiga is served, if the proxy in front has not removed it."""
    path: str = scope["path"]
    if path != prefix and not path.startswith(prefix + "/"):
        return scope
    cut: dict[str, Any] = {"path": path[len(prefix) :] or "/"}
    if scope.get("raw_path"):
        cut["raw_path"] = scope["raw_path"][len(prefix.encode()) :] or b"/"
    return {**scope, **cut}
