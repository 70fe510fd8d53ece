"""Whether a connection still works is seen at its socket: asking the server would cost each request a round trip."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine that the settings name."""

    def is_usable(self) -> bool:
        """Whether the server has not hung up. While it is not asked anything it says nothing, except that it leaves."""
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0)
