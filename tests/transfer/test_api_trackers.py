"""/importers: the addresses of enabled trackers."""

from typing import Any

import pytest
from pytest_django import Settings

from taiga.base import errors, outbound
from taiga.base.requests import NOBODY, Request
from taiga.base.routes import SIGNED_IN
from taiga.transfer.api.trackers import PLATFORMS, addresses
from taiga.transfer.services import trackers
from tests.world import Caller


class Asked(Request):
    """A request of which only the body and the query are used."""

    def __init__(self, body: dict[str, Any] | None = None, query: dict[str, str] | None = None) -> None:
        self.viewer = NOBODY
        self.__dict__ |= {"data": body or {}, "query": query or {}}


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> None:
    settings.IMPORTERS = {
        "github": {"active": True, "client_id": "c", "client_secret": "s"},
        "asana": {"active": True, "app_id": "a", "app_secret": "s", "callback_url": "http://localhost/"},
    }


def answered(monkeypatch: pytest.MonkeyPatch, status: int, content: bytes) -> None:
    answer = outbound.Answer(status, {}, content, "utf-8", 0.0, {})
    monkeypatch.setattr(outbound, "post", lambda *_arguments, **_options: answer)


def call(platform: str, name: str, **asked: Any) -> Any:
    route = next(one for one in addresses(platform) if one.path.endswith(name))
    return next(iter(route.methods.values())).function(Asked(**asked), **route.given).body


def test_a_tracker_that_is_off_has_no_addresses(db: None) -> None:
    assert [Caller().get(f"/importers/{platform}/auth_url").status_code for platform in PLATFORMS] == [404] * 4


@pytest.mark.parametrize("platform", PLATFORMS)
def test_all_addresses_are_for_those_who_are_signed_in(platform: str) -> None:
    endpoints = [one for route in addresses(platform) for one in route.methods.values()]
    assert [one.needs for one in endpoints] == [SIGNED_IN] * 5


def test_github_is_told_where_to_come_back_to() -> None:
    address = "https://github.com/login/oauth/authorize?client_id=c&scope=user,repo"
    assert call("github", "auth_url") == {"url": address}
    assert call("github", "auth_url", query={"uri": "http://f"}) == {"url": f"{address}&redirect_uri=http://f"}


def test_a_code_becomes_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, 200, b'{"access_token": "t", "refresh_token": "r"}')
    assert call("github", "authorize", body={"code": "x"}) == {"token": "t"}
    assert call("asana", "authorize", body={"code": "x"}) == {"token": {"access_token": "t", "refresh_token": "r"}}


@pytest.mark.parametrize(
    ("status", "content"), [(500, b'{"access_token": "t"}'), (200, b"oops"), (200, b"[]"), (200, b'{"error": "bad"}')]
)
@pytest.mark.parametrize("platform", ["github", "asana"])
def test_whatever_else_comes_back_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, platform: str, status: int, content: bytes
) -> None:
    answered(monkeypatch, status, content)
    with pytest.raises(errors.WrongArguments):
        call(platform, "authorize", body={"code": "x"})


def test_a_tracker_that_cannot_be_reached_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise outbound.Failed("nobody there", {})

    monkeypatch.setattr(outbound, "post", fail)
    with pytest.raises(errors.WrongArguments):
        trackers.github_token("x")


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", ["list_users", "import_project"])
def test_a_project_has_to_be_named(platform: str, name: str) -> None:
    with pytest.raises(errors.WrongArguments, match="project"):
        call(platform, name)
