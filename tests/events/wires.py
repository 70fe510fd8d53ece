"""Buses for tests: a simulated one that can be interrupted, and a private Redis."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path


class Wire:
    """What connects all buses of a test."""

    def __init__(self) -> None:
        self.cut = False
        self.loses_answers = False
        """Texts arrive, but the sender is told that they did not."""
        self.ears: list[asyncio.Queue[str | None]] = []

    def sever(self) -> None:
        self.cut = True
        for ear in self.ears:
            ear.put_nowait(None)

    def mend(self) -> None:
        self.cut = False


class WireBus:
    joins_processes = True

    def __init__(self, wire: Wire, loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._loop = loop

    def send(self, texts: Sequence[str]) -> None:
        if self._wire.cut:
            raise ConnectionError("cut")
        for ear in self._wire.ears:
            for text in texts:
                self._loop.call_soon_threadsafe(ear.put_nowait, text)
        if self._wire.loses_answers:
            self._wire.loses_answers = False
            raise ConnectionError("no answer")

    async def receive(self, connected: Callable[[], None]) -> AsyncGenerator[str]:
        if self._wire.cut:
            raise ConnectionError("cut")
        ear: asyncio.Queue[str | None] = asyncio.Queue()
        self._wire.ears.append(ear)
        try:
            connected()
            while (text := await ear.get()) is not None:
                yield text
        finally:
            self._wire.ears.remove(ear)

    def close(self) -> None:
        """Nothing is open."""


class Redis:
    """A server that can be stopped, and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def available() -> bool:
        return shutil.which("redis-server") is not None

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                assert time.monotonic() < end, "Redis does not start"
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
