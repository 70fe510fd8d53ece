"""Connections that the server has closed are noticed before they are used."""

import time

import pytest
from django.db import connection

from taiga.base.database import is_postgres


@pytest.mark.django_db
@pytest.mark.skipif(not is_postgres(), reason="the database is not PostgreSQL")
def test_a_connection_that_the_server_ended_is_not_usable() -> None:
    other = connection.copy()
    assert not other.is_usable()
    other.connect()
    try:
        assert other.is_usable()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [other.connection.info.backend_pid])
        ends = time.monotonic() + 5
        while other.is_usable() and time.monotonic() < ends:
            time.sleep(0.01)
        assert not other.is_usable()
    finally:
        other.close()
