"""The database that the settings select."""

from pathlib import Path
from typing import Any

import pytest

from taiga.configuration import database, env
from taiga.configuration.env import BadSettings

DATA = Path("/srv/taiga")


def default(**given: str) -> dict[str, Any]:
    return database.databases(env.read({"TAIGA_ENV_FILE": "/dev/null", **given}), DATA)["default"]


def test_without_a_word_it_is_sqlite_in_the_data_folder() -> None:
    chosen = default()
    assert chosen["NAME"] == "/srv/taiga/taiga.sqlite3"
    assert chosen["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in chosen["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in chosen["OPTIONS"]["init_command"]


def test_an_absolute_and_a_relative_sqlite_file_can_be_named() -> None:
    assert default(DATABASE_URL="sqlite:////var/lib/taiga.db")["NAME"] == "/var/lib/taiga.db"
    assert default(DATABASE_URL="sqlite:///here.db")["NAME"] == str(Path("here.db").absolute())


def test_a_postgres_address_is_taken_apart() -> None:
    chosen = default(DATABASE_URL="postgres://ta%40iga:p%2Fw@db.example:6432/tai%20ga?sslmode=require")
    assert {key: chosen[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "tai ga",
        "USER": "ta@iga",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "6432",
    }
    assert chosen["OPTIONS"]["sslmode"] == "require"


def test_a_unix_socket_can_be_named() -> None:
    chosen = default(DATABASE_URL="postgresql://taiga@/taiga?host=/run/postgresql")
    assert (chosen["HOST"], chosen["PORT"]) == ("/run/postgresql", "")


def test_the_containers_names_lead_to_postgres() -> None:
    chosen = default(POSTGRES_HOST="taiga-db", POSTGRES_USER="taiga", POSTGRES_PASSWORD="secret")
    assert (chosen["HOST"], chosen["PORT"], chosen["NAME"]) == ("taiga-db", "5432", "taiga")


def test_a_user_and_a_password_alone_do_not_switch_the_database() -> None:
    assert "sqlite3" in default(POSTGRES_USER="taiga", POSTGRES_PASSWORD="taiga")["ENGINE"]


def test_statements_are_prepared_unless_a_pooler_forbids_it() -> None:
    assert default(POSTGRES_DB="taiga")["OPTIONS"]["prepare_threshold"] == database.PREPARE_AFTER
    assert default(POSTGRES_DB="taiga", POSTGRES_PREPARE="false")["OPTIONS"]["prepare_threshold"] is None


@pytest.mark.parametrize("url", ["mysql://taiga@db/taiga", "taiga.sqlite3", "postgres://taiga@db:port/taiga"])
def test_an_address_that_leads_nowhere_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadSettings, match="DATABASE_URL"):
        default(DATABASE_URL=url)
