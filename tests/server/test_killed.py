"""Acknowledged means durable: the process is killed while people write, and nothing that it answered for is lost."""

import http.client
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import template

PATIENCE = 90
KILLS = 3
ACCOUNT = {"username": "alice", "password": "correct-horse-9", "email": "alice@example.com", "full_name": "Alice"}


class Receiver:
    """A program that hears of changes: it keeps the comments of what it is sent."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                heard[told.get("change", {}).get("comment", "")] += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


class Server:
    """`taiga serve` on one data folder, started as often as it was killed."""

    def __init__(self, data: Path) -> None:
        template.copy_to(data / "taiga.sqlite3")
        self.data = data
        self.start()

    def start(self, *arguments: str) -> None:
        settings = {
            "DJANGO_SETTINGS_MODULE": "taiga.settings",
            "TAIGA_DATA": str(self.data),
            "PUBLIC_REGISTER_ENABLED": "true",
            "TAIGA_THROTTLE": "off",
            "WEBHOOKS_ALLOW_PRIVATE_ADDRESS": "true",
        }
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "taiga", "serve", "--port", "0", *arguments],
            env={**environment, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def ask(self, method: str, path: str, body: Any, token: str = "") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        assert answer.status < 300, raw
        return json.loads(raw) if raw else None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    yield running
    running.kill()


def write_until_it_dies(server: Server, story: int, token: str, mark: str) -> list[str]:
    """Comments on a story, as fast as they are answered; returns those that were acknowledged."""
    acknowledged: list[str] = []
    try:
        for number in range(10_000):
            version = server.ask("GET", f"/userstories/{story}", None, token)["version"]
            comment = f"{mark} {number}"
            server.ask("PATCH", f"/userstories/{story}", {"version": version, "comment": comment}, token)
            acknowledged.append(comment)
    except (OSError, http.client.HTTPException):
        pass
    return acknowledged


def test_a_killed_server_loses_nothing_and_tells_everything_when_it_is_back(server: Server) -> None:
    receiver = Receiver()
    token = server.ask("POST", "/auth/register", {"type": "public", "accepted_terms": True, **ACCOUNT})["auth_token"]
    project = server.ask("POST", "/projects", {"name": "Apollo", "description": "x"}, token)["id"]
    hook = {"project": project, "name": "ear", "url": receiver.url, "key": "secret"}
    server.ask("POST", "/webhooks", hook, token)
    story = server.ask("POST", "/userstories", {"project": project, "subject": "s"}, token)["id"]
    acknowledged: list[str] = []
    for round_ in range(KILLS):
        threading.Timer(0.3 + random.random(), server.process.kill).start()
        acknowledged += write_until_it_dies(server, story, token, f"round {round_}")
        server.kill()
        server.start()
    assert acknowledged
    wait_for(lambda: set(acknowledged) <= receiver.heard.keys())
    kept, numbers = stored(server.data, project)
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
    assert numbers == list(range(1, len(numbers) + 1))


def wait_for(condition: Any) -> None:
    """Until it is so, for a bounded time."""
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert condition()


def stored(data: Path, project: int) -> tuple[list[str], list[int]]:
    """The comments and the numbers of the changes in the database."""
    with sqlite3.connect(data / "taiga.sqlite3") as database:
        rows = database.execute(
            "SELECT comment, number FROM changes_change WHERE project_id = ? ORDER BY number", [project]
        ).fetchall()
    return [comment for comment, _number in rows if comment], [number for _comment, number in rows]
