"""Local servers that receive our requests: one with configurable answers, and sockets that misbehave."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from taiga.base import outbound
from taiga.base.outbound import Answer

BODY = 'подпись 😊 / <b> \u2028 "é"'.encode()

Reply = tuple[int, dict[str, str], bytes]
Talk = Callable[[socket.socket, threading.Event], object]


class Arrived(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Records requests, and gives the answers that a test has configured. Like any server, it ignores a request whose
    sender was gone before the body had arrived.
    """

    def __init__(self) -> None:
        self.requests: list[Arrived] = []
        self.status = 200
        self.headers = {"Content-Type": "text/plain; charset=utf-8"}
        self.answer = b"thanks"
        self.reply: Callable[[str], Reply] = lambda path: (self.status, self.headers, self.answer)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def url(self, path: str = "/hook", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                self.close_connection = True
                return
            receiver.requests.append(Arrived(self.command, self.path, dict(self.headers.items()), body))
            status, headers, answer = receiver.reply(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody wants to read it."""

    return Handler


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


class Names(dict[str, list[str]]):
    """A resolver with the answers of a test; it counts the questions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)

    def look_up(self, host: str, port: int | None, *rest: Any, **options: Any) -> list[Any]:
        if host not in self or options.get("flags"):
            return self.real(host, port, *rest, **options)
        self.asked.append(host)
        if not self[host]:
            raise socket.gaierror(-2, "Name or service not known")
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in self[host]]


@contextmanager
def line(talk: Talk) -> Iterator[str]:
    """A socket whose only connection is handled by `talk`, until the event is set."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.settimeout(10)

        def answer() -> None:
            caller, _ = waiting.accept()
            with caller:
                talk(caller, over)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{waiting.getsockname()[1]}/"
        over.set()
        thread.join()


def post(
    url: str,
    body: bytes = BODY,
    headers: dict[str, str] | None = None,
    *,
    allow_private: bool = True,
    allow_redirects: bool = False,
    **options: Any,
) -> Answer:
    return outbound.post(
        url, body, headers or {}, allow_private=allow_private, allow_redirects=allow_redirects, **options
    )
