"""PostgreSQL's settings for plans, and the helpers of the tests for plans."""

import pytest
from django.db import connection

from taiga.base.database import is_postgres, keep_plans
from taiga.projects.models import UserStory, WorkItem
from tests.plans import on_sqlite, walked

pytestmark = pytest.mark.django_db


@pytest.mark.skipif("not is_postgres()", reason="SQLite keeps no plans")
def test_a_connection_keeps_plans_and_makes_no_machine_code_of_them() -> None:
    connection.ensure_connection()
    assert is_postgres()
    try:
        keep_plans(connection)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('plan_cache_mode'), current_setting('jit')")
            assert cursor.fetchone() == ("force_generic_plan", "off")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET plan_cache_mode; RESET jit")


@on_sqlite
def test_a_table_that_is_read_whole_is_seen() -> None:
    assert walked(lambda: list(WorkItem.objects.filter(subject="x"))) == {"projects_workitem"}
    assert walked(lambda: list(WorkItem.objects.filter(pk=1))) == set()
    assert walked(lambda: list(UserStory.objects.filter(is_closed=True).order_by("-id")[:3])) == {"projects_workitem"}
