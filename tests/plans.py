"""How SQLite finds the rows of a request: which tables it would walk through, however large they are.

Its plans do not depend on how much there is. PostgreSQL's do, and in the tests' small tables it reads everything.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

NAMED = r'"(\w+)" (?:AS )?"?{alias}"?\b'
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole")


def walked(action: Callable[[], Any]) -> set[str]:
    """The tables that statements of an action would read from one end to the other, in whatever order."""
    with noted() as statements:
        action()
    return {table for sql, params in statements for table in scanned(sql, steps(sql, params))}


@contextmanager
def noted() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are executed meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many and sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def steps(sql: str, params: Any) -> list[str]:
    """What is done for a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return [row[3] for row in cursor.fetchall()]


def scanned(sql: str, done: list[str]) -> Iterator[str]:
    """The tables of which each row is looked at; the plan names them as the statement does."""
    for step in done:
        scan = re.match(r"SCAN (\w+)", step)
        if scan:
            named = re.search(NAMED.format(alias=scan[1]), sql)
            yield named[1] if named else scan[1]
