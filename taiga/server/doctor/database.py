"""The database: whether it can be reached, is durable, has the newest tables, and agrees on the time."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from psycopg.pq import ExecStatus

import taiga
from taiga.server import start
from taiga.server.doctor.finding import Finding, fail, ok, warn

OLDEST_POSTGRES = 130000
CLOCKS_APART = 5
"""Seconds by which the clocks of two machines may differ before expiry and order of things suffer."""


def findings() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        reason = str(problem).strip().splitlines()[0]
        yield fail(
            "database",
            f"can't be reached: {reason}",
            "Look at DATABASE_URL or the POSTGRES_… settings, and whether it runs.",
        )
        return
    yield _postgres() if connection.vendor == "postgresql" else _sqlite()
    if connection.vendor == "postgresql" and not keeps_what_is_prepared():
        yield fail(
            "pooler",
            "it loses prepared statements: requests fail now and then",
            "Set POSTGRES_PREPARE=false, or have the pooler follow them (PgBouncer 1.21: max_prepared_statements).",
        )
    yield _clock()
    pending = start.pending()
    if pending:
        yield fail("tables", f"{pending} migrations are missing", "bin/taiga migrate (or start bin/taiga serve once)")
        return
    yield ok("tables", "up to date")
    if not get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        yield warn("people", "there is no superuser", "bin/taiga createsuperuser")
    if start.lacks_default_template():
        seen = f"there is no project template {settings.DEFAULT_PROJECT_TEMPLATE}: projects that name none are refused"
        yield warn("templates", seen, "Set DEFAULT_PROJECT_TEMPLATE to the slug of one of /api/v1/project-templates.")


def _asked(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def _sqlite() -> Finding:
    mode = _asked("PRAGMA journal_mode")
    if mode != "wal":
        remedy = "Move TAIGA_DATA to a local disk: network file systems can't share SQLite's memory."
        return fail("database", f"SQLite keeps its journal as {mode}, not as WAL", remedy)
    return ok("database", f"SQLite {_asked('SELECT sqlite_version()')} with a write-ahead log")


def _postgres() -> Finding:
    version = _asked("SHOW server_version")
    if int(_asked("SHOW server_version_num")) < OLDEST_POSTGRES:
        return fail("database", f"PostgreSQL {version} is too old", "Use PostgreSQL 13 or newer.")
    if _asked("SHOW server_encoding") != "UTF8":
        return fail("database", "it can't hold every script", "Make the database with ENCODING 'UTF8'.")
    if _asked("SHOW fsync") != "on":
        return warn(
            "database", "PostgreSQL runs without fsync: a power cut loses data", "Set fsync = on in postgresql.conf."
        )
    return ok("database", f"PostgreSQL {version}")


def keeps_what_is_prepared() -> bool:
    """Whether a statement that was prepared on a connection still exists after another connection has used the pooler.

    True if statements are not to be prepared.
    """
    parameters = connection.get_connection_params()
    if parameters.get("prepare_threshold") is None:
        return True
    with (
        psycopg.connect(**parameters, autocommit=True) as mine,
        psycopg.connect(**parameters, autocommit=True) as other,
    ):
        mine.pgconn.prepare(b"taiga_doctor", b"SELECT 1", ())
        other.execute("BEGIN")
        other.execute("SELECT 1")
        found = mine.pgconn.exec_prepared(b"taiga_doctor", None)
    return found.status == ExecStatus.TUPLES_OK


def _clock() -> Finding:
    now = time.time()
    if now < Path(taiga.__file__).stat().st_mtime - 86_400:
        return fail("clock", "it is earlier than the program's own files", "Set the clock, and keep it with NTP.")
    if connection.vendor == "postgresql":
        apart = abs(float(_asked("SELECT extract(epoch FROM clock_timestamp())")) - now)
        if apart > CLOCKS_APART:
            return warn("clock", f"{apart:.0f} s apart from the database's", "Keep both machines' clocks with NTP.")
    return ok("clock", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))
