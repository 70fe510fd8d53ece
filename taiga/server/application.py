"""Who answers what: the live channel its address and every websocket, Django the rest."""

import importlib
import importlib.util
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from asgiref.sync import sync_to_async
from django.conf import settings

from taiga.server.bridge import Bridge, Receive, Scope, Send

LIVE = "/events"
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Step = Callable[[], Awaitable[None]]


class Background(Protocol):
    """Threads that run beside the requests for as long as the process lives."""

    def start(self) -> None: ...

    def stop(self, timeout: float) -> object: ...


@dataclass(frozen=True)
class Parts:
    """What else lives in the process."""

    live: Asgi | None = None
    begin_live: Step | None = None
    end_live: Step | None = None
    background: Background | None = None

    @classmethod
    def installed(cls, *, worker: bool) -> "Parts":
        return cls(
            live=part("taiga.events.websocket", "application"),
            begin_live=part("taiga.events.lifespan", "startup"),
            end_live=part("taiga.events.lifespan", "shutdown"),
            background=background() if worker else None,
        )


class Application:
    def __init__(self, web: Bridge, parts: Parts) -> None:
        self._web = web
        self._parts = parts
        self._subpath: str = settings.TAIGA_SUBPATH

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self._subpath:
            scope = without_prefix(scope, self._subpath)
        if self._parts.live and (scope["type"] == "websocket" or scope["path"].rstrip("/") == LIVE):
            await self._parts.live(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._web(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the first moment of the process to its last."""
        await receive()
        if self._parts.begin_live:
            await self._parts.begin_live()
        if self._parts.background:
            self._parts.background.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._parts.background:
            await sync_to_async(self._parts.background.stop, thread_sensitive=False)(settings.TAIGA_STOP_TIMEOUT)
        if self._parts.end_live:
            await self._parts.end_live()
        await send({"type": "lifespan.shutdown.complete"})


def without_prefix(scope: Scope, prefix: str) -> Scope:
    """Below a path, whether or not the proxy in front has cut it off already."""
    path: str = scope["path"]
    if path != prefix and not path.startswith(prefix + "/"):
        return scope
    cut: dict[str, Any] = {"path": path[len(prefix) :] or "/"}
    if scope.get("raw_path"):
        cut["raw_path"] = scope["raw_path"][len(prefix.encode()) :] or b"/"
    return {**scope, **cut}


def background() -> Background | None:
    worker = part("taiga.base.jobs", "Worker")
    return worker() if worker else None


def part(module: str, name: str) -> Any:
    """WHILE IT IS BEING BUILT: None for what is not there yet. To be replaced by plain imports."""
    return getattr(importlib.import_module(module), name) if importlib.util.find_spec(module) else None
