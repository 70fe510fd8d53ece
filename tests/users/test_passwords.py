"""Changing and recovering passwords."""

from typing import Any

import pytest

from taiga.notifications.models import Mail
from taiga.users.models import User
from tests.world import PASSWORD, Caller


def change(caller: Caller, **fields: str) -> Any:
    return caller.post("/users/change_password", fields)


def test_it_works(alice: User) -> None:
    caller = Caller(alice)
    assert change(caller, current_password=PASSWORD, password="battery-staple").status_code == 204
    alice.refresh_from_db()
    assert alice.check_password("battery-staple")
    assert caller.get("/users/me").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"password": "battery-staple"},
        {"current_password": PASSWORD},
        {"current_password": PASSWORD, "password": "12345"},
        {"current_password": "not-this-one", "password": "battery-staple"},
    ],
)
def test_refusals_change_nothing(alice: User, fields: dict[str, str]) -> None:
    answer = change(Caller(alice), **fields)
    assert (answer.status_code, answer.json()["_error_type"]) == (400, "taiga.base.exceptions.WrongArguments")
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["", "!unusable"])
def test_an_account_without_a_password_gets_one_without_telling_it(alice: User, password: str) -> None:
    User.objects.filter(pk=alice.pk).update(password=password)
    assert change(Caller(alice), password="battery-staple").status_code == 204
    alice.refresh_from_db()
    assert alice.check_password("battery-staple")


def test_the_anonymous_have_no_password(nobody: Caller, db: None) -> None:
    assert change(nobody, current_password="a", password="battery-staple").status_code == 401


@pytest.mark.parametrize("name", ["alice", "ALICE", "Alice@example.com"])
def test_a_lost_password_is_recovered_by_mail(nobody: Caller, alice: User, name: str) -> None:
    assert nobody.post("/users/password_recovery", {"username": name}).status_code == 200
    mail = Mail.objects.get()
    assert (mail.template, mail.to) == ("password_recovery", "alice@example.com")
    new = {"token": mail.context["token"], "password": "battery-staple"}
    assert nobody.post("/users/change_password_from_recovery", new).status_code == 204
    assert nobody.post("/users/change_password_from_recovery", new).status_code == 400
    alice.refresh_from_db()
    assert (alice.check_password("battery-staple"), alice.token) == (True, None)


def asked_for_recovery(caller: Caller) -> dict[str, str]:
    caller.post("/users/password_recovery", {"username": "alice"})
    return {"token": Mail.objects.get(template="password_recovery").context["token"], "password": "a-thief's"}


def test_a_mail_of_former_times_recovers_nothing_after_another_password(nobody: Caller, alice: User) -> None:
    stolen = asked_for_recovery(nobody)
    assert change(Caller(alice), current_password=PASSWORD, password="battery-staple").status_code == 204
    assert nobody.post("/users/change_password_from_recovery", stolen).status_code == 400
    alice.refresh_from_db()
    assert alice.check_password("battery-staple")


def test_a_mail_to_the_former_address_recovers_nothing(nobody: Caller, alice: User) -> None:
    stolen = asked_for_recovery(nobody)
    Caller(alice).patch(f"/users/{alice.id}", {"email": "new@example.com"})
    proof = Mail.objects.get(template="change_email").context["email_token"]
    assert nobody.post("/users/change_email", {"email_token": proof}).status_code == 204
    assert nobody.post("/users/change_password_from_recovery", stolen).status_code == 400


def test_verifying_the_same_address_leaves_its_recovery(nobody: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email_token="proof", new_email=alice.email, verified_email=False)
    asked = asked_for_recovery(nobody)
    assert nobody.post("/users/change_email", {"email_token": "proof"}).status_code == 204
    assert nobody.post("/users/change_password_from_recovery", asked).status_code == 204


@pytest.mark.parametrize("body", [{}, {"username": ""}, {"username": None}, {"username": "unknown"}])
def test_nobody_is_mailed_for_an_unknown_name(nobody: Caller, alice: User, body: object) -> None:
    answer = nobody.post("/users/password_recovery", body)
    assert (answer.status_code, answer.json()["_error_type"]) == (400, "taiga.base.exceptions.WrongArguments")
    assert not Mail.objects.exists()


def test_recovery_does_not_wake_an_account_that_was_put_to_sleep(nobody: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    nobody.post("/users/password_recovery", {"username": "alice"})
    token = Mail.objects.get().context["token"]
    nobody.post("/users/change_password_from_recovery", {"token": token, "password": "battery-staple"})
    alice.refresh_from_db()
    assert not alice.is_active


def test_an_imported_account_becomes_its_persons_by_recovery(nobody: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False, password="!", verified_email=False)
    nobody.post("/users/password_recovery", {"username": "alice@example.com"})
    token = Mail.objects.get().context["token"]
    nobody.post("/users/change_password_from_recovery", {"token": token, "password": "battery-staple"})
    answer = nobody.post("/auth", {"type": "normal", "username": "alice", "password": "battery-staple"})
    assert (answer.status_code, answer.json()["verified_email"]) == (200, True)


def test_wrong_fields_of_a_recovery_are_named(nobody: Caller, db: None) -> None:
    answer = nobody.post("/users/change_password_from_recovery", {"token": "x" * 201, "password": "1"})
    assert set(answer.json()) == {"token", "password"}
