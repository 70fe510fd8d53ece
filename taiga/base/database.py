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
OVERTAKEN = frozenset({"40001", "40P01", "23503", "23505"})
"""What PostgreSQL says of a transaction in whose way another one was: they waited for each other, or it took away, or
brought, a row after this one had looked.
"""
PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds, at most, before a transaction that was overtaken is tried once more."""
PASSING = 7461
"""Sets the locks of `one_at_a_time` apart from those of other programs."""
_sqlite_writer = threading.RLock()
_of_this_thread = threading.local()


@cache
def is_postgres() -> bool:
    """Whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def here() -> Any:
    """This thread's connection to the default database. Django looks for it anew at each use, which costs more than
    many a use does.
    """
    try:
        return _of_this_thread.connection
    except AttributeError:
        _of_this_thread.connection = connections[DEFAULT_DB_ALIAS]
        return _of_this_thread.connection


def plan_once(connection: BaseDatabaseWrapper, **more: Any) -> None:
    """Let PostgreSQL keep the plan of a prepared statement, instead of weighing at each use whether to make another:
    for our reads by ids that costs more than the read. Nor shall it make machine code of a plan, which it does for each
    use of one that it thinks costly: that takes longer than any of our statements does.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan; SET jit = off")


def unclaimed(rows: "QuerySet[M]", **more: Any) -> "QuerySet[M]":
    """Rows that no other worker has locked, locked for this one; SQLite has but one writer."""
    skips = connection.features.has_select_for_update_skip_locked
    return rows.select_for_update(skip_locked=True, **more) if skips else rows


def know_sqlite() -> None:
    """SQLite's JSON functions are there. Django would ask each connection, in a transaction that waits for the writer,
    while a query is compiled; and if the writer waits for that query, they wait for each other.
    """
    features: Any = DatabaseWrapper.features_class
    features.supports_json_field = True


def take_stock() -> None:
    """A job, when much has come in at once: PostgreSQL counts what it holds, and plans anew what it had planned for
    less. SQLite plans for neither.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that may write.

    SQLite has one writer at a time: the threads of this process queue for it here, in order, instead of polling the
    file lock; other processes are met by the busy timeout.
    """
    if is_postgres():
        with transaction.atomic():
            yield
    else:
        with _sqlite_writer, transaction.atomic():
            yield


def was_overtaken(problem: Exception) -> bool:
    """Whether a transaction failed because of another one: tried anew it succeeds, or what it finds can be told.

    A row that was there a moment ago may be gone, too. On SQLite nobody else writes meanwhile.
    """
    gone = isinstance(problem, ObjectDoesNotExist) and is_postgres()
    return gone or getattr(problem.__cause__, "sqlstate", None) in OVERTAKEN


def until_not_overtaken(attempt: Callable[[], T], begin_anew: Callable[[], None] = lambda: None) -> T:
    """What `attempt`, a transaction, returns; it is made again as long as another one is in its way, a few times."""
    for pause in PAUSES:
        try:
            return attempt()
        except (DatabaseError, ObjectDoesNotExist) as problem:
            if not was_overtaken(problem):
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret: so that two do not meet again
        begin_anew()
    return attempt()


def is_out_of_reach(problem: Exception) -> bool:
    """Whether PostgreSQL cannot be reached, or leaves: where that was noticed tells nothing more."""
    state = getattr(problem.__cause__, "sqlstate", "")
    return state is None or state.startswith(("08", "57P"))


def one_at_a_time(*matters: str) -> None:
    """Let no other transaction pass here with one of these texts until this one ends: for what is looked for before it
    is written, where no constraint keeps a second one out. SQLite has one writer anyway.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            for matter in sorted(set(matters)):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PASSING, matter])


@contextmanager
def unchanging() -> Iterator[None]:
    """Reads that all see the same moment, whoever writes meanwhile; inside a transaction they see what it sees."""
    if connection.in_atomic_block:
        yield
    elif is_postgres():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # not IMMEDIATE, as Django's own would be: nobody has to wait for it
            try:
                yield
            finally:
                cursor.execute("COMMIT")
