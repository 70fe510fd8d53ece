"""The way between processes through PostgreSQL: LISTEN and NOTIFY.

On connections of its own: the server lets only one notifying transaction commit at a time, and no request shall wait
in that queue. Through PgBouncer in transaction mode LISTEN hears nothing; EVENTS_DATABASE_URL names a direct way then.
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
"""Characters of a text that go into one notification: the server takes less than 8,000 bytes."""

PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that vanished without a word is noticed within a minute."""


NOTIFY = "SELECT pg_notify(%s, part) FROM unnest(%s::text[]) AS part"


class PostgresBus:
    joins_processes = True

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._sending: tuple[psycopg.Connection, Statements] | None = None

    def send(self, texts: Sequence[str]) -> None:
        """One statement, one transaction: all parts of all texts arrive together and in order, or none does."""
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
    """What is notified on a connection that does nothing else, straight from PostgreSQL's library: the driver would
    begin and end a wait for each. Raises the driver's error when the connection fails.
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
    """Parts that fit into a notification, each marked whether more follow.

    They are numbered before they are sent, since the server drops a notification that repeats another of the same
    transaction.
    """
    for start in range(0, len(text), PART):
        yield (LAST if start + PART >= len(text) else MORE) + text[start : start + PART]


def address() -> dict[str, Any]:
    if settings.EVENTS_DATABASE_URL:
        return {"conninfo": settings.EVENTS_DATABASE_URL, **PATIENCE}
    of_django = django_connection.get_connection_params()
    return {name: value for name, value in of_django.items() if name not in ("cursor_factory", "context")} | PATIENCE
