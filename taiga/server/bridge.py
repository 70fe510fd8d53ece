"""From ASGI to Django: a request is received completely, answered in a thread of a pool, and sent by the event loop.

A slow client does not occupy a thread: request bodies are collected in memory or in a temporary file, and files are
sent by the loop. Only a generated stream keeps its thread, at the pace of its reader. A request whose client
disconnects before its body is complete is dropped, so that no service sees half of an upload.
"""

import asyncio
import contextvars
import io
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from urllib.parse import unquote_to_bytes

Message = dict[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

IN_MEMORY = 1024 * 1024
CHUNK = 256 * 1024
WITHOUT_BODY = (204, 304)


class ClientDisconnected(Exception):
    """The client disconnected before its request was complete."""


class File:
    """Django's `wsgi.file_wrapper`: hands a file to the event loop, which sends it."""

    def __init__(self, source: Any, _block_size: int = CHUNK) -> None:
        self.read: Callable[[int], bytes] = source.read
        self.close: Callable[[], None] = source.close


class Bridge:
    """An ASGI application that answers with a WSGI application, in this number of threads."""

    def __init__(self, answer: Wsgi, threads: int) -> None:
        self._answer = answer
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._busy: set[int] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body, length = await whole_body(receive)
        except ClientDisconnected:
            return
        with body:
            reply = Reply(asyncio.get_running_loop(), receive, send)
            run = contextvars.copy_context().run
            await reply.loop.run_in_executor(self._threads, run, self._work, environ_of(scope, body, length), reply)
            await reply.send_rest()

    def close(self) -> bool:
        """Stop accepting requests; returns whether all threads are idle. A busy one would keep the process alive."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        return not self._busy

    def _work(self, environ: Environ, reply: "Reply") -> None:
        thread = threading.get_ident()
        self._busy.add(thread)
        try:
            self._run(environ, reply)
        finally:
            self._busy.discard(thread)

    def _run(self, environ: Environ, reply: "Reply") -> None:
        content = self._answer(environ, reply.start)
        if isinstance(content, File):
            reply.file = content
            return
        try:
            if getattr(content, "streaming", False):
                reply.stream(content)
            else:
                reply.body = b"".join(content)
        finally:
            cast("Any", content).close()


class Reply:
    """The answer to a request, on its way from the thread to the client."""

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive, send: Send) -> None:
        self.loop = loop
        self.file: File | None = None
        self.body: bytes | None = None
        self._receive = receive
        self._send = send
        self._head: Message = {}

    def start(self, status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
        """WSGI's `start_response`."""
        self._head = {
            "type": "http.response.start",
            "status": int(status[:3]),
            "headers": [(name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers],
        }

    def stream(self, chunks: Iterable[bytes]) -> None:
        """In the thread: send the chunks as fast as the client reads them, until it disconnects."""
        disconnected = asyncio.run_coroutine_threadsafe(self._disconnected(), self.loop)
        try:
            self._from_thread(self._head)
            for chunk in chunks:
                if disconnected.done():
                    return
                self._from_thread({"type": "http.response.body", "body": chunk, "more_body": True})
            self._from_thread({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            disconnected.cancel()

    async def send_rest(self) -> None:
        """On the event loop, after the thread is done: send the body or the file."""
        if self.body is not None:
            headers = self._head["headers"]
            if self._head["status"] not in WITHOUT_BODY and not any(name == b"content-length" for name, _ in headers):
                headers.append((b"content-length", str(len(self.body)).encode()))
            await self._send(self._head)
            await self._send({"type": "http.response.body", "body": self.body})
        elif self.file is not None:
            await self._send_file(self.file)

    async def _send_file(self, file: File) -> None:
        disconnected = asyncio.ensure_future(self._disconnected())
        try:
            await self._send(self._head)
            while not disconnected.done() and (chunk := await self.loop.run_in_executor(None, file.read, CHUNK)):
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            await self._send({"type": "http.response.body", "body": b""})
        finally:
            disconnected.cancel()
            await self.loop.run_in_executor(None, file.close)

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _from_thread(self, message: Message) -> None:
        asyncio.run_coroutine_threadsafe(self._deliver(message), self.loop).result()

    async def _deliver(self, message: Message) -> None:
        await self._send(message)


async def whole_body(receive: Receive) -> tuple[IO[bytes], int]:
    """The body of a request, and its length. Raises ClientDisconnected."""
    message = await receive()
    if message["type"] != "http.disconnect" and not message.get("more_body"):
        content = message.get("body", b"")
        return io.BytesIO(content), len(content)
    spool = cast("IO[bytes]", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed by the caller, or below
    length = 0
    try:
        while message["type"] != "http.disconnect":
            length += spool.write(message.get("body", b""))
            if not message.get("more_body"):
                spool.seek(0)
                return spool, length
            message = await receive()
        raise ClientDisconnected
    except BaseException:
        spool.close()
        raise


def environ_of(scope: Scope, body: IO[bytes], length: int) -> Environ:
    """The WSGI environ of a request. Header names with an underscore are dropped, since they would look like ones with
    a dash.
    """
    raw: bytes = scope["raw_path"]
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": (unquote_to_bytes(raw) if b"%" in raw else raw).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": File,
    }
    for name, value in scope["headers"]:
        if b"_" not in name and name != b"content-length":
            _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    environ["CONTENT_LENGTH"] = str(length)
    return environ


def _add_header(environ: Environ, name: str, value: str) -> None:
    key = "CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")
    if key in environ:
        value = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}"
    environ[key] = value
