"""The database: SQLite in the data folder, or PostgreSQL."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from taiga.configuration.env import BadSettings, Given

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # an acknowledged write survives a power cut
    "temp_store": "MEMORY",
    "cache_size": "-8000",  # kilobytes, for each of the threads
    "mmap_size": str(128 * 1024 * 1024),
}

PREPARE_AFTER = 3
"""Tells psycopg to prepare statements after this many uses. Our engine prepares compiled statements at once, and no
others.
"""


def databases(given: Given, data: Path) -> dict[str, dict[str, Any]]:
    """Django's DATABASES."""
    default = _default(given, data)
    if default["ENGINE"].endswith("postgresql"):
        default["OPTIONS"]["prepare_threshold"] = PREPARE_AFTER if given.flag("POSTGRES_PREPARE") else None
    return {"default": default}


def _default(given: Given, data: Path) -> dict[str, Any]:
    url = urlsplit(given.text("DATABASE_URL"))
    if url.scheme in ("postgres", "postgresql"):
        return _postgres_of(url)
    if url.scheme in ("sqlite", "sqlite3"):
        return _sqlite(Path(unquote(url.path).removeprefix("/")).absolute())
    if url.scheme or url.path:
        raise BadSettings(
            "DATABASE_URL: begin with postgres:// (postgres://user:password@host:port/name) or sqlite:/// (sqlite:///path)."
        )
    if given.text("POSTGRES_HOST") or given.text("POSTGRES_DB"):
        return _postgres(
            name=given.text("POSTGRES_DB") or "taiga",
            user=given.text("POSTGRES_USER"),
            password=given.text("POSTGRES_PASSWORD"),
            host=given.text("POSTGRES_HOST") or "localhost",
            port=str(given.number("POSTGRES_PORT")),
        )
    return _sqlite(data / "taiga.sqlite3")


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "".join(f"PRAGMA {name}={value};" for name, value in SQLITE_PRAGMAS.items()),
        },
    }


def _postgres_of(url: SplitResult) -> dict[str, Any]:
    try:
        port = str(url.port or "")
    except ValueError as problem:
        raise BadSettings("DATABASE_URL: the port is no number from 1 to 65535.") from problem
    options = dict(parse_qsl(url.query))
    return _postgres(
        name=unquote(url.path.removeprefix("/")) or "taiga",
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        host=unquote(options.pop("host", "") or url.hostname or ""),
        port=options.pop("port", port),
        **options,
    )


def _postgres(*, name: str, user: str, password: str, host: str, port: str, **options: str) -> dict[str, Any]:
    return {
        "ENGINE": "taiga.base.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # PgBouncer in transaction mode forgets cursors
        "OPTIONS": {"connect_timeout": 10, "application_name": "taiga", **options},
    }
