"""How quickly, and with how much memory, one process tells many open boards of many changes.

The server is the live channel alone (no API, no database: every token is accepted), the listeners are another process
on the same machine and all listen to the same board. A delivery lasts from `push` to the frame's arrival there.
"""

import argparse
import asyncio
import base64
import os
import subprocess
import sys
import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
import uvicorn
import uvloop
from django.conf import settings

from taiga.events import broadcast, lifespan, websocket

KEY = "changes.project.1.userstories"
WARM_UP = 20
"""Listeners that come and go first, so that code loaded at the first use is not counted as theirs."""

MEGABYTE, KILOBYTE = 1_048_576, 1_024


@dataclass(frozen=True)
class Load:
    listeners: int
    rate: int
    seconds: int


class Change(msgspec.Struct):
    at: float


class Heard(msgspec.Struct):
    data: Change | None = None


heard_frames = msgspec.json.Decoder(Heard)


# ── the server ──


def authenticate(token: str) -> int | None:
    return int(token)


def may_hear(user_id: int, routing_key: str) -> bool:
    return True


def serve(port: int) -> None:
    """Each line `rate seconds` on standard input is a burst of changes."""
    settings.configure(
        SECRET_KEY="x",
        REDIS_URL="",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        EVENTS_AUTHENTICATE="bench.listeners.authenticate",
        EVENTS_MAY_HEAR="bench.listeners.may_hear",
    )
    threading.Thread(target=_push_as_told, daemon=True).start()
    uvicorn.run(
        "bench.listeners:application",
        port=port,
        loop="uvloop",
        ws_per_message_deflate=False,
        ws_max_size=65_536,
        log_level="warning",
    )


async def application(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "lifespan":
        await websocket.application(scope, receive, send)
        return
    await receive()
    await lifespan.startup()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await lifespan.shutdown()
    await send({"type": "lifespan.shutdown.complete"})


def _push_as_told() -> None:
    for line in sys.stdin:
        rate, seconds = map(int, line.split())
        begin = time.monotonic()
        for n in range(rate * seconds):
            time.sleep(max(0.0, begin + n / rate - time.monotonic()))
            data = {"type": "change", "matches": "userstories.userstory", "pk": n, "at": time.monotonic()}
            broadcast.push(KEY, data, session_id=f"tab {n}")


# ── the listeners ──


class Listener(asyncio.Protocol):
    """A websocket client with no more than this measurement needs: short frames, never fragmented."""

    def __init__(self, number: int, delays: list[float]) -> None:
        self.number = number
        self.delays = delays
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._received = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        nonce = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            b"GET /events HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + nonce.encode() + b"\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._upgraded and b"\r\n\r\n" in self._received:
            self._upgraded = True
            self._received = self._received.partition(b"\r\n\r\n")[2]
            self._begin()
        while self._upgraded and len(self._received) >= 4:
            length, start = self._received[1], 2
            if length == 126:
                length, start = int.from_bytes(self._received[2:4], "big"), 4
            if len(self._received) < start + length:
                return
            opcode, frame = self._received[0] & 15, self._received[start : start + length]
            self._received = self._received[start + length :]
            if opcode == 9:
                self._say(frame, opcode=10)
            elif opcode == 1:
                self._hear(frame)

    def _begin(self) -> None:
        auth = {"cmd": "auth", "data": {"token": str(self.number), "sessionId": f"session {self.number}"}}
        for frame in (auth, {"cmd": "subscribe", "routing_key": KEY}, {"cmd": "ping"}):
            self._say(msgspec.json.encode(frame))

    def _hear(self, frame: bytes) -> None:
        change = heard_frames.decode(frame).data
        if change is not None:
            self.delays.append(time.monotonic() - change.at)
        elif not self.ready.done():
            self.ready.set_result(None)

    def _say(self, data: bytes, opcode: int = 1) -> None:
        """Masked with zeros, as the protocol allows."""
        self.transport.write(bytes([128 | opcode, 128 | len(data)]) + b"\0\0\0\0" + data)


async def open_listeners(port: int, count: int, delays: list[float]) -> list[Listener]:
    loop = asyncio.get_running_loop()
    listeners = []
    for number in range(1, count + 1):
        _, listener = await loop.create_connection(partial(Listener, number, delays), "127.0.0.1", port)
        await asyncio.wait_for(listener.ready, 10)
        listeners.append(listener)
    return listeners


async def close(listeners: list[Listener]) -> None:
    for listener in listeners:
        listener.transport.close()
    await asyncio.sleep(2)


# ── the measurement ──


class Server:
    def __init__(self, port: int) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.listeners", "--serve", str(port)], stdin=subprocess.PIPE, env=environment
        )

    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def burst(self, load: Load) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{load.rate} {load.seconds}\n".encode())
        self._process.stdin.flush()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


async def measure(server: Server, port: int, load: Load) -> None:
    delays: list[float] = []
    await until_open(port)
    await close(await open_listeners(port, WARM_UP, []))
    before = server.memory()
    began = time.monotonic()
    listeners = await open_listeners(port, load.listeners, delays)
    opening = time.monotonic() - began
    idle = server.memory()
    cpu = server.cpu()
    expected = load.listeners * load.rate * load.seconds
    server.burst(load)
    highest, deadline = idle, time.monotonic() + load.seconds * 3 + 10
    while len(delays) < expected and time.monotonic() < deadline:
        await asyncio.sleep(0.25)
        highest = max(highest, server.memory())
    cpu = server.cpu() - cpu
    await close(listeners)
    after = server.memory()
    await close(await open_listeners(port, load.listeners, []))
    report(
        {
            "listeners, all of one board": f"{load.listeners} (opened one after the other in {opening:.1f} s)",
            "changes": f"{load.rate} per second for {load.seconds} s",
            "deliveries": f"{len(delays)} of {expected}",
            "delay, median": f"{percentile(delays, 50):.1f} ms",
            "delay, 99 of 100": f"{percentile(delays, 99):.1f} ms",
            "delay, longest": f"{percentile(delays, 100):.1f} ms",
            "processor time of the server": f"{100 * cpu / load.seconds:.0f} % of one core",
            "memory of a listener, idle": f"{(idle - before) / load.listeners / KILOBYTE:.1f} KB",
            "memory of a listener, at the highest": f"{(highest - before) / load.listeners / KILOBYTE:.1f} KB",
            "memory of the server": ", ".join(
                f"{size / MEGABYTE:.0f} MB {when}"
                for size, when in (
                    (before, "before"),
                    (highest, "with them"),
                    (after, "when they have gone"),
                    (server.memory(), "after as many again"),
                )
            ),
        }
    )


async def until_open(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def percentile(delays: list[float], percent: int) -> float:
    if not delays:
        return float("nan")
    return 1_000 * sorted(delays)[min(len(delays) - 1, len(delays) * percent // 100)]


def report(lines: dict[str, str]) -> None:
    width = max(map(len, lines))
    for name, value in lines.items():
        print(f"{name:<{width}}  {value}")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench listeners", description=__doc__)
    parser.add_argument("--listeners", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=20, help="changes in a second")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--serve", type=int, metavar="PORT", help="be the server")
    given = parser.parse_args(arguments)
    if given.serve:
        serve(given.serve)
        return
    server = Server(given.port)
    try:
        uvloop.run(measure(server, given.port, Load(given.listeners, given.rate, given.seconds)))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
