"""A server of its own that serves the prebuilt front; the people with accounts there; the mails it wrote."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from tests import template
from tests.ports import free_port

PASSWORD = "correct-horse-9"
PATIENCE = 60


@dataclass(frozen=True)
class Person:
    username: str
    told: dict[str, Any]
    """What the login answered, as the front keeps it."""

    @property
    def id(self) -> int:
        number: int = self.told["id"]
        return number

    @property
    def token(self) -> str:
        text: str = self.told["auth_token"]
        return text


class Site:
    def __init__(self, base: str, mails: Path) -> None:
        self.base = base
        self.mails = mails
        self._numbers = count(1)

    def ask(self, method: str, path: str, body: Any = None, *, by: Person | None = None) -> Any:
        headers = {"Authorization": f"Bearer {by.token}", "x-disable-pagination": "1"} if by else {}
        answer = httpx.request(method, f"{self.base}/api/v1{path}", json=body, headers=headers, timeout=PATIENCE)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def person(self, name: str) -> Person:
        """A new account with a verified address; each has another user name."""
        username = self.unused(name)
        account = {"username": username, "password": PASSWORD, "full_name": name.title(), "email": f"{username}@a.test"}
        told = self.ask("POST", "/auth/register", {**account, "type": "public", "accepted_terms": True})
        token = self.mailed(account["email"], r"/verify-email/([\w-]+)")
        self.ask("POST", "/users/change_email", {"email_token": token}, by=Person(username, told))
        return Person(username, told | {"verified_email": True})

    def project(self, owner: Person, *members: Person, **more: Any) -> dict[str, Any]:
        """A public one with every module on."""
        fields = {
            "name": self.unused("Engine"),
            "description": "Of brass",
            "creation_template": 1,
            "is_private": False,
            **more,
        }
        made = self.ask("POST", "/projects", fields, by=owner)
        modules = {f"is_{name}_activated": True for name in ("epics", "backlog", "kanban", "issues", "wiki")}
        project: dict[str, Any] = self.ask("PATCH", f"/projects/{made['id']}", modules, by=owner)
        role = next(role["id"] for role in project["roles"] if role["slug"] == "front")
        for member in members:
            body = {"project": project["id"], "role": role, "username": member.told["email"]}
            self.ask("POST", "/memberships", body, by=owner)
        return project

    def unused(self, name: str) -> str:
        return f"{name}{next(self._numbers)}"

    def mailed(self, to: str, pattern: str) -> str:
        """What a mail to that address holds; the newest is asked first. Mails are written in the background."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            for file in sorted(self.mails.glob("*.log"), reverse=True):
                text = file.read_text(encoding="utf-8")
                found = re.search(pattern, text) if f"\nTo: {to}\n" in text else None
                if found:
                    return found[1]
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to} holds {pattern}")


@contextmanager
def running(front: str, folder: Path) -> Iterator[Site]:
    """On the database of this run of the tests, which is empty, else on one of its own."""
    port = free_port()
    settings = {
        "DJANGO_SETTINGS_MODULE": "taiga.settings",
        "TAIGA_ENV_FILE": os.devnull,
        "TAIGA_FRONT_DIR": front,
        "TAIGA_DATA": str(folder / "data"),
        "TAIGA_SITES_DOMAIN": f"localhost:{port}",
        "EMAIL_FILE_PATH": str(folder / "mails"),
        "PUBLIC_REGISTER_ENABLED": "true",
        "TAIGA_THROTTLE": "off",
        "WEBHOOKS_ALLOW_PRIVATE_ADDRESS": "true",
    }
    for name in ("data", "mails"):
        (folder / name).mkdir()
    if "DATABASE_URL" not in os.environ:
        template.copy_to(folder / "data" / "taiga.sqlite3")
    process = subprocess.Popen(
        [sys.executable, "-m", "taiga", "serve", "--port", str(port)],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        yield Site(f"http://localhost:{port}", folder / "mails")
    finally:
        process.terminate()
        process.wait(PATIENCE)
