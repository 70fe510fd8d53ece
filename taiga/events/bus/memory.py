"""No way at all: in a single process the hub has every listener."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence


class MemoryBus:
    joins_processes = False

    def send(self, texts: Sequence[str]) -> None:
        """There is nobody else."""

    async def receive(self, connected: Callable[[], None]) -> AsyncGenerator[str]:
        """Connected forever, to nobody."""
        connected()
        await asyncio.Event().wait()
        yield ""

    def close(self) -> None:
        """Nothing is open."""
