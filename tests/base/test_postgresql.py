"""What our engine for PostgreSQL does otherwise than Django's: it notices connections that the server has closed before
they are used, and compiled statements go past the cursor.
"""

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, transaction

from taiga.base.database import is_postgres
from taiga.base.postgresql import statements
from taiga.base.prepared import run

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not is_postgres(), reason="the database is not PostgreSQL"),
]
PREPARED = "SELECT name FROM pg_prepared_statements WHERE name LIKE 'taiga_%%' AND 1 = %s"


@pytest.fixture
def other() -> Iterator[Any]:
    """A connection of its own."""
    other = connection.copy()
    other.connect()
    yield other
    other.close()


def test_a_connection_that_the_server_ended_is_not_usable(other: Any) -> None:
    assert not connection.copy().is_usable()
    assert other.is_usable()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [other.connection.info.backend_pid])
    ends = time.monotonic() + 5
    while other.is_usable() and time.monotonic() < ends:
        time.sleep(0.01)
    assert not other.is_usable()


def test_values_are_read_and_written_as_by_a_cursor() -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    asked = "SELECT %s::bigint, %s::text, %s::text[], %s::timestamptz, NULL, '50%%'"
    given: list[Any] = [2**40, "naïve %s", ["a", "b,{}"], moment]
    with connection.cursor() as cursor:
        cursor.execute(asked, given)
        assert run(asked, given) == cursor.fetchall()
    assert run("SELECT %s::timestamptz::date", [moment], dates_as_texts=True) == [("2026-01-02",)]


def test_what_is_prepared_outlives_a_rollback(other: Any) -> None:
    for number in range(3):
        other.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        assert other.statements.rows("SELECT %s::int", [number]) == [(number,)]
        other.rollback()
        other.set_autocommit(True)
    assert len(other.statements.rows(PREPARED, [1])) == 2


def test_the_statement_that_was_not_used_for_the_longest_goes(other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MOST_KEPT", 3)
    for number in (1, 2, 3, 1, 4, 5, 1):
        assert other.statements.rows(f"SELECT {number} + %s", [0]) == [(number,)]
    assert len(other.statements.rows(PREPARED, [1])) == 3


def test_behind_a_pooler_nothing_is_prepared(other: Any) -> None:
    unkept = statements.Statements(other.connection, keep=False)
    assert unkept.rows("SELECT %s::text", ["once"]) == [("once",)]
    assert unkept.rows(PREPARED, [1]) == []


def test_errors_are_those_of_django() -> None:
    with pytest.raises(DataError, match="division by zero"), transaction.atomic():
        run("SELECT 1 / %s", [0])
    with pytest.raises(DataError, match="NUL"), transaction.atomic():
        run("SELECT %s::text", ["\0"])
    assert run("SELECT 1 / %s", [1]) == [(1,)]


def test_a_server_that_hangs_up_is_an_operational_error(other: Any) -> None:
    with pytest.raises(OperationalError), other.wrap_database_errors:
        other.statements.rows("SELECT pg_terminate_backend(pg_backend_pid())", [])
    assert not other.is_usable()


def test_other_threads_run_while_a_statement_waits(other: Any) -> None:
    waits = threading.Thread(target=other.statements.rows, args=("SELECT pg_sleep(0.3)::text", []))
    waits.start()
    turns = 0
    while waits.is_alive():
        time.sleep(0.01)
        turns += 1
    assert turns > 5


def test_only_what_returns_rows_is_taken(other: Any) -> None:
    with pytest.raises(psycopg.Error):
        other.statements.rows("SET LOCAL work_mem = '4MB'", [])
