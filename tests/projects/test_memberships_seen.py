"""Who sees the address of a member, and who gets which mail again."""

import pytest

from taiga.notifications.models import Mail
from taiga.projects.models import Membership
from tests.projects.apollo import Apollo
from tests.projects.test_memberships import add_many
from tests.world import invite

pytestmark = pytest.mark.django_db


def test_the_page_of_a_project_that_is_not_there_is_the_last_if_pages_are_wanted() -> None:
    apollo = Apollo()
    page, whole = (
        apollo.bob.get("/memberships?project=999999", **headers) for headers in ({}, {"X_Disable_Pagination": "1"})
    )
    assert [reply.status_code for reply in (page, whole)] == [404, 404]
    assert ("x-pagination-count" in page.headers, "x-pagination-next" in page.headers) == (True, False)
    assert "x-pagination-count" not in whole.headers


def test_one_membership_tells_its_address_to_admins_alone() -> None:
    apollo = Apollo()
    rows = {
        key: f"/memberships/{Membership.objects.get(user=one.user, project=apollo.project).pk}"
        for key, one in (("alice", apollo.alice), ("bob", apollo.bob))
    }
    for name, at in rows.items():
        assert apollo.bob.get(at).json()["full_name"] == name.title()
        assert "email" not in apollo.bob.get(at).json()
        for admin in (apollo.alice, apollo.superuser() if name == "bob" else apollo.alice):
            assert admin.get(at).json()["email"] == f"{name}@example.com"


def test_an_edit_is_answered_without_the_address() -> None:
    apollo = Apollo()
    at = f"/memberships/{Membership.objects.get(user=apollo.bob.user).pk}"
    assert "email" not in apollo.alice.patch(at, {"is_admin": True}).json()


def test_a_mail_is_sent_again_to_the_one_it_is_for() -> None:
    apollo = Apollo()
    waiting = [invite(f"{name}@example.org", apollo.project, f"for-{name}") for name in ("first", "second")]
    at = f"/memberships/{waiting[1].pk}/resend_invitation"
    assert [one.post(at).status_code for one in (apollo.nobody, apollo.carol, apollo.bob)] == [401, 404, 403]
    assert not Mail.objects.exists()
    assert apollo.alice.post(at).status_code == 204
    [mail] = Mail.objects.all()
    assert (mail.template, mail.to, mail.context["token"]) == (
        "membership_invitation",
        "second@example.org",
        "for-second",
    )
    member = Membership.objects.get(user=apollo.bob.user)
    assert apollo.alice.post(f"/memberships/{member.pk}/resend_invitation").status_code == 204
    assert Mail.objects.get(to="bob@example.com").template == "membership_notification"


def test_of_several_who_cannot_be_invited_each_is_named() -> None:
    apollo = Apollo()
    reply = add_many(apollo, "bob", "carol", "new@example.org", "nobody-at-all")
    told = [list(row) for row in reply.json()["bulk_memberships"]]
    assert (reply.status_code, told) == (400, [[], ["username"], [], ["username"]])
    elsewhere = apollo.other.roles.get(slug="back").pk
    rows = [{"role_id": elsewhere, "username": "new@example.org"}]
    body = {"project_id": apollo.project.pk, "bulk_memberships": rows}
    foreign = apollo.alice.post("/memberships/bulk_create", body)
    assert (foreign.status_code, [*foreign.json()]) == (400, ["bulk_memberships"])
    assert not Membership.objects.filter(email="new@example.org").exists()
