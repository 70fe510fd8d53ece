"""Starts and stops the live channel of this process. The server awaits both on its event loop."""

import asyncio
from contextlib import suppress

from taiga.events import relay, websocket
from taiga.events.access import Access
from taiga.events.hub import hub
from taiga.events.revocation import Revocation

_running: list[asyncio.Task[None]] = []
_checks = Access(threads=2)


async def startup() -> None:
    """Start the hub, the bus and the periodic checks."""
    revocation = Revocation(hub, _checks)
    hub.start(asyncio.get_running_loop(), on_internal=revocation.take_hint)
    listening = relay.process_relay().listen(hub.publish, on_connected=revocation.check_everything)
    _running.extend([asyncio.create_task(revocation.run()), asyncio.create_task(listening)])


async def shutdown() -> None:
    """Close all sockets; messages for other processes get a moment to be sent."""
    hub.stop()
    for task in _running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    _running.clear()
    await asyncio.to_thread(relay.close)
    websocket.access.close()
    _checks.close()
