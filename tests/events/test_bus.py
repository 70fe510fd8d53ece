"""The buses between processes, each with its real server."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings

from taiga.events import broadcast, bus, relay
from taiga.events.bus import Bus, channel, chosen
from taiga.events.bus.memory import MemoryBus
from taiga.events.bus.postgres import PostgresBus, address
from taiga.events.bus.redis import RedisBus
from taiga.events.hub import hub
from taiga.events.relay import Relay
from tests.events.conftest import Tab, serving
from tests.events.test_relay import impatient, processes, texts, until  # noqa: F401
from tests.events.wires import Redis

pytestmark = pytest.mark.anyio

LONG = "ünï€😀" * 8_000
REPEATING = "x" * 40_000

on_postgres = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="the database is not PostgreSQL"
)
with_redis = pytest.mark.skipif(not Redis.available(), reason="redis-server is not installed")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def ended() -> Iterator[None]:
    relay.close()
    yield
    relay.close()


def test_the_bus_follows_from_what_there_is(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def kind() -> type[Bus]:
        return type(chosen())

    settings.REDIS_URL = ""
    monkeypatch.setattr(bus, "is_postgres", lambda: False)
    assert kind() is MemoryBus
    monkeypatch.setattr(bus, "is_postgres", lambda: True)
    assert kind() is PostgresBus
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert kind() is RedisBus


def test_each_installation_has_its_own_channel(settings: Settings) -> None:
    first = channel()
    assert first == channel()
    settings.SECRET_KEY = "another installation"
    assert first != channel()
    assert settings.SECRET_KEY not in channel()


def test_a_direct_way_around_a_pooler_is_taken_if_there_is_one(settings: Settings) -> None:
    settings.EVENTS_DATABASE_URL = "postgres://taiga@direct/taiga"
    assert address()["conninfo"] == "postgres://taiga@direct/taiga"


@with_redis
async def test_redis_carries_messages_and_survives_a_restart(redis: Redis) -> None:
    async with processes(*[Relay(RedisBus(redis.url, "here")) for _ in range(2)]) as (one, two):
        one.send("a", LONG)
        await until(lambda: len(two.heard) == 2)
        redis.stop()
        one.send("b")
        await asyncio.sleep(0.2)
        await asyncio.to_thread(redis.start)
        await until(lambda: two.connections > 1)
        one.send("c")
        await until(lambda: two.heard[-1:] == texts("c"))
        assert two.heard[:2] == texts("a", LONG)


@on_postgres
@pytest.mark.django_db(transaction=True)
async def test_postgres_carries_messages_of_any_length() -> None:
    async with processes(*[Relay(PostgresBus("here")) for _ in range(2)]) as (one, two):
        expected = ["a", LONG, REPEATING, *[str(n) for n in range(200)], ""]
        one.send(*expected)
        await until(lambda: len(two.heard) == len(expected))
        assert two.heard == texts(*expected)


@on_postgres
@pytest.mark.django_db(transaction=True)
async def test_postgres_connections_that_are_cut_are_made_anew() -> None:
    async with processes(*[Relay(PostgresBus("here")) for _ in range(2)]) as (one, two):
        one.send("a")
        await until(lambda: two.heard == texts("a"))
        await asyncio.to_thread(_cut_connections_of_the_bus)
        await until(lambda: two.connections > 1)
        one.send("b")
        await until(lambda: two.heard == texts("a", "b"))


def _cut_connections_of_the_bus() -> None:
    with psycopg.connect(autocommit=True, **address()) as own:
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_notify%')"
        )


def test_a_dead_bus_neither_fails_nor_silences_anybody_here(settings: Settings, ended: None) -> None:
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    with serving() as port:
        tab = Tab(port).auth("bob").subscribe("notifications")
        tab.hears()
        for n in range(20):
            broadcast.push("notifications", n, session_id=None)
        assert [message["data"] for message in tab.hears()] == list(range(20))
        tab.close()


def test_where_no_hub_runs_a_message_is_told_to_nobody(ended: None) -> None:
    assert not hub.running
    broadcast.push("notifications", {}, session_id=None)
    assert hub.waiting == 0
