"""All that differs between SQLite and PostgreSQL, and the one way to write."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import QuerySet

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)
CONFLICTS = frozenset({"40001", "40P01", "23503", "23505"})
"""SQLSTATEs of a transaction that failed because of a concurrent one: serialization failure, deadlock, and the
violation of a foreign key or unique constraint by a row that was deleted or inserted after this transaction had looked.
"""
PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Longest pause, in seconds, before each new attempt of a transaction that met a conflict."""
LOCK_NAMESPACE = 7461
"""The first key of the advisory locks of `one_at_a_time`, which keeps them apart from those of other programs."""
_sqlite_writer = threading.RLock()
_of_this_thread = threading.local()


@cache
def is_postgres() -> bool:
    """Whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def this_connection() -> Any:
    """This thread's connection to the default database.

    Django looks it up in an asgiref local at every use, which costs more than many of the uses.
    """
    try:
        return _of_this_thread.connection
    except AttributeError:
        _of_this_thread.connection = connections[DEFAULT_DB_ALIAS]
        return _of_this_thread.connection


def keep_plans(connection: BaseDatabaseWrapper, **more: Any) -> None:
    """Make PostgreSQL keep the generic plan of a prepared statement, and never compile a plan to machine code.

    For our reads by id it costs more to choose between a generic and a custom plan than to run the query, and the JIT
    compiles at every use a plan that it estimates to be expensive, which takes longer than any of our statements.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan; SET jit = off")


def unclaimed(rows: "QuerySet[M]", **more: Any) -> "QuerySet[M]":
    """The rows that no other worker has locked, locked for this one. SQLite, which has one writer, needs no locks."""
    skips = connection.features.has_select_for_update_skip_locked
    return rows.select_for_update(skip_locked=True, **more) if skips else rows


def declare_sqlite_json() -> None:
    """Tell Django that SQLite has JSON functions.

    Django would test it once for each connection, while a query is compiled, in a transaction that waits for the
    writer: if the writer waits for that query, both wait for each other.
    """
    features: Any = DatabaseWrapper.features_class
    features.supports_json_field = True


def take_stock() -> None:
    """A job that follows a large import: have PostgreSQL update its statistics, and with them its plans.

    SQLite's plans do not depend on how many rows there are.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that may write.

    SQLite has one writer at a time: the threads of this process queue here, in order, instead of polling the file lock.
    Other processes wait in SQLite's busy timeout.
    """
    if is_postgres():
        with transaction.atomic():
            yield
    else:
        with _sqlite_writer, transaction.atomic():
            yield


def is_conflict(problem: Exception) -> bool:
    """Whether a transaction failed because of a concurrent one, so that it is worth another attempt.

    On PostgreSQL a row that was read a moment ago may have been deleted since. On SQLite nobody else writes meanwhile.
    """
    gone = isinstance(problem, ObjectDoesNotExist) and is_postgres()
    return gone or getattr(problem.__cause__, "sqlstate", None) in CONFLICTS


def retry_conflicts(attempt: Callable[[], T], start_over: Callable[[], None] = lambda: None) -> T:
    """What `attempt` returns, which is one transaction. After a conflict it is called again, up to six times.

    `start_over` is called before each new attempt.
    """
    for pause in PAUSES:
        try:
            return attempt()
        except (DatabaseError, ObjectDoesNotExist) as problem:
            if not is_conflict(problem):
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret, but jitter
        start_over()
    return attempt()


def is_unavailable(problem: Exception) -> bool:
    """Whether PostgreSQL cannot be reached or is shutting down. A traceback of such an error is of no use."""
    state = getattr(problem.__cause__, "sqlstate", "")
    return state is None or state.startswith(("08", "57P"))


def one_at_a_time(*matters: str) -> None:
    """Block until no other transaction holds a lock on one of these texts, and hold these locks until this one ends.

    For a check before a write that no constraint can make. SQLite has one writer anyway.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            for matter in sorted(set(matters)):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_NAMESPACE, matter])


@contextmanager
def reading_one_snapshot() -> Iterator[None]:
    """Reads that all see the database as of one moment, without blocking writers. Inside a transaction they see what it
    sees.
    """
    if connection.in_atomic_block:
        yield
    elif is_postgres():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # not IMMEDIATE as in Django: a reader need not wait for the writer
            try:
                yield
            finally:
                cursor.execute("COMMIT")
