"""Django's engine for PostgreSQL, with three differences.

Whether a connection still works is read from its socket: to ask the server would cost each request a round trip.

Compiled statements do not go through a cursor (`statements`). Only they are prepared on the server, since the driver
would deallocate all prepared statements, not only its own, after each rollback.

Transactions begin and end with BEGIN and COMMIT, as on SQLite, while the driver stays in autocommit mode: to
switch that off and on again takes two more waits for each.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction

from taiga.base.postgresql.statements import Statements


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine that the settings name."""

    statements: Statements

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        keep = conn_params.get("prepare_threshold") is not None
        connection = super().get_new_connection({**conn_params, "prepare_threshold": None})
        self.statements = Statements(connection, keep=keep)
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            self.statements.command(b"BEGIN")

    def _set_autocommit(self, autocommit: bool) -> None:
        if self.connection.autocommit != autocommit:
            with self.wrap_database_errors:
                self.connection.autocommit = autocommit

    def _commit(self) -> None:
        if self.connection is not None:
            with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
                self.statements.command(b"COMMIT")

    def is_usable(self) -> bool:
        """Whether the server has closed the connection. An idle connection is readable only when it ends."""
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0)
