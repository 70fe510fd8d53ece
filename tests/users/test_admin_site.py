"""The admin site's pages of users, applications and tokens."""

import pytest
from django.test import Client

from taiga.auth import tokens
from taiga.auth.models import Application, ApplicationToken
from taiga.users.models import FeedbackEntry, User
from tests.world import PASSWORD


@pytest.fixture
def browser(root: User) -> Client:
    browser = Client()
    assert browser.login(username="root", password=PASSWORD)
    return browser


def test_every_page_opens(browser: Client, alice: User) -> None:
    FeedbackEntry.objects.create(full_name="Alice", email="alice@example.com", comment="Nice")
    program = Application.objects.create(name="Reports", next_url="x")
    right = ApplicationToken.objects.create(user=alice, application=program, token="the-token")
    tokens.issue(tokens.REFRESH, alice.id)
    for page in (
        "users/user/",
        "users/user/?q=alice&is_active__exact=1",
        "users/user/add/",
        f"users/user/{alice.pk}/change/",
        f"users/user/{alice.pk}/password/",
        "users/feedbackentry/",
        "tokens/application/",
        "tokens/application/add/",
        f"tokens/application/{program.pk}/change/",
        "tokens/applicationtoken/",
        f"tokens/applicationtoken/{right.pk}/change/",
        "tokens/outstandingtoken/",
    ):
        answer = browser.get(f"/admin/{page}")
        assert answer.status_code == 200, page
        assert b"the-token" not in answer.content


def test_an_account_is_made_and_edited(browser: Client) -> None:
    form = {
        "username": "dave",
        "email": "dave@example.com",
        "full_name": "Dave",
        "usable_password": "true",
        "password1": "battery-staple-9",
        "password2": "battery-staple-9",
    }
    assert browser.post("/admin/users/user/add/", form).status_code == 302
    dave = User.objects.get(username="dave")
    assert dave.check_password("battery-staple-9")
    page = browser.get(f"/admin/users/user/{dave.pk}/change/")
    fields = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    changed = {**{name: value for name, value in fields.items() if value is not False}, "max_private_projects": "3"}
    assert browser.post(f"/admin/users/user/{dave.pk}/change/", changed).status_code == 302
    dave.refresh_from_db()
    assert dave.max_private_projects == 3
    assert dave.check_password("battery-staple-9")


def test_a_program_is_made(browser: Client) -> None:
    answer = browser.post("/admin/tokens/application/add/", {"name": "Reports", "next_url": "https://x"})
    assert answer.status_code == 302
    assert len(Application.objects.get().id) == 36


def test_it_is_for_staff_alone(alice: User) -> None:
    browser = Client()
    assert browser.login(username="alice", password=PASSWORD)
    assert browser.get("/admin/users/user/").status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert browser.get("/admin/users/user/").status_code == 403
