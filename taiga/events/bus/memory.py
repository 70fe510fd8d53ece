"""The bus of a single process, whose hub has all listeners: it delivers nothing."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence


class MemoryBus:
    """A bus that connects to nobody."""

    joins_processes = False

    def send(self, texts: Sequence[str]) -> None:
        """Nothing to do."""

    async def receive(self, connected: Callable[[], None]) -> AsyncGenerator[str]:
        """Connected forever, and never yields."""
        connected()
        await asyncio.Event().wait()
        yield ""

    def close(self) -> None:
        """Nothing to do."""
