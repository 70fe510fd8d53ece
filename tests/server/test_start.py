"""The first start and every later one."""

import threading

import pytest
from django.db import connection
from django.db.migrations import AddField
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED
from pytest_django import Settings

from taiga.server import start


@pytest.mark.django_db
def test_a_database_that_is_up_to_date_is_left_alone() -> None:
    assert start.pending() == 0
    assert start.bring_up_to_date() == 0


@pytest.mark.django_db
def test_the_start_tells_of_a_default_template_that_is_not_there(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)
    start.prepare()
    assert "template" not in caplog.text
    settings.DEFAULT_PROJECT_TEMPLATE = "scrumm"
    start.prepare()
    assert "scrumm" in caplog.text


def test_a_process_of_the_version_before_can_go_on_writing() -> None:
    """It knows nothing of a column that was added, so the database has to know what stands there."""
    added = [
        (str(migration), one.name, one.field)
        for migration in MigrationLoader(None).disk_migrations.values()
        if type(migration).__module__.startswith("taiga.")
        for one in migration.operations
        if isinstance(one, AddField) and migration.name != "0001_initial"
    ]
    assert ("webhooks.0002_after_change", "after_change") in [(migration, name) for migration, name, _ in added]
    assert [
        (migration, name) for migration, name, field in added if not field.null and field.db_default is NOT_PROVIDED
    ] == []


@pytest.mark.django_db(transaction=True)
def test_two_processes_do_not_bring_it_up_to_date_at_once() -> None:
    inside: list[str] = []
    first_is_in, first_may_go = threading.Event(), threading.Event()

    def first() -> None:
        with start.one_process_at_a_time():
            inside.append("first in")
            first_is_in.set()
            first_may_go.wait(20)
            inside.append("first out")
        connection.close()

    def second() -> None:
        with start.one_process_at_a_time():
            inside.append("second in")
        connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert first_is_in.wait(20)
    threads[1].start()
    threads[1].join(0.2)
    first_may_go.set()
    for thread in threads:
        thread.join()
    assert inside == ["first in", "first out", "second in"]
