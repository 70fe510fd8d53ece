"""Prepared statements of one connection, executed with libpq's functions.

A cursor of the driver costs more time than the server needs for a row by its key, since it supports what a compiled
statement never uses (streams, pipelines, several results). These go through the calls of libpq that the driver exposes;
its adapters convert the values. See decision 0018.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.types.string import TextLoader

MOST_KEPT = 250
"""Prepared statements of one connection; the least recently used is deallocated."""
PLACE = re.compile(r"%(%|s)")

Row = tuple[Any, ...]
Asked = tuple[str, tuple[int, ...]]
"""SQL, and the types of its parameters."""


class Moment(Loader):
    """A date and time from its text, without the driver's regular expression."""

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(bytes(data).decode())


class Adapted:
    """The adapters of a connection, with other loaders for some types."""

    def __init__(self, connection: psycopg.Connection[Any], loaders: Mapping[str, type[Loader]]) -> None:
        self.connection = connection
        self.adapters = AdaptersMap(connection.adapters)
        for name, loader in loaders.items():
            self.adapters.register_loader(name, loader)


class Statements:
    """The statements of one connection; like it they belong to one thread.

    `keep` says whether they may be prepared on the server: a pooler may send the next one to another server process.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, keep: bool) -> None:
        self._server = connection.pgconn
        self._keep = keep
        self._names: OrderedDict[Asked, bytes] = OrderedDict()
        self._count = 0
        self._values = Transformer(Adapted(connection, {"timestamptz": Moment}))
        self._texts = Transformer(Adapted(connection, {"timestamptz": TextLoader, "date": TextLoader}))

    def rows(self, sql: str, params: Sequence[Any], *, dates_as_texts: bool = False) -> list[Row]:
        """The rows of a statement, which has to return rows. Raises the driver's errors, as a cursor would."""
        adapt = self._texts if dates_as_texts else self._values
        given: Any = adapt.dump_sequence(params, [PyFormat.AUTO] * len(params))
        types = adapt.types or ()
        if self._keep:
            result = self._server.exec_prepared(self._name((sql, types)), given, adapt.formats)
        else:
            result = self._server.exec_params(numbered(sql), given, types, adapt.formats)
        if result.status != ExecStatus.TUPLES_OK:
            raise self._problem(result)
        adapt.set_pgresult(result)
        try:
            return adapt.load_rows(0, result.ntuples, tuple)
        finally:
            adapt.set_pgresult(None)

    def command(self, text: bytes) -> None:
        """Execute a statement that returns no rows."""
        self._ensure_done(self._server.exec_(text))

    def _name(self, asked: Asked) -> bytes:
        """The name of a prepared statement; it is prepared if it has none."""
        name = self._names.get(asked)
        if name is None:
            return self._named(asked)
        self._names.move_to_end(asked)
        return name

    def _named(self, asked: Asked) -> bytes:
        """Prepare one more statement."""
        if len(self._names) >= MOST_KEPT:
            _, oldest = self._names.popitem(last=False)
            self._ensure_done(self._server.close_prepared(oldest))
        self._count += 1
        name = b"taiga_%d" % self._count
        sql, types = asked
        self._ensure_done(self._server.prepare(name, numbered(sql), types))
        self._names[asked] = name
        return name

    def _ensure_done(self, result: PGresult) -> None:
        if result.status != ExecStatus.COMMAND_OK:
            raise self._problem(result)

    def _problem(self, result: PGresult) -> psycopg.Error:
        """The driver's error for a result that is a failure."""
        if self._server.status == ConnStatus.BAD:
            return psycopg.OperationalError(result.get_error_message())
        return error_from_result(result)


def numbered(sql: str) -> bytes:
    """The SQL with PostgreSQL's numbered parameters (`$1`)."""
    text = NUMBERED.get(sql)
    if text is None:
        count = 0

        def mark(place: re.Match[str]) -> str:
            nonlocal count
            if place[1] == "%":
                return "%"
            count += 1
            return f"${count}"

        text = NUMBERED[sql] = PLACE.sub(mark, sql).encode()
    return text


NUMBERED: dict[str, bytes] = {}
