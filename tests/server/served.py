"""Taiga in processes of its own with a database of its own, and its clients: requests, mails, sockets."""

import http.client
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from aiosmtpd.controller import Controller

from tests import template
from tests.ports import free_port

PATIENCE = 90
URL = "DATABASE_URL"


def taiga(
    *arguments: str, program: str = "taiga", stderr: Any = subprocess.PIPE, **settings: Any
) -> "subprocess.Popen[str]":
    """The console program, as an operator runs it."""
    return subprocess.Popen(
        [sys.executable, "-m", program, *arguments],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "taiga.settings", **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def port_of(line: str) -> int:
    """The port in the line with which a server says that it is ready."""
    return int(line.rpartition(":")[2])


class Database:
    """An empty database of the suite's engine; `settings` are the environment of a process that uses it."""

    def __init__(self, data: Path) -> None:
        self.file = data / "taiga.sqlite3"
        self.name = f"served_{uuid.uuid4().hex}"
        given = os.environ.get(URL, "")
        self.is_postgres = given.startswith("postgres")
        self.url = urlsplit(given)._replace(path=f"/{self.name}").geturl() if self.is_postgres else ""
        self.settings = {URL: self.url}

    def make(self) -> None:
        if not self.is_postgres:
            template.copy_to(self.file)
            return
        copied = f" TEMPLATE {os.environ[template.POSTGRES]}" if template.POSTGRES in os.environ else ""
        self._administrate(f"CREATE DATABASE {self.name}{copied}")

    def drop(self) -> None:
        if self.is_postgres:
            self._administrate(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def execute(self, *statements: str) -> None:
        """What no caller of the API can do, such as to let time pass."""
        connected: Any = psycopg.connect(self.url) if self.is_postgres else sqlite3.connect(self.file, timeout=30)
        with closing(connected) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def _administrate(self, statement: str) -> None:
        with psycopg.connect(os.environ[URL], dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def database(data: Path) -> Iterator[Database]:
    """A database that exists during the block."""
    made = Database(data)
    made.make()
    try:
        yield made
    finally:
        made.drop()


class Visitor:
    """A client of the server at a port, with the token of a user."""

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self.token = token

    def at(self, port: int) -> "Visitor":
        """The same person at another server."""
        return Visitor(port, self.token)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of an answer, which must be a good one."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            told = {"Content-Type": "application/json", **self.who(), **named}
            connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), told)
            answer = connection.getresponse()
            raw = answer.read()
        assert answer.status < 300, (answer.status, raw)
        return json.loads(raw) if raw else None

    def who(self) -> dict[str, str]:
        """The header that says who is asking."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def register(self, name: str, mails: "Sink | None" = None) -> int:
        """Make an account and be that person from now on, with a verified address if mails can come; returns his id."""
        account = {"username": name, "password": "correct-horse-9", "email": f"{name}@example.com"}
        body = {**account, "full_name": name.title(), "type": "public", "accepted_terms": True}
        made = self.ask("POST", "/auth/register", body)
        self.token = made["auth_token"]
        if mails is not None:
            token = wait_for(lambda: mails.found(account["email"], r"/verify-email/([\w-]+)"))
            self.ask("POST", "/users/change_email", {"email_token": token})
        key: int = made["id"]
        return key


class Arrived(NamedTuple):
    """A mail for one recipient."""

    to: str
    id: str
    text: str


class Sink:
    """A mail server that accepts and keeps every mail."""

    def __init__(self) -> None:
        self.mails: list[Arrived] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.settings = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self._controller.port),
        }

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        message: EmailMessage = message_from_bytes(envelope.content, policy=default)
        body = message.get_body(("plain",))
        assert body is not None
        self.mails += [Arrived(to, message["Message-ID"], body.get_content()) for to in envelope.rcpt_tos]
        return "250 OK"

    def sent_to(self, address: str) -> list["Arrived"]:
        """What came for somebody."""
        return [mail for mail in list(self.mails) if mail.to == address]

    def found(self, address: str, pattern: str) -> str | None:
        """What a pattern finds in the mails for somebody, newest first."""
        found = (re.search(pattern, mail.text) for mail in reversed(self.sent_to(address)))
        return next((match[1] for match in found if match), None)

    def close(self) -> None:
        self._controller.stop()


@contextmanager
def sink() -> Iterator[Sink]:
    """A mail server that runs during the block."""
    made = Sink()
    try:
        yield made
    finally:
        made.close()


def wait_for(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What the condition returns as soon as it is true; fails after a time limit."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
    return found
