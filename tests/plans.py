"""How a database would find the rows of a request if its tables were large: which of them it would walk through.

In the tests' small tables PostgreSQL would read everything anyway, so it plans as if that were very dear.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from taiga.base.database import is_postgres

Plan = dict[str, Any]
NAMED = r'"(\w+)" (?:AS )?"?{alias}"?\b'


def walked(action: Callable[[], Any]) -> set[str]:
    """The tables that statements of an action would read from one end to the other, in whatever order."""
    with noted() as statements:
        action()
    return {table for sql, params in statements for table in tables_walked(sql, params)}


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
    """What SQLite would do for a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return [row[3] for row in cursor.fetchall()]


def tables_walked(sql: str, params: Any) -> Iterator[str]:
    """The same for one statement."""
    if not is_postgres():
        yield from scanned(sql, steps(sql, params))
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
        cursor.execute("SET LOCAL enable_seqscan = on")
    [top] = json.loads(found) if isinstance(found, str) else found
    yield from read_whole(top["Plan"])


def scanned(sql: str, done: list[str]) -> Iterator[str]:
    """What SQLite calls a scan; it names a table as the statement does."""
    for step in done:
        scan = re.match(r"SCAN (\w+)", step)
        if scan:
            named = re.search(NAMED.format(alias=scan[1]), sql)
            yield named[1] if named else scan[1]


def read_whole(plan: Plan) -> Iterator[str]:
    """The tables that PostgreSQL would read without having looked into an index for something."""
    if "Relation Name" in plan and not {"Index Cond", "Recheck Cond"} & plan.keys():
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from read_whole(part)
