"""The bus over PostgreSQL: LISTEN and NOTIFY.

It has its own connections, since the server commits only one notifying transaction at a time, and no request should
wait in that queue. LISTEN does not work through PgBouncer in transaction mode; then EVENTS_DATABASE_URL has to name a
direct connection.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection as django_connection
from psycopg import pq, sql

from taiga.base.postgresql.statements import Statements

PART = 1_900
"""Characters of a text in one notification: the server's limit is 8,000 bytes."""

CONNECTION_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that vanished silently is noticed within a minute."""


NOTIFY = "SELECT pg_notify(%s, part) FROM unnest(%s::text[]) AS part"


class PostgresBus:
    """A bus over one channel of PostgreSQL."""

    joins_processes = True

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._sending: tuple[psycopg.Connection, Statements] | None = None

    def send(self, texts: Sequence[str]) -> None:
        """Send all parts of all texts in one statement, so that they arrive together and in order, or not at all."""
        if self._sending is None:
            reached_by = address()
            connection = psycopg.connect(autocommit=True, **reached_by)
            self._sending = connection, Statements(connection, keep=reached_by.get("prepare_threshold", 0) is not None)
        parts = [part for text in texts for part in divided(text)]
        numbered = [f"{number} {part}" for number, part in enumerate(parts)]
        try:
            self._sending[1].rows(NOTIFY, [self._channel, numbered])
        except Exception:
            self.close()
            raise

    async def receive(self, connected: Callable[[], None]) -> AsyncGenerator[str]:
        async with await psycopg.AsyncConnection.connect(autocommit=True, **address()) as listening:
            await listening.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            connected()
            begun: list[str] = []
            async with aclosing(notifications(listening.pgconn)) as payloads:
                async for payload in payloads:
                    part = payload.partition(" ")[2]
                    begun.append(part[1:])
                    if part[0] == LAST:
                        yield "".join(begun)
                        begun = []

    def close(self) -> None:
        if self._sending is not None:
            self._sending[0].close()
            self._sending = None


async def notifications(server: pq.abc.PGconn) -> AsyncGenerator[str]:
    """The notifications of a connection that does nothing else, read with libpq's functions. Raises the driver's
    errors.

    The driver's own generator would set up and tear down a wait for each of them.
    """
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(server.socket, arrived.set)
    try:
        while True:
            arrived.clear()
            server.consume_input()
            while notice := server.notifies():
                yield notice.extra.decode()
            await arrived.wait()
    finally:
        loop.remove_reader(server.socket)


LAST, MORE = ".", "+"


def divided(text: str) -> Iterator[str]:
    """The parts of a text, each of which says whether more follow.

    They are numbered when they are sent, since the server drops a notification that equals another of the same
    transaction.
    """
    for start in range(0, len(text), PART):
        yield (LAST if start + PART >= len(text) else MORE) + text[start : start + PART]


def address() -> dict[str, Any]:
    """The parameters of the connections."""
    if settings.EVENTS_DATABASE_URL:
        return {"conninfo": settings.EVENTS_DATABASE_URL, **CONNECTION_OPTIONS}
    of_django = django_connection.get_connection_params()
    return {
        name: value for name, value in of_django.items() if name not in ("cursor_factory", "context")
    } | CONNECTION_OPTIONS
