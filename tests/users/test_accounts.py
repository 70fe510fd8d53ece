"""/users/{id}: reading, changing and cancelling an account."""

import pytest
from pytest_django import Settings

from taiga.auth import tokens
from taiga.notifications.models import Mail
from taiga.projects.models import Membership, Project
from taiga.users import queries
from taiga.users.models import AuthData, User
from tests.world import Caller, join, project_of

PROFILE = {"username": "alice", "full_name": "Alice", "email": "alice@example.com", "read_new_terms": True}


def test_everybody_may_look(nobody: Caller, alice: User, carol: User) -> None:
    for caller in (nobody, Caller(carol)):
        answer = caller.get(f"/users/{alice.id}")
        assert answer.status_code == 200
        assert "alice@example.com" not in answer.content.decode()
        assert list(answer.json())[-1] == "roles"
        assert caller.get("/users/by_username?username=alice").json() == answer.json()


def test_only_oneself_and_superusers_see_the_whole(alice: User, root: User) -> None:
    own = Caller(alice).get(f"/users/{alice.id}").json()
    assert own == Caller(alice).get("/users/me").json() == Caller(root).get(f"/users/{alice.id}").json()
    assert (own["email"], list(own)[-1]) == ("alice@example.com", "verified_email")


@pytest.mark.parametrize("key", ["0", "999999999", "abc", "99999999999999999999999", "-1"])
def test_unknown_people_are_404(nobody: Caller, db: None, key: str) -> None:
    answer = nobody.get(f"/users/{key}")
    assert (answer.status_code, list(answer.json())) == (404, ["_error_message"])


def test_profiles_can_be_kept_from_the_anonymous(nobody: Caller, alice: User, carol: User, settings: Settings) -> None:
    settings.PRIVATE_USER_PROFILES = True
    for path in (f"/users/{alice.id}", "/users/by_username?username=alice", f"/users/{alice.id}/stats"):
        assert nobody.get(path).status_code == 401
        assert Caller(carol).get(path).status_code == 200


def test_own_projects_are_counted(alice: User) -> None:
    project_of(alice, "One")
    project_of(alice, "Two")
    project_of(alice, "Three", is_private=False)
    mine = Caller(alice).get("/users/me").json()
    assert (mine["total_private_projects"], mine["total_public_projects"]) == (2, 1)


def test_new_accounts_get_the_limits_of_the_settings(settings: Settings, db: None) -> None:
    settings.MAX_PRIVATE_PROJECTS_PER_USER = 3
    assert User.objects.create_user("dave", "dave@example.com").max_private_projects == 3


def test_a_patch_changes_what_it_names(alice: User) -> None:
    answer = Caller(alice).patch(f"/users/{alice.id}", {"bio": "I code", "lang": None, "max_private_projects": 9})
    assert answer.status_code == 200
    alice.refresh_from_db()
    assert (alice.bio, alice.lang, alice.full_name, alice.max_private_projects) == ("I code", "", "Alice", None)


def test_a_patch_may_come_as_a_form(alice: User) -> None:
    answer = Caller(alice).ask("PATCH", f"/users/{alice.id}", None)
    assert answer.status_code == 200


def test_a_put_resets_what_it_does_not_name(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(bio="b", theme="t", timezone="Z", color="#000000")
    answer = Caller(alice).put(f"/users/{alice.id}", {**PROFILE, "lang": "de"})
    assert answer.status_code == 200
    alice.refresh_from_db()
    assert (alice.bio, alice.theme, alice.timezone, alice.lang) == ("", "", "", "de")
    assert alice.color != "#000000"


def test_a_put_wants_four_fields(alice: User) -> None:
    answer = Caller(alice).put(f"/users/{alice.id}", {})
    assert set(answer.json()) == {"username", "full_name", "email", "read_new_terms"}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"username": "a b"}, "username"),
        ({"username": "bob"}, "username"),
        ({"full_name": "see http://x.org"}, "full_name"),
        ({"read_new_terms": False}, "read_new_terms"),
        ({"color": "#123456789"}, "color"),
        ({"lang": "x" * 21}, "lang"),
    ],
)
def test_wrong_fields_are_named(alice: User, bob: User, sent: dict[str, object], field: str) -> None:
    for answer in (
        Caller(alice).patch(f"/users/{alice.id}", sent),
        Caller(alice).put(f"/users/{alice.id}", {**PROFILE, **sent}),
    ):
        assert (answer.status_code, list(answer.json())) == (400, [field])


def test_acquaintances_are_forbidden_and_strangers_unknown(
    nobody: Caller, project: Project, alice: User, bob: User, carol: User
) -> None:
    path = f"/users/{alice.id}"
    for method, stranger in (("PATCH", 404), ("DELETE", 404), ("PUT", 403)):
        assert nobody.ask(method, path, {}).status_code == 401
        assert Caller(bob).ask(method, path, {}).status_code == 403
        assert Caller(carol).ask(method, path, {}).status_code == stranger
    alice.refresh_from_db()
    assert alice.is_active


def test_superusers_edit_the_active(root: User, alice: User) -> None:
    assert Caller(root).patch(f"/users/{alice.id}", {"bio": "x"}).status_code == 200
    assert Caller(root).patch("/users/999999999", {"bio": "x"}).status_code == 404
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert Caller(root).patch(f"/users/{alice.id}", {"is_active": True}).status_code == 404


def test_another_address_waits_until_it_is_confirmed(nobody: Caller, alice: User) -> None:
    for answer in (
        Caller(alice).patch(f"/users/{alice.id}", {"email": "new@example.com"}),
        Caller(alice).put(f"/users/{alice.id}", {**PROFILE, "email": "new@example.com"}),
    ):
        assert (answer.status_code, answer.json()["email"]) == (200, "alice@example.com")
    alice.refresh_from_db()
    assert (alice.email, alice.new_email) == ("alice@example.com", "new@example.com")
    mail = Mail.objects.latest("id")
    assert (mail.template, mail.to, mail.context["email_token"]) == (
        "change_email",
        "new@example.com",
        alice.email_token,
    )
    assert nobody.post("/users/change_email", {"email_token": alice.email_token}).status_code == 204
    assert nobody.post("/users/change_email", {"email_token": mail.context["email_token"]}).status_code == 400
    alice.refresh_from_db()
    assert (alice.email, alice.new_email, alice.email_token, alice.verified_email) == (
        "new@example.com",
        None,
        None,
        True,
    )


def test_the_address_of_another_is_the_others_to_confirm(root: User, alice: User) -> None:
    Caller(root).patch(f"/users/{alice.id}", {"email": "new@example.com"})
    alice.refresh_from_db()
    root.refresh_from_db()
    assert (alice.new_email, root.new_email) == ("new@example.com", None)


@pytest.mark.parametrize("email", ["alice@example.com", "bob@example.com", "nonsense", "", "x" * 250 + "@example.com"])
def test_addresses_that_are_taken_or_none_are_refused(alice: User, bob: User, email: str) -> None:
    answer = Caller(alice).patch(f"/users/{alice.id}", {"email": email, "bio": "lost"})
    assert (answer.status_code, answer.json()["_error_type"]) == (400, "taiga.base.exceptions.WrongArguments")
    alice.refresh_from_db()
    assert (alice.bio, alice.new_email, Mail.objects.count()) == ("", None, 0)


def test_addresses_of_other_domains_are_refused(alice: User, settings: Settings) -> None:
    settings.USER_EMAIL_ALLOWED_DOMAINS = ["example.org"]
    assert Caller(alice).patch(f"/users/{alice.id}", {"email": "new@example.com"}).status_code == 400
    assert Caller(alice).patch(f"/users/{alice.id}", {"email": "new@example.org"}).status_code == 200


def test_an_address_that_was_taken_meanwhile_is_not_confirmed(nobody: Caller, alice: User) -> None:
    Caller(alice).patch(f"/users/{alice.id}", {"email": "new@example.com"})
    User.objects.create_user("dave", "new@example.com")
    alice.refresh_from_db()
    assert nobody.post("/users/change_email", {"email_token": alice.email_token}).status_code == 400
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


def test_verifying_asks_for_news_again(nobody: Caller, alice: User) -> None:
    Caller(alice).post("/user-storage", {"key": "dont_ask_premise_newsletter", "value": True})
    Caller(alice).patch(f"/users/{alice.id}", {"email": "new@example.com"})
    alice.refresh_from_db()
    nobody.post("/users/change_email", {"email_token": alice.email_token})
    assert not alice.storage_entries.exists()


def test_the_verification_mail_can_be_sent_again(nobody: Caller, alice: User) -> None:
    assert Caller(alice).post("/users/send_verification_email").status_code == 400
    User.objects.filter(pk=alice.pk).update(verified_email=False, email_token="t", new_email=alice.email)
    assert Caller(alice).post("/users/send_verification_email").status_code == 200
    assert Mail.objects.get().context["email_token"] == "t"
    User.objects.filter(pk=alice.pk).update(new_email="other@example.com")
    assert Caller(alice).post("/users/send_verification_email").status_code == 400
    assert nobody.post("/users/send_verification_email").status_code == 401


def test_an_account_ends_and_says_nothing_any_more(nobody: Caller, project: Project, alice: User, bob: User) -> None:
    AuthData.objects.create(user=alice, key="github", value="7", extra={})
    caller = Caller(alice)
    assert caller.delete(f"/users/{alice.id}").status_code == 204
    former = nobody.get(f"/users/{alice.id}").json()
    assert (former["full_name"], former["is_active"], former["roles"]) == ("Deleted user", False, [])
    assert former["username"].startswith("deleted-user-")
    alice.refresh_from_db()
    assert alice.email == f"{former['username']}@taiga.io"
    assert not alice.has_password
    assert alice.date_cancelled is not None
    assert not alice.auth_data.exists()
    assert caller.get("/users/me").json()["code"] == "user_inactive"


def test_owned_projects_are_blocked_and_memberships_end(project: Project, alice: User, bob: User) -> None:
    other = project_of(bob, "Other")
    join(alice, other)
    Caller(alice).delete(f"/users/{alice.id}")
    project.refresh_from_db()
    assert (project.owner, project.blocked_code) == (alice, "blocked-by-owner-leaving")
    other.refresh_from_db()
    assert other.blocked_code is None
    assert not Membership.objects.filter(user=alice).exists()
    assert Membership.objects.filter(user=bob).count() == 2


def test_name_and_address_are_free_again(nobody: Caller, alice: User) -> None:
    Caller(alice).delete(f"/users/{alice.id}")
    form = {"type": "public", "accepted_terms": True, "password": "sixsix", **PROFILE}
    assert nobody.post("/auth/register", form).json()["id"] != alice.id


def test_the_link_of_the_welcome_mail_ends_an_account_once(nobody: Caller, bob: User, alice: User) -> None:
    token = tokens.issue(tokens.CANCEL, alice.id)
    for wrong in ("", "rubbish", tokens.issue(tokens.ACCESS, alice.id), tokens.issue(tokens.REFRESH, alice.id)):
        assert nobody.post("/users/cancel", {"cancel_token": wrong}).status_code == 400
    alice.refresh_from_db()
    assert alice.is_active
    assert nobody.post("/users/cancel", {"cancel_token": token}).status_code == 204
    assert nobody.post("/users/cancel", {"cancel_token": token}).status_code == 400
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.is_active, bob.is_active) == (False, True)


def test_a_name_and_an_address_that_are_taken_are_told_along_with_every_other_wrong_field(
    alice: User, bob: User, carol: User
) -> None:
    path, taken = f"/users/{alice.id}", {"username": "bob", "email": "bob@example.com"}
    put = Caller(alice).put(path, {**PROFILE, **taken, "color": "#123456789"})
    assert (put.status_code, put.json().keys()) == (400, {"username", "email", "color"})
    assert Caller(alice).put(path, {**PROFILE, **taken}).json().keys() == {"username", "email"}
    assert Caller(alice).put(path, {**taken, "full_name": "A"}).json().keys() == {
        "username",
        "email",
        "read_new_terms",
    }
    assert Caller(alice).put(path, {**PROFILE, "color": "#123456789"}).json().keys() == {"color"}
    patch = Caller(alice).patch(path, {"username": "bob", "read_new_terms": False, "lang": "x" * 21})
    assert (patch.status_code, patch.json().keys()) == (400, {"username", "read_new_terms", "lang"})
    assert Caller(carol).put(path, {**PROFILE, **taken, "color": "#123456789"}).status_code == 403


def test_a_user_name_is_taken_in_whatever_case(alice: User, bob: User) -> None:
    assert queries.taken_names(["ALICE", "alice-1", "bob"]) == ["ALICE", "bob"]
