"""Statements that the server keeps ready for one connection, and the shortest way to their rows.

A cursor of the driver costs the processor more than the server needs for a row by its key; what it does besides
(streams, pipelines, several results) a compiled statement never uses. So these go through the calls of PostgreSQL's own
library, which the driver hands out, and the driver's adapters read and write the values. Decision 0018.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.types.string import TextLoader

MOST_KEPT = 250
"""Prepared statements of one connection; the one that was not used for the longest goes."""
PLACE = re.compile(r"%(%|s)")

Row = tuple[Any, ...]


class DatesAsTexts:
    """How a connection reads and writes values, but for moments and dates: they stay as PostgreSQL writes them."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.adapters = AdaptersMap(connection.adapters)
        for name in ("timestamptz", "date"):
            self.adapters.register_loader(name, TextLoader)


class Statements:
    """The statements of one connection; like it they belong to one thread.

    `keep` says whether the server may be told to keep them: a pooler may send the next one elsewhere.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, keep: bool) -> None:
        self._server = connection.pgconn
        self._keep = keep
        self._names: OrderedDict[tuple[bytes, tuple[int, ...]], bytes] = OrderedDict()
        self._count = 0
        self._values = Transformer(connection)
        self._texts = Transformer(DatesAsTexts(connection))

    def rows(self, sql: str, params: Sequence[Any], *, dates_as_texts: bool = False) -> list[Row]:
        """What a statement returns; it has to return rows. Raises the driver's errors, as a cursor would."""
        adapt = self._texts if dates_as_texts else self._values
        given: Any = adapt.dump_sequence(params, [PyFormat.AUTO] * len(params))
        text, types = numbered(sql), adapt.types or ()
        if self._keep:
            result = self._server.exec_prepared(self._name(text, types), given, adapt.formats)
        else:
            result = self._server.exec_params(text, given, types, adapt.formats)
        self._ensure(result, ExecStatus.TUPLES_OK)
        adapt.set_pgresult(result)
        try:
            return adapt.load_rows(0, result.ntuples, tuple)
        finally:
            adapt.set_pgresult(None)

    def command(self, text: bytes) -> None:
        """Run what returns no rows."""
        self._ensure(self._server.exec_(text), ExecStatus.COMMAND_OK)

    def _name(self, text: bytes, types: tuple[int, ...]) -> bytes:
        """The name under which the server keeps a statement."""
        name = self._names.get((text, types))
        if name is not None:
            self._names.move_to_end((text, types))
            return name
        if len(self._names) >= MOST_KEPT:
            _, oldest = self._names.popitem(last=False)
            self._ensure(self._server.close_prepared(oldest), ExecStatus.COMMAND_OK)
        self._count += 1
        name = b"taiga_%d" % self._count
        self._ensure(self._server.prepare(name, text, types), ExecStatus.COMMAND_OK)
        self._names[text, types] = name
        return name

    def _ensure(self, result: Any, expected: ExecStatus) -> None:
        if result.status == expected:
            return
        if self._server.status == ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message())
        raise error_from_result(result)


def numbered(sql: str) -> bytes:
    """The statement with PostgreSQL's own marks for parameters."""
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
