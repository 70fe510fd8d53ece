"""The sessions of the admin site."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """In the database; a cookie with a NUL, which PostgreSQL would not even look for, names no session."""

    def _validate_session_key(self, key: Any) -> bool:
        return bool(super()._validate_session_key(key)) and "\0" not in key  # type: ignore[misc]
