"""The bus between processes, and whether websockets pass the proxy."""

import http.client
import ssl
from collections.abc import Iterator

import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, connection

from taiga.server.doctor.finding import Finding, fail, ok, warn

TIMEOUT = 5
"""Seconds."""
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
NGINX = """Behind nginx, the place of the live channel needs:
    location {path} {{
        proxy_pass http://127.0.0.1:8000;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_set_header Host $http_host;
        proxy_read_timeout 7d;
    }}"""


def bus() -> Iterator[Finding]:
    if settings.REDIS_URL:
        yield _redis()
    elif connection.vendor == "postgresql":
        yield _notifications()
    else:
        yield ok("bus", "memory of the one process")


def _redis() -> Finding:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) as client:
            client.ping()
    except (redis.RedisError, ValueError) as problem:
        return fail(
            "bus", f"Redis can't be reached ({type(problem).__name__})", "Look at REDIS_URL, and whether it runs."
        )
    return ok("bus", "Redis")


def _notifications() -> Finding:
    """Whether LISTEN works: a pooler in transaction mode drops it silently."""
    remedy = "LISTEN does not pass a pooler in transaction mode: lead EVENTS_DATABASE_URL around it, or set REDIS_URL."
    try:
        connection.ensure_connection()
        direct = settings.EVENTS_DATABASE_URL
        parameters = {} if direct else connection.get_connection_params()
        with psycopg.connect(direct, **parameters, autocommit=True) as listener:
            listener.execute("LISTEN taiga_doctor")
            with connection.cursor() as cursor:
                cursor.execute("NOTIFY taiga_doctor")
            heard = list(listener.notifies(timeout=TIMEOUT, stop_after=1))
    except (DatabaseError, psycopg.Error) as problem:
        return fail("bus", f"PostgreSQL's notifications fail ({type(problem).__name__})", remedy)
    return (
        ok("bus", "PostgreSQL's notifications") if heard else fail("bus", "PostgreSQL's notifications are lost", remedy)
    )


def live_channel() -> Iterator[Finding]:
    """Open a websocket at the address that browsers use, if the operator has set it."""
    if not settings.GIVEN.text("TAIGA_SITES_DOMAIN"):
        yield ok("live channel", "no proxy is named (TAIGA_SITES_DOMAIN); nothing to try")
        return
    path = f"{settings.TAIGA_SUBPATH}/events"
    where = f"{settings.TAIGA_ORIGIN}{path}"
    try:
        status = _handshake_status(path)
    except (OSError, http.client.HTTPException) as problem:
        remedy = (
            "Start bin/taiga serve and the proxy, then ask again; a firewall may keep this machine from its own name."
        )
        yield warn("live channel", f"{where} does not answer ({problem})", remedy)
        return
    if status == http.HTTPStatus.SWITCHING_PROTOCOLS:
        yield ok("live channel", f"{where} opens")
    else:
        yield fail("live channel", f"{where} answers {status} in place of 101", NGINX.format(path=path))


def _handshake_status(path: str) -> int:
    """The status of the answer to a websocket handshake."""
    domain = settings.TAIGA_SITES_DOMAIN
    http_connection: http.client.HTTPConnection
    if settings.TAIGA_SITES_SCHEME == "https":
        http_connection = http.client.HTTPSConnection(domain, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        http_connection = http.client.HTTPConnection(domain, timeout=TIMEOUT)
    try:
        http_connection.request("GET", path, headers=HANDSHAKE)
        return http_connection.getresponse().status
    finally:
        http_connection.close()
