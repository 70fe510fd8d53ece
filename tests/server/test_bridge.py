"""From the event loop to a thread and back, with clients that are slow, broken or gone."""

import hashlib
import http.client
import io
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from taiga.server.bridge import Bridge, Environ, File

MEGABYTE = 1024 * 1024
Start = Callable[..., Any]


class Content(list[bytes]):
    """The body of a response, as Django returns it."""

    streaming = False

    def close(self) -> None:
        """Nothing is open."""


def text(start: Start, content: str) -> Content:
    start("200 OK", [("Content-Type", "text/plain")])
    return Content([content.encode()])


@contextmanager
def serving(answer: Callable[[Environ, Start], Iterable[bytes]], threads: int = 2) -> Iterator[int]:
    """The port of a server that answers through the bridge."""
    bridge = Bridge(answer, threads)
    server = uvicorn.Server(uvicorn.Config(bridge, port=0, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        bridge.close()


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def ask(port: int, method: str = "GET", path: str = "/", **more: Any) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, **more)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def test_an_answer_has_its_length_and_no_server_name_of_ours() -> None:
    with serving(lambda _environ, start: text(start, "hello")) as port:
        response, content = ask(port)
    assert content == b"hello"
    assert response.headers["content-length"] == "5"
    assert response.headers.get_all("content-length") == ["5"]


def test_an_empty_answer_has_no_length() -> None:
    def nothing(_environ: Environ, start: Start) -> Content:
        start("204 No Content", [])
        return Content()

    with serving(nothing) as port:
        response, _ = ask(port, "DELETE")
    assert response.status == 204
    assert "content-length" not in response.headers


@pytest.mark.parametrize("size", [0, 10, 5 * MEGABYTE])
def test_a_body_arrives_whole(size: int) -> None:
    sent = bytes(range(256)) * (size // 256 + 1)

    def digest(environ: Environ, start: Start) -> Content:
        content = environ["wsgi.input"].read()
        return text(start, f"{environ['CONTENT_LENGTH']} {hashlib.sha256(content).hexdigest()}")

    with serving(digest) as port:
        _, answer = ask(port, "POST", body=sent[:size])
    assert answer.decode() == f"{size} {hashlib.sha256(sent[:size]).hexdigest()}"


def test_a_body_in_chunks_gets_a_length() -> None:
    with serving(lambda environ, start: text(start, environ["CONTENT_LENGTH"])) as port:
        _, answer = ask(port, "POST", body=iter([b"abc", b"defg"]), encode_chunked=True)
    assert answer == b"7"


def test_a_client_that_hangs_up_within_its_body_is_never_heard() -> None:
    heard: list[str] = []

    def note(environ: Environ, start: Start) -> Content:
        heard.append(environ["PATH_INFO"])
        return text(start, "noted")

    with serving(note) as port:
        with socket.create_connection(("127.0.0.1", port)) as rude:
            rude.sendall(b"POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000)
        for _ in range(20):
            ask(port, path="/whole")
    assert set(heard) == {"/whole"}


def test_a_slow_body_does_not_hold_a_thread() -> None:
    with serving(lambda _environ, start: text(start, "done"), threads=1) as port:
        slow = socket.create_connection(("127.0.0.1", port))
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst")
        assert ask(port)[1] == b"done"
        slow.sendall(b"and5!")
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
        slow.close()


def test_a_file_goes_out_without_holding_a_thread_and_is_closed() -> None:
    opened: list[io.BytesIO] = []

    def file_or_text(environ: Environ, start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/file":
            return text(start, "quick")
        opened.append(io.BytesIO(b"x" * 30 * MEGABYTE))
        start("200 OK", [("Content-Length", str(30 * MEGABYTE))])
        return environ["wsgi.file_wrapper"](opened[0])  # type: ignore[no-any-return]

    with serving(file_or_text, threads=1) as port:
        lazy = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        lazy.request("GET", "/file")
        response = lazy.getresponse()
        assert ask(port)[1] == b"quick"
        assert len(response.read()) == 30 * MEGABYTE
        eventually(lambda: opened[0].closed)
        lazy.close()


def test_a_stream_ends_when_its_reader_goes() -> None:
    closed = threading.Event()

    class Endless:
        streaming = True

        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b"tick\n"
                time.sleep(0.001)

        def close(self) -> None:
            closed.set()

    def stream(_environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        return Endless()

    with serving(stream) as port:
        reader = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        reader.request("GET", "/")
        assert reader.getresponse().read(5) == b"tick\n"
        reader.close()
        assert closed.wait(20)


def test_a_header_with_an_underscore_cannot_pass_for_another() -> None:
    def host(environ: Environ, start: Start) -> Content:
        return text(start, environ.get("HTTP_X_FORWARDED_HOST", "none"))

    with serving(host) as port:
        assert ask(port, headers={"X_Forwarded_Host": "evil.example"})[1] == b"none"
        assert ask(port, headers={"X-Forwarded-Host": "good.example"})[1] == b"good.example"


def test_letters_of_every_script_reach_the_path() -> None:
    def path(environ: Environ, start: Start) -> Content:
        return text(start, environ["PATH_INFO"].encode("latin-1").decode())

    with serving(path) as port:
        assert ask(port, path="/wiki/%E6%B5%8B%E8%AF%95")[1].decode() == "/wiki/测试"


def test_the_threads_live_as_long_as_the_server() -> None:
    with serving(lambda _environ, start: text(start, threading.current_thread().name), threads=3) as port:
        names = {ask(port)[1] for _ in range(30)}
    assert names <= {b"request_0", b"request_1", b"request_2"}


def test_a_file_wrapper_takes_the_size_that_django_gives_it() -> None:
    assert File(io.BytesIO(b"abc"), 4096).read(2) == b"ab"
