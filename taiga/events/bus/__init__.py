"""The way between processes: chosen by what the operator has, PostgreSQL or Redis; a single process needs none."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from taiga.base.database import is_postgres


class Bus(Protocol):
    """Brings texts to every process that listens, the sender included; may fail at any time, by any exception."""

    joins_processes: bool
    """False where there is nobody else to reach."""

    def send(self, texts: Sequence[str]) -> None:
        """Blocking, all in order; only ever called by one thread. After a failure the next call connects anew."""

    def receive(self, connected: Callable[[], None]) -> AsyncGenerator[str]:
        """Says when it is connected, then yields what others send until the connection fails."""

    def close(self) -> None:
        """Let go of the connection for sending."""


def chosen() -> Bus:
    """Drivers are loaded only if needed: they cost time and memory at every start."""
    bus: Bus
    if settings.REDIS_URL:
        bus = import_string("taiga.events.bus.redis.RedisBus")(settings.REDIS_URL, channel())
    elif is_postgres():
        bus = import_string("taiga.events.bus.postgres.PostgresBus")(channel())
    else:
        bus = import_string("taiga.events.bus.memory.MemoryBus")()
    return bus


def channel() -> str:
    """One for each installation, though several may share a server: it follows from the secret that only they share."""
    return f"taiga_events_{salted_hmac('taiga.events.bus', 'channel').hexdigest()[:16]}"
