"""Rate limits."""

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from taiga.base import throttling
from taiga.base.errors import Throttled
from taiga.users.models import User
from tests.world import PASSWORD, Caller, project_of


@pytest.fixture
def rates(settings: Settings) -> dict[str, list[str]]:
    """Throttling is enabled, without any limit."""
    settings.TAIGA_THROTTLE = True
    settings.THROTTLE_WHITELIST = []
    given: dict[str, list[str]] = {}
    settings.THROTTLE_RATES = given
    cache.clear()
    return given


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until a test moves it."""
    now = [1_000_000.0]
    monkeypatch.setattr(throttling, "time", lambda: now[0])
    return now


def log_in(caller: Caller, password: str) -> int:
    status: int = caller.post("/auth", {"type": "normal", "username": "alice", "password": password}).status_code
    return status


def test_nothing_is_limited_without_rates(rates: dict[str, list[str]], nobody: Caller) -> None:
    assert {nobody.get("/locales").status_code for _ in range(50)} == {200}


def test_the_next_one_too_many_is_told_when_to_come_back(
    rates: dict[str, list[str]], clock: list[float], nobody: Caller
) -> None:
    rates["anon-read"] = ["2/minute"]
    assert nobody.get("/locales").status_code == 200
    clock[0] += 10.5
    assert nobody.get("/sections").status_code == 200
    refused = nobody.get("/locales")
    assert (refused.status_code, refused.headers["X-Throttle-Wait-Seconds"]) == (429, "50")
    assert refused.json()["_error_type"] == "taiga.base.exceptions.Throttled"
    clock[0] += 49
    assert nobody.get("/locales").status_code == 429
    clock[0] += 1
    assert nobody.get("/locales").status_code == 200
    assert nobody.get("/locales").status_code == 429


def test_all_rates_of_a_scope_hold(rates: dict[str, list[str]], clock: list[float], nobody: Caller) -> None:
    rates["anon-read"] = ["2/s", "3/day"]
    statuses = []
    for _ in range(3):
        statuses += [nobody.get("/locales").status_code for _ in range(3)]
        clock[0] += 2
    assert statuses == [200, 200, 429, 200, 429, 429, 429, 429, 429]


def test_callers_are_counted_apart(rates: dict[str, list[str]], nobody: Caller, alice: User, bob: User) -> None:
    rates.update({"anon-read": ["1/minute"], "user-read": ["1/minute"]})
    for caller in (nobody, Caller(address="203.0.113.8"), Caller(alice), Caller(bob)):
        assert [caller.get("/locales").status_code for _ in range(2)] == [200, 429]


def test_an_ipv6_customer_is_one_caller(rates: dict[str, list[str]], db: None) -> None:
    rates["anon-read"] = ["1/minute"]
    assert Caller(address="2001:db8:1:1::1").get("/locales").status_code == 200
    assert Caller(address="2001:db8:1:1:ffff::2").get("/locales").status_code == 429
    assert Caller(address="2001:db8:1:2::1").get("/locales").status_code == 200


def test_an_address_of_ipv4_is_one_caller_however_it_is_written(rates: dict[str, list[str]], db: None) -> None:
    rates["anon-read"] = ["1/minute"]
    addresses = ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8", "one.example", "two.example")
    assert [Caller(address=one).get("/locales").status_code for one in addresses] == [200, 429, 200, 200, 200]


def test_strangers_are_counted_apart_where_persons_are(rates: dict[str, list[str]], alice: User) -> None:
    rates["user-update"] = ["1/minute"]
    callers = [Caller(address=f"203.0.113.{number}") for number in (7, 8, 7)]
    assert [one.patch(f"/users/{alice.id}", {}).status_code for one in callers] == [401, 401, 429]


def test_reading_and_writing_are_counted_apart(rates: dict[str, list[str]], alice: User) -> None:
    rates.update({"user-read": ["1/minute"], "user-write": ["1/minute"]})
    caller = Caller(alice)
    assert caller.get("/locales").status_code == 200
    assert caller.post("/user-storage", {"key": "k"}).status_code == 201
    assert caller.delete("/user-storage/k").status_code == 429


def test_a_whitelist_frees_users_and_networks_of_the_common_limits(
    rates: dict[str, list[str]], settings: Settings, nobody: Caller, alice: User, bob: User
) -> None:
    settings.THROTTLE_WHITELIST = [str(alice.id), "203.0.113.0/29"]
    rates.update({"anon-read": ["1/minute"], "user-read": ["1/minute"], "login-fail": ["1/minute"]})
    assert [nobody.get("/locales").status_code for _ in range(3)] == [200] * 3
    assert [Caller(alice, address="198.51.100.1").get("/locales").status_code for _ in range(3)] == [200] * 3
    assert [Caller(bob, address="198.51.100.1").get("/locales").status_code for _ in range(2)] == [200, 429]
    assert [log_in(nobody, "wrong") for _ in range(2)] == [401, 429]


def test_only_failed_log_ins_count_and_then_good_ones_are_refused_too(
    rates: dict[str, list[str]], nobody: Caller, alice: User
) -> None:
    rates["login-fail"] = ["3/minute"]
    assert [log_in(nobody, PASSWORD) for _ in range(5)] == [200] * 5
    assert log_in(nobody, "wrong") == 401
    assert nobody.post("/auth", {}).status_code == 400
    assert nobody.post("/auth/refresh", {"refresh": "rubbish"}).status_code == 401
    assert log_in(nobody, PASSWORD) == 429
    assert nobody.post("/auth/refresh", {"refresh": "rubbish"}).status_code == 429
    assert log_in(Caller(address="203.0.113.8"), PASSWORD) == 200


def test_the_admin_site_counts_failed_log_ins_as_the_api_does(
    rates: dict[str, list[str]], nobody: Caller, root: User
) -> None:
    rates["login-fail"] = ["3/minute"]
    browser = Client(REMOTE_ADDR=nobody.address)

    def enter(password: str) -> int:
        return browser.post("/admin/login/", {"username": "root", "password": password}).status_code

    assert [enter("wrong"), enter("wrong")] == [200, 200]
    assert enter(PASSWORD) == 302
    browser.logout()
    assert log_in(nobody, "wrong") == 401
    assert (enter(PASSWORD), log_in(nobody, PASSWORD)) == (200, 429)
    assert Client(REMOTE_ADDR="198.51.100.1").get("/admin/").status_code == 302
    assert Client(REMOTE_ADDR="198.51.100.1").login(username="root", password=PASSWORD)


def test_only_good_registrations_count(rates: dict[str, list[str]], nobody: Caller) -> None:
    rates["register-success"] = ["1/hour"]
    form = {
        "type": "public",
        "accepted_terms": True,
        "username": "dave",
        "email": "dave@example.com",
        "full_name": "Dave",
        "password": "sixsix",
    }
    assert [nobody.post("/auth/register", {}).status_code for _ in range(3)] == [400] * 3
    assert nobody.post("/auth/register", form).status_code == 201
    assert nobody.post("/auth/register", {}).status_code == 429


def test_looks_at_people_have_their_own_scope(rates: dict[str, list[str]], nobody: Caller, alice: User) -> None:
    rates.update({"anon-read": ["1/minute"], "user-detail": ["2/minute"]})
    paths = [f"/users/{alice.id}", "/users/by_username?username=alice", f"/users/{alice.id}"]
    assert [nobody.get(path).status_code for path in paths] == [200, 200, 429]
    assert nobody.get("/locales").status_code == 200


def test_edits_of_an_account_are_counted_by_person(rates: dict[str, list[str]], alice: User, bob: User) -> None:
    rates["user-update"] = ["1/minute"]
    assert [Caller(alice).patch(f"/users/{alice.id}", {}).status_code for _ in range(2)] == [200, 429]
    assert Caller(bob).patch(f"/users/{bob.id}", {}).status_code == 200


def test_several_at_once_are_taken_or_refused_together(rates: dict[str, list[str]], alice: User) -> None:
    rates["create-memberships"] = ["5/hour"]

    class Asking:
        viewer = alice

    throttling.take(Asking(), "create-memberships", 3)  # type: ignore[arg-type]
    with pytest.raises(Throttled):
        throttling.take(Asking(), "create-memberships", 3)  # type: ignore[arg-type]
    throttling.take(Asking(), "create-memberships", 2)  # type: ignore[arg-type]
    with pytest.raises(Throttled):
        throttling.take(Asking(), "create-memberships", 1)  # type: ignore[arg-type]


def test_one_switch_lifts_every_limit(rates: dict[str, list[str]], settings: Settings, nobody: Caller) -> None:
    settings.TAIGA_THROTTLE = False
    rates.update({scope: ["1/day"] for scope in throttling.SCOPES})
    assert [nobody.get("/locales").status_code for _ in range(3)] == [200] * 3


def test_a_refused_request_is_not_counted(rates: dict[str, list[str]], clock: list[float], nobody: Caller) -> None:
    rates["anon-read"] = ["1/minute"]
    nobody.get("/locales")
    for _ in range(5):
        clock[0] += 10
        nobody.get("/locales")
    clock[0] += 10.1
    assert nobody.get("/locales").status_code == 200


def test_nobody_s_mailbox_is_filled(
    rates: dict[str, list[str]], clock: list[float], nobody: Caller, alice: User
) -> None:
    rates["asked-mail"] = ["2/minute"]
    lost = [nobody.post("/users/password_recovery", {"username": "alice"}).status_code for _ in range(3)]
    assert lost == [200, 200, 429]
    verifying = [Caller(alice).post("/users/send_verification_email").status_code for _ in range(3)]
    assert verifying[-1] == 429
    words = {"project": project_of(alice).pk, "comment": "Hello"}
    assert Caller(alice).post("/contact", words).status_code == 429
    clock[0] += 60
    assert Caller(alice).post("/contact", words).status_code == 201
