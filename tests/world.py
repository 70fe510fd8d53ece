"""Alice owns a project, Bob works in it, Carol is an outsider; and callers who ask the API in their names."""

import json
from typing import Any

from django.test import Client
from django.test.client import ClientHandler

from taiga.auth import tokens
from taiga.changes.record import Actor
from taiga.projects.models import Membership, Project
from taiga.projects.services import memberships, projects
from taiga.users.models import User
from tests.described import as_described

PASSWORD = "correct-horse-9"


HANDLER = ClientHandler(enforce_csrf_checks=False)
"""The middleware of all callers, which is made once: to make it takes as long as many an answer."""


def client() -> Client:
    """A client without any cookies."""
    made = Client()
    made.handler = HANDLER
    return made


class Caller:
    """Asks the API, as one person or as nobody, from one address. Every answer must be as the document says."""

    def __init__(self, user: User | None = None, *, address: str = "203.0.113.7") -> None:
        self._user = user
        self.address = address
        self.headers = {"Authorization": f"Bearer {tokens.issue(tokens.ACCESS, user.id)}"} if user else {}

    @property
    def user(self) -> User:
        assert self._user is not None, "nobody has no account"
        return self._user

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.ask("DELETE", path, **headers)

    def upload(self, path: str, **fields: Any) -> Any:
        answer = client().post(f"/api/v1{path}", fields, headers=self.headers, REMOTE_ADDR=self.address)
        return as_described("POST", path, answer)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = client().generic(
            method,
            f"/api/v1{path}",
            b"" if body is None else json.dumps(body).encode(),
            "application/json",
            headers={**self.headers, **named},
            REMOTE_ADDR=self.address,
        )
        return as_described(method, path, answer)


def person(name: str, **more: Any) -> User:
    """A user called like that, with a verified address and the password above."""
    return User.objects.create_user(
        name, f"{name}@example.com", PASSWORD, **{"full_name": name.title(), "read_new_terms": True, **more}
    )


def project_of(owner: User, name: str = "Apollo", **more: Any) -> Project:
    """A new project of the default template."""
    return projects.create(name=name, description="To the moon", by=Actor(owner), **more)


def join(user: User, project: Project, role: str = "back", **more: Any) -> Membership:
    """Make somebody a member."""
    membership = Membership.objects.create(
        project=project, user=user, email=user.email, role=project.roles.get(slug=role), **more
    )
    memberships.set_up_members([membership])
    return membership


def invite(address: str, project: Project, token: str) -> Membership:
    """An invitation that waits."""
    return Membership.objects.create(project=project, email=address, token=token, role=project.roles.get(slug="back"))
