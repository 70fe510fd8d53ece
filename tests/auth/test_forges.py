"""Log-in with GitHub and GitLab, which are replaced by functions."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings

from taiga.base import outbound
from taiga.notifications.models import Mail
from taiga.projects.models import Project
from taiga.users.models import AuthData, User
from tests.world import Caller, invite

Answers = dict[str, tuple[int, Any]]


@pytest.fixture
def forge(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """The answers of the forges, by address."""
    settings.LOGIN_TYPES = {name: f"taiga.auth.services.forges.{name}" for name in ("github", "gitlab")}
    settings.GITHUB_URL, settings.GITHUB_API_URL = "https://hub.test/", "https://api.hub.test/"
    settings.GITHUB_API_CLIENT_ID, settings.GITHUB_API_CLIENT_SECRET = "the-id", "the-secret"
    settings.GITLAB_URL, settings.GITLAB_ALLOWED_SELF_MANAGED_INSTANCES = "https://lab.test", ["https://lab.test"]
    answers: Answers = {
        "https://hub.test/login/oauth/access_token": (200, {"access_token": "hub-token"}),
        "https://api.hub.test/user": (200, {"id": 42, "login": "Octo Cat", "name": "Octo Cat", "bio": None}),
        "https://api.hub.test/user/emails": (
            200,
            [
                {"email": "second@example.com", "primary": False, "verified": True},
                {"email": "octo@example.com", "primary": True, "verified": True},
            ],
        ),
        "https://lab.test/oauth/token": (200, {"access_token": "lab-token"}),
        "https://lab.test/api/v4/user": (
            200,
            {"id": 7, "username": "lab", "name": "L <b", "email": "lab@example.com", "confirmed_at": "2026-01-01"},
        ),
    }

    def answer(url: str) -> outbound.Answer:
        status, content = answers[url]
        return outbound.Answer(status, {}, json.dumps(content).encode(), "utf-8", 0.0, {})

    def post(url: str, body: bytes, headers: Any, **_: Any) -> outbound.Answer:
        assert parse_qs(body.decode())["code"] == ["the-code"]
        return answer(url)

    def get(url: str, headers: Any, **_: Any) -> outbound.Answer:
        assert headers["Authorization"] in ("token hub-token", "Bearer lab-token")
        return answer(url)

    monkeypatch.setattr(outbound, "post", post)
    monkeypatch.setattr(outbound, "get", get)
    return answers


def log_in(caller: Caller, kind: str = "github", **more: str) -> Any:
    return caller.post("/auth", {"type": kind, "code": "the-code", **more})


def test_somebody_new_gets_an_account(forge: Answers, nobody: Caller, db: None) -> None:
    answer = log_in(nobody)
    assert answer.status_code == 200
    assert (answer.json()["username"], answer.json()["verified_email"]) == ("octo-cat", True)
    user = User.objects.get()
    assert (user.email, user.has_password) == ("octo@example.com", False)
    assert Mail.objects.get().template == "registered_user"
    assert log_in(nobody).json()["id"] == user.id
    assert Mail.objects.count() == 1


def test_the_same_address_is_the_same_person(forge: Answers, nobody: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="OCTO@example.com")
    assert log_in(nobody).json()["id"] == alice.id
    assert AuthData.objects.get().user == alice
    forge["https://api.hub.test/user/emails"] = (200, [])
    assert log_in(nobody).json()["id"] == alice.id


def test_an_address_that_nobody_has_proven_here_is_nobodys_yet(forge: Answers, nobody: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="octo@example.com", verified_email=False)
    assert log_in(nobody).status_code == 400
    assert not AuthData.objects.exists()


def test_a_letter_that_looks_the_same_in_capitals_is_another(forge: Answers, nobody: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="octo@mini.example.com")
    given = {"email": "octo@mını.example.com", "primary": True, "verified": True}
    forge["https://api.hub.test/user/emails"] = (200, [given])
    assert log_in(nobody).json().get("id") != alice.id
    assert not AuthData.objects.filter(user=alice).exists()


def test_an_address_that_is_not_proven_opens_nothing(forge: Answers, nobody: Caller, alice: User) -> None:
    forge["https://api.hub.test/user/emails"] = (
        200,
        [{"email": alice.email, "primary": True, "verified": False}],
    )
    assert log_in(nobody).status_code == 400
    forge["https://lab.test/api/v4/user"][1].update(email=alice.email, confirmed_at=None)
    assert log_in(nobody, "gitlab").status_code == 400
    assert not AuthData.objects.exists()


def test_a_name_that_is_none_gives_way_to_the_user_name(forge: Answers, nobody: Caller, db: None) -> None:
    assert log_in(nobody, "GitLab", redirectUri="https://x").json()["full_name"] == "lab"


def test_user_names_are_kept_apart(forge: Answers, nobody: Caller, db: None) -> None:
    User.objects.create_user("Octo-Cat", "other@example.com")
    assert log_in(nobody).json()["username"] == "octo-cat-1"


def test_an_invitation_comes_along_as_token(forge: Answers, nobody: Caller, project: Project) -> None:
    waiting = invite("someone@example.com", project, "the-token")
    assert log_in(nobody, token="the-token").status_code == 200
    waiting.refresh_from_db()
    assert waiting.user is not None


def test_an_account_that_ended_stays_closed(forge: Answers, nobody: Caller, db: None) -> None:
    log_in(nobody)
    User.objects.update(is_active=False)
    assert log_in(nobody).json()["code"] == "invalid_credentials"


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://hub.test/login/oauth/access_token", (200, {"error": "bad_verification_code"})),
        ("https://hub.test/login/oauth/access_token", (500, {})),
        ("https://api.hub.test/user", (403, {})),
        ("https://api.hub.test/user", (200, [])),
        ("https://api.hub.test/user/emails", (200, {"message": "no"})),
    ],
)
def test_a_forge_that_fails_is_a_bad_request(
    forge: Answers, nobody: Caller, db: None, url: str, answer: tuple[int, Any]
) -> None:
    forge[url] = answer
    refused = log_in(nobody)
    assert (refused.status_code, refused.json()["_error_type"]) == (400, "taiga.base.exceptions.BadRequest")
    assert not User.objects.exists()


def test_a_code_that_gitlab_does_not_know_is_refused(forge: Answers, nobody: Caller, db: None) -> None:
    forge["https://lab.test/oauth/token"] = (401, {"error": "invalid_grant"})
    assert log_in(nobody, "gitlab").status_code == 401


def test_a_gitlab_that_is_not_listed_is_not_asked(forge: Answers, nobody: Caller, db: None, settings: Settings) -> None:
    settings.GITLAB_ALLOWED_SELF_MANAGED_INSTANCES = []
    assert log_in(nobody, "gitlab").status_code == 400


def test_they_are_off_unless_switched_on(nobody: Caller, db: None) -> None:
    assert log_in(nobody).json()["_error_message"] == "invalid login type"
