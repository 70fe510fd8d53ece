"""Request heads that do not end, or not soon, as an attacker sends them."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from taiga.server import protocol

PATIENCE = 20.0


async def answer(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.fixture
def port() -> Iterator[int]:
    config = uvicorn.Config(answer, port=0, lifespan="off", log_level="critical", http=protocol.Protocol)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def heard(connection: socket.socket) -> bytes:
    """Everything until the connection ends."""
    told = b""
    while chunk := connection.recv(65_536):
        told += chunk
    return told


@pytest.mark.parametrize("part", [b"X-A: " + b"a" * 1000 + b"\r\n", b"a" * 1000])
def test_a_head_without_end_is_cut(port: int, part: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-B: ")
        with pytest.raises(OSError):
            connection.sendall(part * 50_000)


def test_who_sends_too_large_a_head_is_told_so(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LARGEST_HEAD", 100)
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-A: " + b"a" * 200)
        assert heard(connection).startswith(b"HTTP/1.1 431 ")


def test_a_head_that_does_not_come_ends_the_connection(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    for begun in (b"", b"GET / HTTP/1.1\r\nX-A: a"):
        with connected(port) as connection:
            connection.sendall(begun)
            assert heard(connection) == b""


def test_bodies_may_be_long_and_slow_and_another_head_may_follow(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LARGEST_HEAD", 1000)
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)
    with connected(port) as connection:
        for _ in range(2):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n" + b"b" * 200_000)
            time.sleep(0.8)
            connection.sendall(b"b" * 200_000)
            assert connection.recv(65_536).startswith(b"HTTP/1.1 204 ")
