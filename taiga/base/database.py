"""All that differs between SQLite and PostgreSQL, and the one way to write."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_sqlite_writer = threading.RLock()


def is_postgres() -> bool:
    """Whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


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
