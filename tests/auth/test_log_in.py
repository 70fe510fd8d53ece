"""POST /auth, /auth/refresh, /auth/verify."""

from typing import Any

import pytest
from django.contrib.auth import hashers
from pytest_django import DjangoAssertNumQueries, Settings

from taiga.auth import tokens
from taiga.auth.models import OutstandingToken
from taiga.projects.models import Project
from taiga.users.models import User
from tests.world import PASSWORD, Caller, invite, join


def log_in(caller: Caller, name: str, password: str = PASSWORD, **more: object) -> Any:
    return caller.post("/auth", {"type": "normal", "username": name, "password": password, **more})


def test_it_works(nobody: Caller, alice: User) -> None:
    answer = log_in(nobody, "alice")
    assert answer.status_code == 200
    assert answer.json()["email"] == "alice@example.com"
    assert list(answer.json())[-2:] == ["refresh", "auth_token"]
    alice.refresh_from_db()
    assert alice.last_login is not None


@pytest.mark.parametrize("name", ["ALICE", "alice@example.com", "Alice@Example.COM"])
def test_name_and_address_are_taken_in_any_case(nobody: Caller, alice: User, name: str) -> None:
    assert log_in(nobody, name).json()["id"] == alice.id


def test_of_two_that_differ_in_case_alone_the_spelling_decides(nobody: Caller, alice: User) -> None:
    other = User.objects.create_user("ALICE", "second@example.com", PASSWORD)
    assert log_in(nobody, "alice").json()["id"] == alice.id
    assert log_in(nobody, "ALICE").json()["id"] == other.id
    assert log_in(nobody, "Alice").status_code == 401


@pytest.mark.parametrize("flag", [{"is_active": False}, {"is_system": True}])
def test_inactive_and_system_accounts_are_refused_like_a_wrong_password(
    nobody: Caller, alice: User, flag: dict[str, bool]
) -> None:
    wrong = log_in(nobody, "alice", "not-this-one")
    User.objects.filter(pk=alice.pk).update(**flag)
    refused = log_in(nobody, "alice")
    assert refused.status_code == wrong.status_code == 401
    assert (
        refused.json()
        == wrong.json()
        == {
            "detail": "No active account found with the given credentials",
            "code": "invalid_credentials",
        }
    )


def test_an_unknown_name_costs_as_many_hashes_as_a_wrong_password(
    nobody: Caller, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    kind = type(hashers.get_hasher())
    encode = kind.encode

    def counted(hasher: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(kind, "encode", counted)
    log_in(nobody, "alice", "not-this-one")
    known = len(hashed)
    log_in(nobody, "nobody-of-that-name", "not-this-one")
    assert known > 0
    assert len(hashed) == 2 * known


@pytest.mark.parametrize("body", [{}, {"type": None}, {"type": 7}, {"type": ["normal"]}, {"type": "pigeon"}])
def test_a_type_that_there_is_not_is_refused(nobody: Caller, body: object) -> None:
    answer = nobody.post("/auth", body)
    assert answer.status_code == 400
    assert answer.json()["_error_type"] == "taiga.base.exceptions.BadRequest"


@pytest.mark.parametrize("body", [[], "normal", 7, None])
def test_a_body_that_is_no_object_is_refused(nobody: Caller, body: object) -> None:
    assert nobody.ask("POST", "/auth", body).status_code == 400


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Bearer rubbish", 401, "token_not_valid"),
        ("Bearer", 401, "bad_authorization_header"),
        ("Basic eA==", 200, None),
        ("bearer x", 200, None),
    ],
)
def test_an_old_header_does_not_break_the_log_in(
    nobody: Caller, alice: User, header: str, status: int, code: str | None
) -> None:
    answer = nobody.post("/auth", {"type": "normal", "username": "alice", "password": PASSWORD}, Authorization=header)
    assert answer.status_code == status
    assert answer.json().get("code") == code


def test_who_is_logged_in_already_may_log_in(alice: User) -> None:
    answer = log_in(Caller(alice), "alice")
    assert answer.status_code == 200
    assert {"auth_token", "refresh"} <= answer.json().keys()


def test_an_expired_header_is_refused(nobody: Caller, alice: User, settings: Settings) -> None:
    settings.ACCESS_TOKEN_LIFETIME = -settings.ACCESS_TOKEN_LIFETIME
    answer = log_in(Caller(alice), "alice")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")


def test_an_invitation_is_taken_once(nobody: Caller, project: Project, bob: User, carol: User) -> None:
    waiting = invite("someone@example.com", project, "the-token")
    assert log_in(nobody, "carol", invitation_token="the-token").status_code == 200
    waiting.refresh_from_db()
    assert (waiting.user, waiting.token, waiting.user_order) == (carol, None, 0)
    assert project.notify_policies.get(user=carol).notify_level == 1
    User.objects.create_user("dave", "dave@example.com", PASSWORD)
    again = log_in(nobody, "dave", invitation_token="the-token")
    assert (again.status_code, again.json()["_error_type"]) == (404, "taiga.base.exceptions.NotFound")
    waiting.refresh_from_db()
    assert waiting.user == carol


def test_a_member_cannot_take_another_invitation(nobody: Caller, project: Project, bob: User) -> None:
    invite("someone@example.com", project, "the-token")
    answer = log_in(nobody, "bob", invitation_token="the-token")
    assert (answer.status_code, answer.json()["_error_type"]) == (400, "taiga.base.exceptions.IntegrityError")
    bob.refresh_from_db()
    assert bob.last_login is None


def test_an_invitation_is_not_looked_at_before_the_password(nobody: Caller, project: Project, carol: User) -> None:
    waiting = invite("someone@example.com", project, "the-token")
    assert log_in(nobody, "carol", "not-this-one", invitation_token="the-token").status_code == 401
    waiting.refresh_from_db()
    assert waiting.user is None


def test_the_members_of_a_project_are_not_touched_by_an_empty_token(nobody: Caller, project: Project) -> None:
    invite("someone@example.com", project, "")
    dave = User.objects.create_user("dave", "dave@example.com", PASSWORD)
    assert log_in(nobody, "dave", invitation_token="").status_code == 200
    assert not dave.memberships.exists()


def test_a_refresh_token_works_once(nobody: Caller, alice: User) -> None:
    first = log_in(nobody, "alice").json()["refresh"]
    fresh = nobody.post("/auth/refresh", {"refresh": first})
    assert fresh.status_code == 200
    assert set(fresh.json()) == {"auth_token", "refresh"}
    assert nobody.post("/auth/refresh", {"refresh": first}).json()["code"] == "token_not_valid"
    assert nobody.post("/auth/refresh", {"refresh": fresh.json()["refresh"]}).status_code == 200


def test_the_fresh_access_token_is_good(nobody: Caller, alice: User) -> None:
    fresh = nobody.post("/auth/refresh", {"refresh": tokens.issue(tokens.REFRESH, alice.id)}).json()
    assert nobody.get("/users/me", Authorization=f"Bearer {fresh['auth_token']}").json()["id"] == alice.id


@pytest.mark.parametrize("kind", [tokens.ACCESS, tokens.CANCEL])
def test_only_refresh_tokens_refresh(nobody: Caller, alice: User, kind: str) -> None:
    assert nobody.post("/auth/refresh", {"refresh": tokens.issue(kind, alice.id)}).status_code == 401


def test_expired_refresh_tokens_are_forgotten(alice: User, settings: Settings) -> None:
    tokens.issue(tokens.REFRESH, alice.id)
    settings.REFRESH_TOKEN_LIFETIME = -settings.REFRESH_TOKEN_LIFETIME
    tokens.issue(tokens.REFRESH, alice.id)
    assert tokens.delete_expired_periodically() == 1
    assert OutstandingToken.objects.count() == 1
    tokens.issue(tokens.REFRESH, alice.id)
    assert tokens.delete_expired_periodically() == 0
    assert tokens.delete_expired() == 1


def test_verify_tells_nothing_unless_errors_are_shown_anyway(nobody: Caller, alice: User, settings: Settings) -> None:
    good = {"token": tokens.issue(tokens.ACCESS, alice.id)}
    hidden = nobody.post("/auth/verify", good)
    assert (hidden.status_code, hidden.content) == (403, b"")
    settings.DEBUG = True
    assert nobody.post("/auth/verify", good).json() == {}
    assert nobody.post("/auth/verify", {"token": "rubbish"}).status_code == 401


def test_a_request_with_a_token_hashes_nothing_and_asks_once(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(hashers.get_hasher()), "encode", None)
    with django_assert_num_queries(3):  # the user, his projects, his roles
        assert Caller(alice).get("/users/me").status_code == 200


def test_the_token_of_a_member_shows_his_role(project: Project, bob: User, carol: User) -> None:
    join(carol, project, "stakeholder")
    assert Caller(carol).get("/users/me").json()["roles"] == ["Stakeholder"]
