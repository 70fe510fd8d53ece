"""A server with nothing but the live channel, and browser tabs that connect to it."""

import json
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
import websocket
from pytest_django import Settings

from taiga.events import lifespan
from taiga.events.hub import hub
from taiga.events.websocket import application
from tests.events import fakes


class Tab:
    """A socket of a browser tab."""

    def __init__(self, port: int, **options: Any) -> None:
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port}/events", timeout=10, **options)

    def say(self, **frame: Any) -> "Tab":
        self.socket.send(json.dumps(frame))
        return self

    def auth(self, token: str, session_id: str = "tab") -> "Tab":
        return self.say(cmd="auth", data={"token": token, "sessionId": session_id})

    def subscribe(self, routing_key: str, **more: Any) -> "Tab":
        return self.say(cmd="subscribe", routing_key=routing_key, **more)

    def hears(self) -> list[Any]:
        """All that came before the answer to a ping; all that was said before the ping has had its effect."""
        eventually(lambda: hub.waiting == 0)
        self.say(cmd="ping")
        heard: list[Any] = []
        while (frame := json.loads(self.socket.recv())) != {"cmd": "pong"}:
            heard.append(frame)
        return heard

    def close(self) -> None:
        self.socket.close()

    def vanish(self) -> None:
        """Go without a word."""
        assert self.socket.sock is not None
        self.socket.sock.close()


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


async def served(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """The application as the server mounts it."""
    if scope["type"] != "lifespan":
        await application(scope, receive, send)
        return
    await receive()
    await lifespan.startup()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await lifespan.shutdown()
    await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def serving() -> Iterator[int]:
    """The port of a server that runs for as long as one asks it."""
    config = uvicorn.Config(served, port=0, ws_per_message_deflate=False, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture(autouse=True)
def people(settings: Settings) -> None:
    settings.EVENTS_AUTHENTICATE = "tests.events.fakes.authenticate"
    settings.EVENTS_MAY_HEAR = "tests.events.fakes.may_hear"
    fakes.reset()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.fixture
def tab(port: int) -> Iterator[Callable[..., Tab]]:
    tabs: list[Tab] = []

    def opened(**options: Any) -> Tab:
        tabs.append(Tab(port, **options))
        return tabs[-1]

    yield opened
    for one in tabs:
        one.close()
    eventually(lambda: not hub.listeners)
