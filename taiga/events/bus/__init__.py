"""The bus between processes: PostgreSQL or Redis, whichever is configured; a single process needs none."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from taiga.base.database import is_postgres


class Bus(Protocol):
    """Delivers texts to all processes that listen, including the sender. Any method may raise any exception at any
    time.
    """

    joins_processes: bool
    """False if there is only one process."""

    def send(self, texts: Sequence[str]) -> None:
        """Send texts, in order. Blocks; only one thread calls it. After a failure the next call reconnects."""

    def receive(self, connected: Callable[[], None]) -> AsyncGenerator[str]:
        """Call `connected`, then yield the texts that are sent, until the connection fails."""

    def close(self) -> None:
        """Close the connection for sending."""


def chosen() -> Bus:
    """The bus that the settings imply. Drivers are imported only if they are used, since they cost time and memory."""
    bus: Bus
    if settings.REDIS_URL:
        bus = import_string("taiga.events.bus.redis.RedisBus")(settings.REDIS_URL, channel())
    elif is_postgres():
        bus = import_string("taiga.events.bus.postgres.PostgresBus")(channel())
    else:
        bus = import_string("taiga.events.bus.memory.MemoryBus")()
    return bus


def channel() -> str:
    """The name of the channel. It is derived from the secret key, so that installations on one server do not share
    it.
    """
    return f"taiga_events_{salted_hmac('taiga.events.bus', 'channel').hexdigest()[:16]}"
