"""Runs the server: websockets on the event loop, requests in threads, and background work beside them."""

import os
import socket
from types import FrameType

import structlog
import uvicorn
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from taiga.base.jobs import Worker
from taiga.server import listener as listening
from taiga.server.application import Application
from taiga.server.bridge import Bridge
from taiga.server.protocol import Protocol

LOG = structlog.get_logger(__name__)
WEBSOCKET_FRAME = 128 * 1024
"""Bytes; the live channel closes a socket with a reason for frames of more than half of this."""


class Server(uvicorn.Server):
    """Prints one line when it is ready, and exits with status 0 when it is stopped by a signal."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Taiga is ready at {self._address}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._captured_signals.clear()  # otherwise uvicorn raises the signal again after shutting down


def serve(listener: socket.socket, host: str, *, worker: bool = True) -> None:
    """Answer requests until SIGTERM or SIGINT. Then running requests are finished, and running jobs are released."""
    bridge = Bridge(WSGIHandler(), settings.TAIGA_THREADS)
    config = uvicorn.Config(
        Application(bridge, Worker() if worker else None),
        loop="uvloop",
        http=Protocol,
        ws="websockets-sansio",
        ws_max_size=WEBSOCKET_FRAME,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.TAIGA_STOP_TIMEOUT,
    )
    address = f"http://{listening.bracketed(host)}:{listening.port_of(listener)}"
    Server(config, address).run(sockets=[listener])
    if not bridge.close():
        LOG.warning("requests that did not end in time were cut off")
        os._exit(0)
