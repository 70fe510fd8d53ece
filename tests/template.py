"""One migrated database that every test process copies, since making the tables takes longer than most tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg

SQLITE, POSTGRES = "TAIGA_TEST_SQLITE_TEMPLATE", "TAIGA_TEST_POSTGRES_TEMPLATE"
NAME = "taiga_template"


def of_sqlite(folder: str) -> dict[str, str]:
    """What test processes are told, once the template is there."""
    _migrate({"TAIGA_DATA": folder})
    return {SQLITE: f"{folder}/taiga.sqlite3"}


def of_postgres(url: str) -> dict[str, str]:
    """Migrates the database, and copies it to one that nobody connects to: only such a one can be copied."""
    _migrate({"DATABASE_URL": url})
    host = url.rpartition("host=")[2]
    with psycopg.connect(host=host, user="taiga", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME} TEMPLATE taiga")
    return {POSTGRES: NAME}


def _migrate(given: dict[str, str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    settings = {
        "TAIGA_ENV_FILE": os.devnull,
        "TAIGA_SECRET_KEY": "of no matter for tables",
        "TAIGA_LOG_LEVEL": "warning",
    }
    subprocess.run(
        [sys.executable, "-m", "taiga", "migrate"],
        env=environment | settings | given,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def copy_to(target: Path) -> bool:
    """For a process with SQLite; without a template it makes its own tables."""
    if SQLITE not in os.environ:
        return False
    shutil.copyfile(os.environ[SQLITE], target)
    return True
