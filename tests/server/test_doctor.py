"""What the doctor finds, and the remedies that it suggests."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.core.management import call_command
from django.db import OperationalError, connection
from pytest_django import Settings

from taiga.base.database import is_postgres
from taiga.configuration import env
from taiga.configuration.mail import SHORT
from taiga.server import doctor
from taiga.server.doctor import database, files, finding, mail, network
from taiga.server.doctor import settings as settings_examined
from taiga.server.doctor.finding import Finding
from tests.ports import free_port


def verdicts(found: Iterator[Finding]) -> dict[str, str]:
    return {one.subject: one.verdict for one in found}


def test_a_finding_is_one_line_and_its_remedy_below_it() -> None:
    assert str(finding.ok("clock", "right")) == "OK    clock: right"
    assert str(finding.fail("mail", "lost", "one\ntwo")) == "FAIL  mail: lost\n        one\n        two"


@pytest.mark.django_db(transaction=True)
def test_a_sound_install_has_no_failure(settings: Settings) -> None:
    settings.TAIGA_WARNINGS = []
    found = list(doctor.examine())
    assert [one for one in found if one.verdict == "FAIL"] == []
    assert {"settings", "secret key", "data folder", "database", "tables", "clock", "bus", "mail", "live channel"} <= {
        one.subject for one in found
    }


@pytest.mark.parametrize("key", ["taiga-secret-key", "short", "a" * 60])
def test_a_secret_that_can_be_guessed_is_a_failure(settings: Settings, key: str) -> None:
    settings.SECRET_KEY = key
    assert verdicts(settings_examined.findings())["secret key"] == "FAIL"


def test_a_secret_that_others_can_read_is_a_failure(settings: Settings, tmp_path: Path) -> None:
    settings.TAIGA_DATA = tmp_path
    (tmp_path / "secret_key").write_text("x")
    (tmp_path / "secret_key").chmod(0o644)
    assert [one.remedy for one in settings_examined.findings() if one.verdict == "FAIL"] == [
        f"chmod 600 {tmp_path / 'secret_key'}"
    ]


def test_an_unknown_setting_is_a_warning(settings: Settings) -> None:
    settings.TAIGA_WARNINGS = ["TAIGA_TROTTLE: no such setting."]
    assert verdicts(settings_examined.findings())["settings"] == "WARN"


def test_a_data_folder_that_cannot_be_written_is_a_failure(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.TAIGA_DATA = tmp_path / "file" / "data"
    assert verdicts(files.findings()) == {"data folder": "FAIL"}


def test_a_full_disk_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FULL", 10**12)
    assert verdicts(files.findings())["data folder"] == "FAIL"


class Bucket:
    """A store that accepts files, unless its key may not write."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self.held: set[str] = set()

    def save(self, name: str, _content: Any) -> str:
        if self.closed:
            raise PermissionError("AccessDenied\nwhen calling PutObject")
        self.held.add(name)
        return name

    def delete(self, name: str) -> None:
        self.held.remove(name)


@pytest.mark.parametrize(("closed", "verdict"), [(False, "OK"), (True, "FAIL")])
def test_a_bucket_is_tried(settings: Settings, monkeypatch: pytest.MonkeyPatch, closed: bool, verdict: str) -> None:
    settings.TAIGA_STORAGE_URL = "s3://bucket"
    bucket = Bucket(closed=closed)
    monkeypatch.setattr(files, "default_storage", bucket)
    found = {one.subject: one for one in files.findings()}["bucket"]
    assert (found.verdict, "AccessDenied when calling PutObject" in found.seen) == (verdict, closed)
    assert bucket.held == set()


def test_a_folder_is_not_tried_as_a_bucket() -> None:
    assert "bucket" not in verdicts(files.findings())


def test_a_front_without_a_page_is_a_failure(settings: Settings, tmp_path: Path) -> None:
    settings.TAIGA_FRONT_DIR = tmp_path
    assert verdicts(files.findings())["front"] == "FAIL"


@pytest.mark.django_db(transaction=True)
def test_missing_tables_are_a_failure() -> None:
    call_command("migrate", "sessions", "zero", verbosity=0)
    try:
        assert verdicts(database.findings())["tables"] == "FAIL"
    finally:
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_an_install_without_a_superuser_is_a_warning() -> None:
    assert verdicts(database.findings())["people"] == "WARN"


@pytest.mark.django_db
def test_a_default_template_that_is_not_there_is_a_warning(settings: Settings) -> None:
    assert "templates" not in verdicts(database.findings())
    settings.DEFAULT_PROJECT_TEMPLATE = "scrumm"
    assert verdicts(database.findings())["templates"] == "WARN"


@pytest.mark.django_db
@pytest.mark.skipif(not is_postgres(), reason="the database is not PostgreSQL")
def test_a_pooler_that_loses_prepared_statements_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "pooler" not in verdicts(database.findings())
    prepare = {**connection.settings_dict["OPTIONS"], "prepare_threshold": 3}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", prepare)
    assert database.keeps_what_is_prepared()
    monkeypatch.setattr(database, "keeps_what_is_prepared", lambda: False)
    assert verdicts(database.findings())["pooler"] == "FAIL"


def test_a_database_that_does_not_answer_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused\nDETAIL: …")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    (only,) = database.findings()
    assert (only.verdict, only.seen) == ("FAIL", "can't be reached: connection refused")


@pytest.fixture
def smtp(settings: Settings) -> Iterator[Settings]:
    receiver = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    receiver.start()
    settings.EMAIL_BACKEND = SHORT["smtp"]
    settings.EMAIL_HOST, settings.EMAIL_PORT = receiver.hostname, receiver.port
    yield settings
    receiver.stop()


def test_a_mail_server_that_answers_is_well(smtp: Settings) -> None:
    assert verdicts(mail.findings()) == {"mail": "OK"}


def test_a_mail_server_that_does_not_know_the_user_is_a_failure(smtp: Settings) -> None:
    smtp.EMAIL_HOST_USER = smtp.EMAIL_HOST_PASSWORD = "nobody"
    assert verdicts(mail.findings()) == {"mail": "FAIL"}


def test_a_mail_server_that_is_not_there_is_a_failure(smtp: Settings) -> None:
    smtp.EMAIL_PORT = 1
    assert verdicts(mail.findings()) == {"mail": "FAIL"}


class Proxy(BaseHTTPRequestHandler):
    """Answers the handshake of the live channel with a status that the test chooses."""

    status = 101

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep still."""


@pytest.fixture
def proxy(settings: Settings) -> Iterator[type[Proxy]]:
    server = HTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    domain = f"127.0.0.1:{server.server_port}"
    settings.GIVEN = env.read({"TAIGA_ENV_FILE": "/dev/null", "TAIGA_SITES_DOMAIN": domain})
    settings.TAIGA_SITES_DOMAIN, settings.TAIGA_ORIGIN = domain, f"http://{domain}"
    yield Proxy
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("status", "verdict"), [(101, "OK"), (200, "FAIL"), (426, "FAIL"), (502, "FAIL")])
def test_a_proxy_that_does_not_let_the_live_channel_through_is_a_failure(
    proxy: type[Proxy], monkeypatch: pytest.MonkeyPatch, status: int, verdict: str
) -> None:
    monkeypatch.setattr(proxy, "status", status)
    (only,) = network.live_channel()
    assert only.verdict == verdict
    assert ("proxy_set_header Upgrade $http_upgrade;" in only.remedy) is (verdict == "FAIL")


def test_a_redis_that_is_not_there_is_a_failure(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert verdicts(network.bus()) == {"bus": "FAIL"}
