"""The first start and every later one."""

import threading
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.migrations import AddField
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED
from pytest_django import Settings

from taiga.base.database import is_postgres
from taiga.projects.search_index import INDEXES
from taiga.server import start
from tests.server.served import PATIENCE, Database, database, taiga, wait_for


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


@pytest.mark.skipif(not is_postgres(), reason="SQLite has one writer at a time")
def test_an_upgrade_does_not_deadlock_with_writers(tmp_path: Path) -> None:
    """A writer that has locked a project and goes on to its items must not deadlock with an upgrade."""
    with database(tmp_path) as base:
        base.execute(
            *(f"DROP TABLE {index.name}" for index in INDEXES),
            *(f"DROP FUNCTION {index.name}_keep CASCADE" for index in INDEXES),
            "DELETE FROM django_migrations WHERE name = '0005_search_beside'",
        )
        with psycopg.connect(base.url) as writer:
            writer.execute("SELECT FROM projects_project FOR UPDATE")
            upgrade = taiga("migrate", TAIGA_DATA=str(tmp_path), **base.settings)
            wait_for(lambda: is_waiting(base))
            writer.execute("SET lock_timeout = '5s'")
            writer.execute("SELECT FROM projects_workitem FOR UPDATE")
        said, log = upgrade.communicate(timeout=PATIENCE)
        assert said == "1 migrations applied\n", log


def is_waiting(base: Database) -> bool:
    """Whether a session waits for a lock on a table of the database."""
    with psycopg.connect(base.url) as connection:
        found = connection.execute("SELECT FROM pg_locks WHERE relation IS NOT NULL AND NOT granted").fetchall()
    return bool(found)


@pytest.mark.django_db
def test_an_upgrade_that_meets_a_conflict_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[str] = []

    def conflict_once(command: str, **_options: object) -> None:
        attempts.append(command)
        if len(attempts) == 1:
            raise OperationalError from psycopg.errors.DeadlockDetected()

    monkeypatch.setattr(start, "pending", lambda: 1)
    monkeypatch.setattr(start, "call_command", conflict_once)
    assert start.bring_up_to_date() == 1
    assert attempts == ["migrate", "migrate"]


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
