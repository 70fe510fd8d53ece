"""Authentication: headers, sessions, and the websocket."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from taiga.auth import events, tokens
from taiga.projects import listeners
from taiga.projects.models import Project
from taiga.users.models import User
from tests.world import PASSWORD, Caller


def test_a_token_of_somebody_who_is_gone_is_refused(alice: User) -> None:
    caller = Caller(alice)
    alice.delete()
    assert caller.get("/locales").json()["code"] == "user_not_found"


@pytest.mark.parametrize("flag", [{"is_active": False}, {"is_system": True}])
def test_a_token_of_an_inactive_account_is_refused(alice: User, flag: dict[str, bool]) -> None:
    caller = Caller(alice)
    User.objects.filter(pk=alice.pk).update(**flag)
    assert caller.get("/locales").json()["code"] == "user_inactive"


@pytest.mark.parametrize("kind", [tokens.REFRESH, tokens.CANCEL])
def test_other_kinds_of_token_are_no_access_tokens(nobody: Caller, alice: User, kind: str) -> None:
    answer = nobody.get("/users/me", Authorization=f"Bearer {tokens.issue(kind, alice.id)}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    said = answer.json()["messages"][0]
    assert (said["token_class"], said["token_type"]) == ("AccessToken", "access")


@pytest.mark.parametrize("header", ["Token x", "Basic x", "bearer x", "Application", "", "Bearerx y"])
def test_a_header_of_another_scheme_authenticates_nobody(nobody: Caller, alice: User, header: str) -> None:
    assert nobody.get("/users/me", Authorization=header).json()["_error_type"].endswith("NotAuthenticated")
    assert nobody.get("/locales", Authorization=header).status_code == 200


def test_a_large_body_of_an_anonymous_caller_is_refused(nobody: Caller, alice: User) -> None:
    long = {"username": "alice", "type": "normal", "password": "x" * 2_700_000}
    for path in ("/auth", "/auth/register", "/users/password_recovery", "/wiki/render"):
        answer = nobody.post(path, long)
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/html"), path
    assert nobody.post("/auth", {**long, "password": "x" * 2_600_000}).status_code == 401
    assert nobody.upload("/issues/attachments", attached_file=BytesIO(b"x" * 2_700_000)).status_code == 400
    assert Caller(alice).post("/user-storage", {"key": "k", "value": long}).status_code == 201


def test_the_session_of_the_admin_site_reads_but_does_not_write(root: User) -> None:
    browser = Client()
    assert browser.login(username="root", password=PASSWORD)
    assert browser.get("/api/v1/users/me").json()["username"] == "root"
    answer = browser.post("/api/v1/user-storage", {"key": "k"}, content_type="application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize("change", [{"password": "another"}, {"is_active": False}])
def test_the_session_of_the_admin_site_ends_with_the_password_and_the_account(
    root: User, change: dict[str, Any]
) -> None:
    browser = Client()
    assert browser.login(username="root", password=PASSWORD)
    User.objects.filter(pk=root.pk).update(**change)
    assert browser.get("/api/v1/users/me").status_code == 401


def test_a_websocket_is_authenticated_by_an_access_token(bob: User, alice: User) -> None:
    assert events.authenticate(tokens.issue(tokens.ACCESS, alice.id)) == alice.id
    assert events.authenticate(tokens.issue(tokens.ACCESS, bob.id)) == bob.id
    assert events.authenticate(tokens.issue(tokens.REFRESH, alice.id)) is None
    assert events.authenticate("rubbish") is None
    User.objects.filter(pk=alice.pk).update(is_active=False)
    User.objects.filter(pk=bob.pk).update(is_system=True)
    assert [events.authenticate(tokens.issue(tokens.ACCESS, one.id)) for one in (alice, bob)] == [None, None]


def test_a_websocket_hears_what_its_user_may_see(project: Project, bob: User, carol: User) -> None:
    key = f"changes.project.{project.pk}.userstories"
    assert listeners.may_hear(bob.id, key)
    assert not listeners.may_hear(carol.id, key)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert not listeners.may_hear(bob.id, key)
