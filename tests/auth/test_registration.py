"""POST /auth/register, and the command that creates accounts."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from taiga.auth import tokens
from taiga.changes.models import Change
from taiga.notifications.models import Mail
from taiga.projects.models import Project
from taiga.users.models import User
from tests.world import PASSWORD, Caller, invite

FORM = {
    "type": "public",
    "username": "dave",
    "email": "dave@example.com",
    "full_name": "Dave",
    "password": PASSWORD,
    "accepted_terms": True,
}


def register(caller: Caller, **more: object) -> Any:
    return caller.post("/auth/register", {**FORM, **more})


def test_it_works(nobody: Caller) -> None:
    answer = register(nobody)
    assert answer.status_code == 201
    user = User.objects.get(username="dave")
    assert (user.verified_email, user.new_email, user.read_new_terms, user.accepted_terms) == (
        False,
        "dave@example.com",
        True,
        True,
    )
    assert nobody.post("/auth", {"type": "normal", "username": "dave", "password": PASSWORD}).status_code == 200


def test_a_welcome_mail_tells_how_to_verify_and_how_to_take_all_back(nobody: Caller) -> None:
    register(nobody)
    mail = Mail.objects.get()
    user = User.objects.get()
    assert (mail.template, mail.to) == ("registered_user", "dave@example.com")
    assert mail.context["email_token"] == user.email_token
    assert tokens.read(mail.context["cancel_token"], tokens.CANCEL)["user_id"] == user.id


def test_the_feed_learns_of_it(nobody: Caller) -> None:
    register(nobody)
    change = Change.objects.get(kind="users.user")
    assert (change.object_id, change.by, change.project) == (User.objects.get().id, User.objects.get(), None)


def test_the_password_is_hashed(nobody: Caller) -> None:
    register(nobody)
    assert PASSWORD not in User.objects.get().password
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"username": "a b"}, "username"),
        ({"username": "dave\n"}, "username"),
        ({"username": "x" * 256}, "username"),
        ({"email": "nonsense"}, "email"),
        ({"email": None}, "email"),
        ({"full_name": "x" * 37}, "full_name"),
        ({"full_name": "Tom & Jerry"}, "full_name"),
        ({"password": "12345"}, "password"),
        ({"password": ""}, "password"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_is_made(nobody: Caller, sent: dict[str, object], field: str) -> None:
    answer = register(nobody, **sent)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not User.objects.exists()


def test_all_wrong_fields_are_named_at_once(nobody: Caller) -> None:
    answer = register(nobody, username="a b", email="x", full_name="", password="1")
    assert set(answer.json()) == {"username", "email", "full_name", "password"}


@pytest.mark.parametrize("sent", [{"username": "ALICE"}, {"email": "ALICE@example.com"}])
def test_a_name_or_address_is_taken_in_any_case(nobody: Caller, alice: User, sent: dict[str, str]) -> None:
    answer = register(nobody, **sent)
    assert (answer.status_code, answer.json()["_error_type"]) == (400, "taiga.base.exceptions.WrongArguments")
    assert User.objects.count() == 1


@pytest.mark.parametrize("terms", [None, False])
def test_terms_must_be_accepted(nobody: Caller, terms: object) -> None:
    assert register(nobody, accepted_terms=terms).json()["_error_type"] == "taiga.base.exceptions.BadRequest"


def test_only_admitted_domains_register(nobody: Caller, settings: Settings) -> None:
    settings.USER_EMAIL_ALLOWED_DOMAINS = ["example.org"]
    assert list(register(nobody).json()) == ["email"]
    assert register(nobody, email="dave@Example.ORG").status_code == 201


def test_closed_servers_take_the_invited_alone(nobody: Caller, project: Project, settings: Settings) -> None:
    settings.PUBLIC_REGISTER_ENABLED = False
    waiting = invite("new@example.org", project, "the-token")
    refused = register(nobody)
    assert (refused.status_code, refused.json()["_error_message"]) == (400, "Public registration is disabled.")
    assert register(nobody, type="private", token="the-token").status_code == 201
    waiting.refresh_from_db()
    assert waiting.user is not None
    assert waiting.user.username == "dave"
    second = register(nobody, type="private", token="the-token", username="erin", email="erin@example.com")
    assert (second.status_code, second.json()["_error_type"]) == (404, "taiga.base.exceptions.NotFound")
    assert not User.objects.filter(username="erin").exists()
    waiting.refresh_from_db()
    assert waiting.user.username == "dave"


@pytest.mark.parametrize("kind", ["other", "", None])
def test_there_are_two_kinds_of_registration(nobody: Caller, project: Project, kind: Any) -> None:
    invite("new@example.org", project, "the-token")
    refused = register(nobody, type=kind, token="the-token")
    assert (refused.status_code, refused.json()["_error_message"]) == (400, "invalid registration type")
    assert not User.objects.filter(username="dave").exists()


def test_private_registration_needs_a_token(nobody: Caller) -> None:
    assert list(register(nobody, type="private").json()) == ["token"]
    assert not Mail.objects.exists()


def test_an_imported_account_belongs_to_whoever_registers_with_its_address(nobody: Caller) -> None:
    imported = User(username="d", email="Dave@example.com", full_name="D", is_active=False)
    imported.set_unusable_password()
    imported.save()
    assert register(nobody).json()["id"] == imported.id
    imported.refresh_from_db()
    assert (imported.is_active, imported.username, imported.verified_email) == (True, "dave", False)


@pytest.mark.parametrize("kept", [{"password": "!"}, {"is_system": True}, {"date_cancelled": "2026-01-01T00:00Z"}])
def test_other_accounts_are_not_taken_over(nobody: Caller, kept: dict[str, object]) -> None:
    former = User.objects.create_user("d", "dave@example.com", PASSWORD, is_active=False)
    if "password" not in kept:
        User.objects.filter(pk=former.pk).update(password="!", **kept)
    assert register(nobody).status_code == 400


def test_the_owner_of_the_server_makes_accounts_by_command(
    nobody: Caller, db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PUBLIC_REGISTER_ENABLED = False
    monkeypatch.setenv("DJANGO_USER_PASSWORD", PASSWORD)
    told = StringIO()
    call_command("createuser", "--username", "dave", "--email", "dave@example.com", "--full-name", "Dave", stdout=told)
    assert "dave@example.com" in told.getvalue()
    assert PASSWORD not in told.getvalue()
    assert nobody.post("/auth", {"type": "normal", "username": "dave", "password": PASSWORD}).status_code == 200
    assert User.objects.get().verified_email


def test_the_command_tells_what_is_wrong(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_USER_PASSWORD", "1")
    with pytest.raises(CommandError, match="password") as refusal:
        call_command("createuser", "--username", "a b", "--email", "x")
    assert {line.partition(":")[0] for line in str(refusal.value).splitlines()} == {"username", "email", "password"}


def test_an_invitation_leads_from_the_mail_to_the_project(nobody: Caller, project: Project, settings: Settings) -> None:
    settings.PUBLIC_REGISTER_ENABLED = False
    role = project.roles.get(slug="back")
    invited = Caller(project.owner).post(
        "/memberships", {"project": project.pk, "role": role.pk, "username": "new@example.org"}
    )
    assert invited.status_code == 201
    mail = Mail.objects.get(to="new@example.org")
    token = mail.context["token"]
    assert token not in invited.content.decode()
    assert nobody.get(f"/invitations/{token}").json()["project"] == project.pk
    joined = register(nobody, type="private", token=token)
    assert (joined.status_code, joined.json()["roles"]) == (201, ["Back"])
    newcomer = Caller(User.objects.get(username="dave"))
    assert newcomer.get(f"/projects/{project.pk}").status_code == 200
    assert nobody.get(f"/invitations/{token}").status_code == 404
