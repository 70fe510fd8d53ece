"""Requests of forges: how they are authenticated, and on whose behalf they change items."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from taiga.projects.models import Project
from taiga.users.models import AuthData, User
from taiga.webhooks.api import hooks
from taiga.webhooks.services.system_users import system_user
from tests.webhooks.rocket import SECRET, Rocket, pushed

FORGES = ["github", "gitlab", "bitbucket", "gogs"]


@pytest.mark.parametrize("forge", FORGES)
def test_only_post_is_answered_and_only_for_projects_that_there_are(believing: Rocket, forge: str) -> None:
    assert believing.nobody.get(f"/{forge}-hook?project={believing.project.pk}").status_code == 405
    for project in ("", "?project=", "?project=x", "?project=999999999"):
        assert believing.nobody.post(f"/{forge}-hook{project}", {}).status_code == 400


@pytest.mark.parametrize("forge", FORGES)
def test_a_project_that_was_never_configured_believes_nobody(db: None, forge: str) -> None:
    rocket = Rocket()
    rocket.make("userstory")
    for secret in ("", "None"):
        signature = hmac.new(secret.encode(), b"{}", "sha1").hexdigest()
        headers = {"X_Hub_Signature": f"sha1={signature}", "X_GitHub_Event": "push", "X_Event_Key": "repo:push"}
        assert rocket.call(forge, b"{}", key=secret, **headers).status_code == 400


@pytest.mark.parametrize("forge", FORGES)
def test_a_call_without_end_is_not_read(believing: Rocket, forge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MOST", 1000)
    told = [believing.call(forge, b" " * size, key="wrong") for size in (1001, 999)]
    assert [reply.status_code for reply in told] == [400, 400]
    assert [reply.headers["Content-Type"] for reply in told] == ["text/html", "application/json"]


@pytest.mark.parametrize("signature", ["", "nonsense", "sha1=", "sha1=00", "sha256=00"])
def test_github_must_sign_what_it_says(believing: Rocket, signature: str) -> None:
    reply = believing.call("github", pushed("tg-1"), X_GitHub_Event="push", X_Hub_Signature=signature)
    assert reply.status_code == 400
    assert reply.json()["_error_type"].endswith("BadRequest")
    assert believing.comments(1) == []


def test_gogs_signs_or_sends_the_secret_but_a_wrong_signature_is_wrong(believing: Rocket) -> None:
    payload = {**pushed("tg-1"), "secret": SECRET}
    body = json.dumps(payload).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert believing.call("gogs", body, X_Gogs_Signature=signature).status_code == 204
    assert believing.call("gogs", payload).status_code == 204
    assert believing.call("gogs", payload, X_Gogs_Signature="0" * 64).status_code == 400
    assert believing.call("gogs", {**payload, "secret": "other"}).status_code == 400
    assert believing.call("gogs", pushed("tg-1")).status_code == 400
    assert len(believing.comments(1)) == 2


@pytest.mark.parametrize(
    ("networks", "status"),
    [
        ([], 204),
        (["203.0.113.0/24"], 204),
        (["203.0.113.9/24", "10.0.0.1"], 204),
        (["0.0.0.0/0"], 204),
        (["198.51.100.0/24"], 400),
        (["nonsense"], 400),
        (["203.0.113.7", "nonsense"], 400),
        ("203.0.113.7", 400),
    ],
)
def test_a_key_is_good_from_the_allowed_addresses_only(believing: Rocket, networks: Any, status: int) -> None:
    believing.configure(valid_origin_ips=networks)
    for path in ("gitlab-hook", "bitbucket-hook"):
        address = f"/api/v1/{path}?project={believing.project.pk}&key={SECRET}"
        reply = Client().post(address, {}, content_type="application/json", REMOTE_ADDR="203.0.113.7")
        assert reply.status_code == status


def test_an_address_that_a_stranger_claims_to_forward_for_is_not_believed(
    believing: Rocket, settings: Settings
) -> None:
    believing.configure(valid_origin_ips=["203.0.113.7"])
    address = f"/api/v1/gitlab-hook?project={believing.project.pk}&key={SECRET}"

    def status() -> int:
        reply = Client().post(
            address,
            {},
            content_type="application/json",
            REMOTE_ADDR="198.51.100.1",
            headers={"X-Forwarded-For": "203.0.113.7"},
        )
        return reply.status_code

    assert status() == 400
    settings.TAIGA_TRUSTED_PROXIES = ["198.51.100.1"]
    assert status() == 204


@pytest.mark.parametrize("key", ["", "other"])
def test_a_wrong_key_is_no_key(believing: Rocket, key: str) -> None:
    assert believing.call("gitlab", pushed("tg-1"), key=key).status_code == 400
    assert believing.call("bitbucket", pushed("tg-1"), key=key, X_Event_Key="repo:push").status_code == 400


def test_an_empty_secret_lets_nobody_in(believing: Rocket) -> None:
    config = {forge: {"secret": "", "valid_origin_ips": []} for forge in FORGES}
    believing.alice.patch(f"/projects/{believing.project.pk}/modules", config)
    body = json.dumps({**pushed("tg-1"), "secret": ""}).encode()
    signature = hmac.new(b"", body, "sha1").hexdigest()
    assert believing.call("github", body, X_GitHub_Event="push", X_Hub_Signature=f"sha1={signature}").status_code == 400
    assert believing.call("gitlab", body).status_code == 400
    assert believing.call("gogs", body).status_code == 400


def test_what_is_no_json_or_not_for_us_does_no_harm(believing: Rocket) -> None:
    assert believing.github("push", b"not json").status_code == 400
    assert believing.call("gitlab", b"not json", key=SECRET).status_code == 400
    assert believing.call("gogs", b"not json").status_code == 400
    assert believing.gitlab(None).status_code == 204
    harmless: list[Any] = [[], "text", 1, {}, {"commits": None}, {"commits": [None]}, {"commits": {"a": 1}}]
    for payload in harmless:
        assert believing.github("push", payload).status_code == 204
        assert believing.gitlab(payload).status_code == 204
        assert believing.bitbucket("repo:push", payload).status_code == 204
    for event in ("ping", "star", ""):
        assert believing.github(event, {"zen": "x"}).status_code == 204
    assert believing.github("push", {"commits": [{"id": "1", "url": "u"}]}).status_code == 400


@pytest.mark.parametrize("event", ["", "ping", "star"])
def test_what_is_no_json_is_refused_whatever_it_tells_of(believing: Rocket, event: str) -> None:
    answers = [believing.github(event, b"not json"), believing.bitbucket(event, b"not json")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert "json" in answers[0].json()["_error_message"]
    assert believing.github(event, b"null").status_code == believing.bitbucket(event, b"null").status_code == 204


def test_a_blocked_project_is_not_written_to_but_an_archived_one_is(believing: Rocket) -> None:
    Project.objects.filter(pk=believing.project.pk).update(archived_code="by-staff")
    assert believing.github("push", pushed("tg-1 #done")).status_code == 204
    assert believing.item(1).is_closed
    Project.objects.filter(pk=believing.project.pk).update(blocked_code="by-staff")
    assert believing.github("push", pushed("tg-1 #new")).status_code == 451
    assert believing.call("github", pushed("tg-1 #new")).status_code == 400
    assert believing.item(1).is_closed


def test_a_linked_account_writes_in_its_own_name(believing: Rocket) -> None:
    AuthData.objects.create(user=believing.users["bob"], key="github", value="990011")
    believing.github("push", pushed("tg-1"))
    [entry] = believing.history("userstory", believing.item(1).pk)
    assert entry["user"]["username"] == "bob"
    User.objects.filter(pk=believing.id("bob")).update(is_active=False)
    believing.github("push", pushed("tg-1"))
    assert believing.history("userstory", believing.item(1).pk)[0]["user"]["name"] == "GitHub"


def test_a_forge_has_one_account_with_a_picture_that_nobody_can_use(believing: Rocket) -> None:
    for _ in range(2):
        believing.github("push", pushed("tg-1"))
    user = User.objects.get(is_system=True)
    assert (user.is_active, user.full_name, user.has_usable_password()) == (False, "GitHub", False)
    assert user.username.startswith("github-")
    assert user.email == f"{user.username}@taiga.io"
    entry = believing.history("userstory", believing.item(1).pk)[0]
    assert entry["user"]["photo"].endswith("logo.png.80x80_q85_crop.jpg")


def test_an_account_with_the_name_of_a_forge_is_not_taken_for_it(believing: Rocket) -> None:
    impostor = User.objects.create_user("github-0", "x@example.com")
    believing.github("push", pushed("tg-1"))
    assert believing.history("userstory", believing.item(1).pk)[0]["user"]["pk"] != impostor.pk


def test_what_a_forge_does_is_told_to_webhooks(believing: Rocket) -> None:
    hook = believing.hook("http://127.0.0.1:9/hook")
    believing.logs(hook)
    believing.github("push", pushed("tg-1 #done"))
    [payload] = believing.sent(hook)[-1:]
    assert (payload["by"]["full_name"], payload["change"]["diff"]["status"]) == (
        "GitHub",
        {"from": "New", "to": "Done"},
    )


def test_pictures_are_made_for_every_forge(db: None) -> None:
    assert [system_user(forge).photo_format for forge in hooks.FORGES] == ["jpg"] * 4
