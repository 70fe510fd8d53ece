"""Starts and stops the live channel of this process; the server awaits both on its event loop."""

import asyncio
from contextlib import suppress

from taiga.events import relay, websocket
from taiga.events.access import Access
from taiga.events.hub import hub
from taiga.events.revocation import Revocation

_running: list[asyncio.Task[None]] = []
_checks = Access(threads=2)


async def startup() -> None:
    revocation = Revocation(hub, _checks)
    hub.start(asyncio.get_running_loop(), on_internal=revocation.hear)
    listening = relay.the_relay().listen(hub.publish, on_connected=revocation.everything)
    _running.extend([asyncio.create_task(revocation.run()), asyncio.create_task(listening)])


async def shutdown() -> None:
    """Sockets are told to go, messages under way to other processes get a moment to leave."""
    hub.stop()
    for task in _running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    _running.clear()
    await asyncio.to_thread(relay.close)
    websocket.access.close()
    _checks.close()
