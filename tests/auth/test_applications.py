"""/applications and /application-tokens."""

from typing import Any

import pytest

from taiga.auth.models import Application, ApplicationToken
from taiga.users.models import User
from tests.world import Caller


@pytest.fixture
def program(db: None) -> Application:
    return Application.objects.create(
        name="Reports", web="https://reports.example", next_url="https://reports.example/in"
    )


def authorize(caller: Caller, program: Application, state: str = "s") -> Any:
    return caller.post("/application-tokens/authorize", {"application": program.id, "state": state})


def validate(caller: Caller, program: Application, **more: object) -> Any:
    return caller.post("/application-tokens/validate", {"application": program.id, **more})


def test_a_program_gets_a_token_and_acts_for_its_user(nobody: Caller, alice: User, program: Application) -> None:
    let_in = authorize(Caller(alice), program).json()
    assert let_in["state"] == "s"
    assert let_in["next_url"] == f"https://reports.example/in?auth_code={let_in['auth_code']}"
    token = validate(nobody, program, auth_code=let_in["auth_code"], state="s").json()["token"]
    assert len(token) <= 255
    assert nobody.get("/users/me", Authorization=f"Application {token}").json()["id"] == alice.id


def test_a_code_works_once_and_a_second_one_brings_the_same_token(
    nobody: Caller, alice: User, program: Application
) -> None:
    first = authorize(Caller(alice), program).json()["auth_code"]
    token = validate(nobody, program, auth_code=first, state="s").json()["token"]
    assert validate(nobody, program, auth_code=first, state="s").status_code == 404
    second = authorize(Caller(alice), program).json()["auth_code"]
    assert second != first
    assert validate(nobody, program, auth_code=second, state="s").json()["token"] == token


@pytest.mark.parametrize(
    "wrong", [{"state": "other"}, {"auth_code": "other"}, {"auth_code": None}, {"auth_code": ""}, {"application": "x"}]
)
def test_all_three_must_belong_together(
    nobody: Caller, alice: User, program: Application, wrong: dict[str, Any]
) -> None:
    code = authorize(Caller(alice), program).json()["auth_code"]
    assert validate(nobody, program, **{"auth_code": code, "state": "s", **wrong}).status_code == 404


def test_a_right_without_a_code_gives_no_token(nobody: Caller, alice: User, program: Application) -> None:
    ApplicationToken.objects.create(user=alice, application=program, state=None)
    assert validate(nobody, program).status_code == 404


@pytest.mark.parametrize("flag", [{"is_active": False}, {"is_system": True}])
def test_the_token_of_an_inactive_account_is_refused(
    nobody: Caller, alice: User, program: Application, flag: dict[str, bool]
) -> None:
    ApplicationToken.objects.create(user=alice, application=program, token="t")
    User.objects.filter(pk=alice.pk).update(**flag)
    answer = nobody.get("/locales", Authorization="Application t")
    assert (answer.status_code, answer.json()["_error_type"]) == (401, "taiga.base.exceptions.NotAuthenticated")


def test_a_program_acts_for_the_user_of_its_token(nobody: Caller, alice: User, bob: User, program: Application) -> None:
    for user, token in ((alice, "of-alice"), (bob, "of-bob")):
        ApplicationToken.objects.create(user=user, application=program, token=token)
    seen = [nobody.get("/users/me", Authorization=f"Application {one}") for one in ("of-bob", "of-alice", "of-carol")]
    assert [reply.json().get("username") for reply in seen] == ["bob", "alice", None]
    assert nobody.get("/locales", Authorization="Application of-carol").status_code == 401


def test_each_program_has_a_right_of_its_own(alice: User, program: Application) -> None:
    other = Application.objects.create(name="Other", next_url="x")
    for one in (other, program):
        authorize(Caller(alice), one, state=one.name)
    kept = {right.application.name: right for right in ApplicationToken.objects.all()}
    shown = Caller(alice).get(f"/applications/{program.id}/token?state=new").json()
    assert (shown["id"], shown["application"]["name"]) == (kept["Reports"].pk, "Reports")
    assert Caller(alice).get(f"/application-tokens/{kept['Reports'].pk}").json()["application"]["name"] == "Reports"
    kept["Other"].refresh_from_db()
    assert kept["Other"].state == "Other"


def test_a_program_is_shown_to_signed_in_callers_only(nobody: Caller, alice: User, program: Application) -> None:
    assert Caller(alice).get(f"/applications/{program.id}").json() == {
        "id": program.id,
        "name": "Reports",
        "web": "https://reports.example",
        "description": None,
        "icon_url": None,
    }
    assert nobody.get(f"/applications/{program.id}").status_code == 401
    assert nobody.get("/applications/unknown").status_code == 404
    assert nobody.get("/applications/unknown/token").status_code == 401
    assert Caller(alice).get("/applications/unknown/token").status_code == 404
    assert Caller(alice).get("/applications")["Content-Type"] == "text/html"


def test_asking_for_a_right_renews_its_code(alice: User, program: Application) -> None:
    caller = Caller(alice)
    none = caller.get(f"/applications/{program.id}/token").json()
    assert (none["id"], none["auth_code"]) == (None, None)
    assert none["next_url"] == "https://reports.example/in?auth_code=None"
    assert none["user"] == alice.id
    authorize(caller, program)
    first = caller.get(f"/applications/{program.id}/token?state=a").json()
    second = caller.get(f"/applications/{program.id}/token?state=b").json()
    assert first["id"] == second["id"]
    assert first["auth_code"] != second["auth_code"]
    assert ApplicationToken.objects.get().state == "b"


def test_everybody_sees_and_ends_his_own_rights(
    nobody: Caller, alice: User, bob: User, root: User, program: Application
) -> None:
    other = Application.objects.create(name="Other", next_url="x")
    authorize(Caller(alice), program)
    authorize(Caller(alice), other)
    mine = Caller(alice).get(f"/application-tokens?application={program.id}").json()
    assert [right["application"]["name"] for right in mine] == ["Reports"]
    path = f"/application-tokens/{mine[0]['id']}"
    assert [nobody.get(path).status_code, Caller(bob).get(path).status_code] == [401, 404]
    assert [one.delete(path).status_code for one in (nobody, Caller(bob), Caller(root))] == [401, 403, 404]
    assert nobody.get("/application-tokens").status_code == 401
    assert Caller(bob).get("/application-tokens").json() == []
    assert Caller(alice).get(path).status_code == 200
    assert Caller(alice).delete(path).status_code == 204
    assert len(Caller(alice).get("/application-tokens").json()) == 1


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("PUT", "/1"), ("PATCH", "/1")])
def test_rights_are_not_written_otherwise(alice: User, method: str, path: str) -> None:
    answer = Caller(alice).ask(method, f"/application-tokens{path}", {})
    assert (answer.status_code, answer.json()["_error_type"]) == (405, "taiga.base.exceptions.NotSupported")
