"""/memberships and /invitations."""

from typing import Any

import pytest
from pytest_django import Settings

from taiga.changes.models import Change
from taiga.notifications.models import Mail, WebNotification
from taiga.projects.models import Membership, NotifyPolicy, Role, RolePoints
from taiga.timeline.models import TimelineEntry
from taiga.users.models import User
from tests.projects.apollo import Apollo, counted
from tests.world import Caller, invite, join, person, project_of

pytestmark = pytest.mark.django_db


def role(apollo: Apollo, slug: str = "back") -> int:
    return Role.objects.get(project=apollo.project, slug=slug).pk


def add(apollo: Apollo, name: str, by: Caller | None = None, **more: Any) -> Any:
    body = {"project": apollo.project.pk, "role": role(apollo), "username": name, **more}
    return (by or apollo.alice).post("/memberships", body)


def add_many(apollo: Apollo, *names: str, by: Caller | None = None, **more: Any) -> Any:
    rows = [{"role_id": role(apollo), "username": name} for name in names]
    body = {"project_id": apollo.project.pk, "bulk_memberships": rows, **more}
    return (by or apollo.alice).post("/memberships/bulk_create", body)


def test_somebody_with_an_account_is_in_at_once() -> None:
    apollo = Apollo()
    reply = add(apollo, "carol@example.com", is_admin=True, invitation_extra_text=None)
    made = reply.json()
    assert (reply.status_code, made["user"]) == (201, apollo.carol.user.pk)
    assert (made["is_admin"], made["user_order"], made["email"]) == (True, 0, "carol@example.com")
    assert made["invited_by"]["username"] == "alice"
    assert NotifyPolicy.objects.get(project=apollo.project, user=apollo.carol.user).notify_level == 1
    assert apollo.carol.get(f"/projects/{apollo.project.pk}").status_code == 200
    told = TimelineEntry.objects.filter(event_type="projects.membership.create", user=apollo.carol.user).get()
    assert told.data["role"] == {"id": role(apollo), "name": "Back"}
    [mail] = Mail.objects.all()
    assert (mail.template, mail.to, mail.context["project"]["slug"]) == (
        "membership_notification",
        "carol@example.com",
        "apollo",
    )
    assert not WebNotification.objects.exists()


def test_an_address_gets_an_invitation_whose_token_only_the_mail_tells() -> None:
    apollo = Apollo()
    reply = add(apollo, "new@example.org", invitation_extra_text="Come", token="mine", user=1)
    made = reply.json()
    assert (made["user"], made["is_owner"], made["full_name"], made["is_user_active"]) == (None, None, None, False)
    waiting = Membership.objects.get(email="new@example.org")
    assert waiting.token not in (None, "mine")
    assert str(waiting.token) not in reply.content.decode()
    [mail] = Mail.objects.all()
    assert mail.template == "membership_invitation"
    assert (mail.context["token"], mail.context["text"]) == (waiting.token, "Come")
    assert not Change.objects.filter(kind="projects.membership").exists()


def test_an_account_that_an_import_made_is_invited_like_an_address() -> None:
    apollo = Apollo()
    User.objects.create(username="ghost", email="ghost@example.org", is_active=False, password="")
    assert add(apollo, "ghost@example.org").json()["user"] is None
    assert Mail.objects.get().template == "membership_invitation"


def test_user_names_are_those_of_contacts() -> None:
    apollo = Apollo()
    assert add(apollo, "carol").json() == {"username": ["The user must be a valid contact"]}
    together = project_of(apollo.alice.user, "Together")
    join(apollo.carol.user, together)
    for name in ("Carol", "CAROL"):
        assert add(apollo, name).json().keys() == {"username"}
        assert add_many(apollo, name).json().keys() == {"bulk_memberships"}
    assert add(apollo, "carol").status_code == 201


def test_an_address_finds_its_account_in_whatever_case_and_is_kept_as_it_was_written() -> None:
    apollo = Apollo()
    made = add(apollo, "Carol@Example.com").json()
    assert (made["user"], made["email"]) == (apollo.carol.user.pk, "Carol@Example.com")
    assert made["user_email"] == "carol@example.com"


def test_names_that_no_account_or_address_could_have_are_refused() -> None:
    apollo = Apollo()
    endless = f"x@{'.'.join(['a' * 60] * 5)}.org"
    assert add(apollo, endless).json().keys() == {"username"}
    assert add_many(apollo, endless).json()["bulk_memberships"][0].keys() == {"username"}


def test_no_text_for_several_is_an_empty_text_if_it_was_sent() -> None:
    apollo = Apollo()
    [told] = add_many(apollo, "one@example.org", invitation_extra_text=None).json()
    [silent] = add_many(apollo, "two@example.org").json()
    assert (told["invitation_extra_text"], silent["invitation_extra_text"]) == ("", None)
    assert add_many(apollo, "three@example.org", invitation_extra_text="x" * 256).status_code == 400


def test_who_is_in_already_is_refused_in_whatever_case() -> None:
    apollo = Apollo()
    add(apollo, "guest@example.org")
    count = Membership.objects.count()
    for name in ("bob", "bob@example.com", "BOB@example.com", "guest@example.org", "Guest@Example.org"):
        assert add(apollo, name).json().keys() == {"username"}
        assert add_many(apollo, name).json().keys() == {"bulk_memberships"}
    Membership.objects.filter(user=apollo.bob.user).update(email=None)
    assert add_many(apollo, "bob@example.com").status_code == 400
    assert Membership.objects.count() == count


def test_all_fields_that_are_wrong_are_told_to_everybody() -> None:
    apollo = Apollo()
    strange = Role.objects.filter(project=apollo.other)[0].pk
    for caller in (apollo.alice, apollo.nobody):
        assert add(apollo, "nobody", by=caller, role=strange).json().keys() == {"username", "role"}
        assert caller.post("/memberships", {}).json().keys() == {"username", "role", "project"}
    callers = (apollo.nobody, apollo.carol, apollo.bob)
    assert [add(apollo, "x@example.org", by=caller).status_code for caller in callers] == [401, 403, 403]
    assert [add_many(apollo, "x@example.org", by=caller).status_code for caller in callers] == [401, 403, 403]


@pytest.mark.parametrize("ask", [add, add_many])
def test_who_may_not_invite_does_not_learn_who_is_in(ask: Any) -> None:
    apollo = Apollo()
    add(apollo, "guest@example.org")
    for caller in (apollo.nobody, apollo.carol, apollo.bob):
        strange = ask(apollo, "stranger@example.org", by=caller)
        assert strange.status_code in (401, 403)
        for known in ("bob@example.com", "guest@example.org"):
            answer = ask(apollo, known, by=caller)
            assert (answer.status_code, answer.content) == (strange.status_code, strange.content)


def test_only_addresses_of_admitted_domains_are_invited(settings: Settings) -> None:
    settings.USER_EMAIL_ALLOWED_DOMAINS = ["example.com"]
    apollo = Apollo()
    assert [add(apollo, name).status_code for name in ("x@example.org", "x@example.com")] == [400, 201]


def test_who_has_not_verified_his_address_brings_nobody_in() -> None:
    apollo = Apollo()
    User.objects.update(verified_email=False)
    assert add(apollo, "x@example.org").json().keys() == {"non_field_errors"}
    assert "_error_message" in add_many(apollo, "x@example.org").json()
    row = Membership.objects.get(user=apollo.bob.user)
    assert apollo.alice.patch(f"/memberships/{row.pk}", {"role": role(apollo)}).status_code == 400
    assert apollo.alice.post(f"/memberships/{row.pk}/resend_invitation").status_code == 204
    assert apollo.alice.delete(f"/memberships/{row.pk}").status_code == 204


def test_several_come_at_once_and_hear_the_bell() -> None:
    apollo = Apollo()
    reply = add_many(apollo, "carol@example.com", "new@example.org", invitation_extra_text="All")
    assert reply.status_code == 200
    first, second = reply.json()
    assert (first["email"], first["user_email"], second["email"]) == (None, "carol@example.com", "new@example.org")
    assert [mail.template for mail in Mail.objects.order_by("id")] == [
        "membership_notification",
        "membership_invitation",
    ]
    [change] = Change.objects.filter(kind="projects.membership")
    assert change.context["in_bulk"] is True
    assert add_many(apollo).json() == []


def test_many_cost_what_few_cost() -> None:
    apollo = Apollo()
    back = role(apollo)

    def invited(count: int) -> None:
        rows = [{"role_id": back, "username": f"guest{count}-{number}@example.org"} for number in range(count)]
        body = {"project_id": apollo.project.pk, "bulk_memberships": rows}
        assert len(apollo.alice.post("/memberships/bulk_create", body).json()) == count

    invited(1)
    with counted() as few:
        invited(2)
    with counted() as many:
        invited(12)
    assert many[0] - few[0] == 10  # one insert for each mail


def test_the_same_person_twice_is_refused() -> None:
    apollo = Apollo()
    assert add_many(apollo, "x@example.org", "X@example.org").status_code == 400
    assert add_many(apollo, "carol@example.com", "CAROL@example.com").status_code == 400
    bad = [{"role_id": role(apollo), "username": "x@example.org"}, {"username": ""}]
    reply = apollo.alice.post("/memberships/bulk_create", {"project_id": apollo.project.pk, "bulk_memberships": bad})
    assert [set(row) for row in reply.json()["bulk_memberships"]] == [set(), {"role_id", "username"}]
    bad += [{"username": "nobody"}, {"role_id": role(apollo), "username": "nobody"}, 5]
    reply = apollo.alice.post("/memberships/bulk_create", {"project_id": apollo.project.pk, "bulk_memberships": bad})
    told = [sorted(row) for row in reply.json()["bulk_memberships"]]
    assert told[2:] == [["role_id", "username"], ["username"], ["non_field_errors"]]
    unknown = apollo.alice.post("/memberships/bulk_create", {"project_id": 999_999, "bulk_memberships": []})
    assert unknown.json().keys() == {"project_id", "bulk_memberships"}


def test_only_so_many_invitations_wait(settings: Settings) -> None:
    settings.MAX_PENDING_MEMBERSHIPS = 2
    apollo = Apollo()
    over = add_many(apollo, "a@example.org", "b@example.org", "c@example.org")
    assert (over.status_code, over["Taiga-Info-Project-Memberships"]) == (400, "3")
    assert add_many(apollo, "a@example.org", "b@example.org", "carol@example.com").status_code == 200
    last = add(apollo, "c@example.org")
    assert (last.status_code, last["Taiga-Info-Project-Memberships"]) == (400, "3")


@pytest.mark.parametrize("privacy", ["private", "public"])
def test_people_are_counted_once_over_all_projects_of_the_owner(privacy: str) -> None:
    closed = {"is_private": privacy == "private"}
    apollo = Apollo(**closed)
    join(apollo.carol.user, project_of(apollo.alice.user, "Second", **closed))
    User.objects.filter(username="alice").update(**{f"max_memberships_{privacy}_projects": 3})
    assert add(apollo, "carol@example.com").status_code == 201
    full = add(apollo, "dave@example.org")
    assert (full.status_code, full["Taiga-Info-Project-Memberships"]) == (400, "4")
    assert full["Taiga-Info-Project-Is-Private"] == str(closed["is_private"])
    assert full.json()["_error_message"].endswith(f"memberships for {privacy} projects")


def test_lists_tell_addresses_to_admins_who_ask_for_one_project() -> None:
    apollo = Apollo()
    add(apollo, "aaa@example.org")
    at = f"/memberships?project={apollo.project.pk}"
    rows = apollo.alice.get(at).json()
    assert [row["full_name"] for row in rows] == ["Alice", "Bob", None]
    assert rows[2]["email"] == "aaa@example.org"
    assert "email" not in apollo.bob.get(at).json()[0]
    assert "email" not in apollo.alice.get("/memberships").json()[0]
    assert (apollo.carol.get(at).json(), apollo.nobody.get(at).json()) == ([], [])
    assert len(apollo.bob.get(f"{at}&role={role(apollo)}").json()) == 2
    gone = [caller.get("/memberships?project=999999") for caller in (apollo.nobody, apollo.bob)]
    assert [reply.status_code for reply in gone] == [401, 404]
    assert {reply["x-pagination-count"] for reply in gone} == {"0"}


def test_a_list_of_many_costs_what_a_list_of_few_costs() -> None:
    apollo = Apollo()
    at = f"/memberships?project={apollo.project.pk}"
    apollo.shown(at)
    with counted() as few:
        apollo.shown(at)
    for number in range(6):
        join(person(f"member{number}"), apollo.project)
    with counted() as many:
        assert len(apollo.shown(at)) == 8
    assert many == few


def test_an_edit_changes_role_and_rights_and_nothing_else() -> None:
    apollo = Apollo()
    row = Membership.objects.get(user=apollo.bob.user)
    at = f"/memberships/{row.pk}"
    assert apollo.alice.patch(at, {"role": role(apollo, "ux"), "is_admin": True}).json()["role_name"] == "UX"
    row.refresh_from_db()
    assert (row.is_admin, row.invited_by, row.user_order) == (True, None, 0)
    assert (
        apollo.alice.put(at, {"project": apollo.project.pk, "role": role(apollo), "username": "bob"}).json()["is_admin"]
        is False
    )
    assert apollo.alice.patch(at, {"project": apollo.other.pk}).json().keys() == {"project"}
    assert [caller.patch(at, {}).status_code for caller in (apollo.nobody, apollo.carol, apollo.bob)] == [401, 403, 403]
    assert Mail.objects.count() == 0


def test_every_project_keeps_its_owner_and_an_active_admin_as_admins() -> None:
    apollo = Apollo()
    mine = Membership.objects.get(user=apollo.alice.user, project=apollo.project)
    at = f"/memberships/{mine.pk}"
    for value in (False, True):
        assert apollo.alice.patch(at, {"is_admin": value}).json().keys() == {"is_admin"}
    Membership.objects.filter(user=apollo.bob.user).update(is_admin=True)
    assert apollo.alice.patch(at, {"is_admin": False}).json().keys() == {"is_admin"}
    assert apollo.bob.delete(at).status_code == 400
    for name in ("carol@example.com", "new@example.org"):
        assert apollo.bob.patch(at, {"username": name}).json().keys() == {"username"}
    assert apollo.bob.patch(at, {"username": "alice@example.com"}).status_code == 200
    User.objects.filter(username="bob").update(is_active=False)
    assert apollo.alice.patch(at, {"is_admin": True}).json().keys() == {"is_admin"}


def test_an_invitation_is_sent_to_another_address_or_given_to_an_account() -> None:
    apollo = Apollo()
    waiting = invite("first@example.org", apollo.project, "the-token")
    at = f"/memberships/{waiting.pk}"
    assert apollo.alice.patch(at, {"username": "first@example.org"}).status_code == 200
    assert apollo.alice.patch(at, {"username": "second@example.org"}).status_code == 200
    assert Membership.objects.get(pk=waiting.pk).token == "the-token"
    assert apollo.alice.patch(at, {"username": "bob"}).json().keys() == {"username"}
    assert apollo.alice.patch(at, {"username": "carol@example.com"}).json()["full_name"] == "Carol"
    assert Membership.objects.get(pk=waiting.pk).token is None
    assert apollo.nobody.get("/invitations/the-token").status_code == 404


def test_an_invitation_is_shown_to_who_holds_its_token_until_it_is_taken() -> None:
    apollo = Apollo()
    invite("old@example.org", apollo.other, "another")
    invite("new@example.org", apollo.project, "the-token")
    shown = apollo.nobody.get("/invitations/the-token").json()
    assert apollo.nobody.get("/invitations/no-token").status_code == 404
    assert (shown["project_slug"], "email" in shown, "token" in shown) == ("apollo", False, False)
    assert {apollo.nobody.get("/invitations").status_code, apollo.superuser().get("/invitations").status_code} == {403}


def test_a_member_who_is_removed_keeps_what_he_was_given() -> None:
    apollo = Apollo()
    story = apollo.story(assigned_to=apollo.bob.user.pk)
    added = apollo.made("/roles", name="Tester")
    row = Membership.objects.get(user=apollo.bob.user)
    assert apollo.bob.delete(f"/memberships/{row.pk}").status_code == 403
    assert apollo.alice.delete(f"/memberships/{row.pk}").status_code == 204
    assert apollo.shown(f"/userstories/{story['id']}")["assigned_to"] == apollo.bob.user.pk
    assert NotifyPolicy.objects.filter(user=apollo.bob.user, project=apollo.project).exists()
    assert RolePoints.objects.filter(user_story=story["id"], role=added["id"]).exists()
    assert TimelineEntry.objects.filter(event_type="projects.membership.delete", user=apollo.bob.user).exists()
    waiting = invite("new@example.org", apollo.project, "the-token")
    count = Change.objects.count()
    assert apollo.alice.delete(f"/memberships/{waiting.pk}").status_code == 204
    assert Change.objects.count() == count


def test_blocked_and_archived_projects_get_no_members() -> None:
    apollo = Apollo()
    waiting = invite("new@example.org", apollo.project, "the-token")
    at = f"/memberships/{waiting.pk}"
    apollo.archive()
    replies = (add(apollo, "x@example.org"), apollo.alice.patch(at, {}), apollo.alice.delete(at))
    assert [reply.status_code for reply in replies] == [403, 403, 403]
    assert add_many(apollo, "y@example.org").status_code == 200
    apollo.project.archived_code = None
    apollo.project.save()
    apollo.block()
    replies = (add(apollo, "x@example.org"), add_many(apollo, "x@example.org"), apollo.alice.patch(at, {}))
    assert [reply.status_code for reply in replies] == [451, 451, 451]
    assert apollo.alice.post(f"{at}/resend_invitation").status_code == 451


@pytest.mark.parametrize(("close", "status"), [("block", 451), ("archive", 403)])
def test_a_closed_project_still_tells_who_has_to_stay(close: str, status: int) -> None:
    apollo = Apollo()
    owner, member = (f"/memberships/{Membership.objects.get(user=one.user).pk}" for one in (apollo.alice, apollo.bob))
    getattr(apollo, close)()
    refused = apollo.alice.patch(owner, {"is_admin": False})
    assert (refused.status_code, refused.json().keys()) == (400, {"is_admin"})
    assert apollo.alice.delete(owner).status_code == 400
    assert apollo.alice.patch(member, {"is_admin": True}).status_code == status
    assert apollo.alice.delete(member).status_code == status
    assert Membership.objects.filter(user=apollo.bob.user, is_admin=False).exists()


def test_somebody_is_removed_from_all_of_the_callers_projects_or_from_none() -> None:
    apollo = Apollo()
    public = project_of(apollo.alice.user, "Public", is_private=False)
    join(apollo.bob.user, public)
    at = "/memberships/remove_user_from_all_my_projects"
    assert apollo.nobody.post(at, {}).status_code == 401
    assert apollo.alice.post(at, {}).json().keys() == {"user"}
    assert apollo.alice.post(at, {"user": True}).json().keys() == {"user"}
    assert isinstance(apollo.alice.post(at, {"user": 999_999}).json(), str)
    oneself = apollo.alice.post(at, {"user": apollo.alice.user.pk})
    assert (oneself.status_code, "Apollo" in oneself.json()) == (400, True)
    assert apollo.alice.post(at, {"user": apollo.bob.user.pk, "private_only": True}).status_code == 204
    assert [row.project for row in Membership.objects.filter(user=apollo.bob.user)] == [public]
    assert apollo.alice.post(at, {"user": apollo.bob.user.pk}).status_code == 204
    assert not Membership.objects.filter(user=apollo.bob.user).exists()
    assert Membership.objects.filter(user=apollo.alice.user).count() == 2


def test_the_invitations_of_an_address_are_withdrawn() -> None:
    apollo = Apollo()
    for number, project in enumerate((apollo.project, apollo.other)):
        invite("new@example.org", project, f"token-{number}")
    at = "/memberships/remove_invitation_from_all_my_projects"
    assert apollo.alice.post(at, {}).json().keys() == {"email"}
    assert apollo.alice.post(at, {"email": "new@example.org"}).status_code == 204
    assert [row.project for row in Membership.objects.filter(user=None)] == [apollo.other]


def test_invitations_are_rationed(settings: Settings) -> None:
    settings.TAIGA_THROTTLE = True
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "create-memberships": ["2/minute"]}
    apollo = Apollo()
    assert add_many(apollo, "a@example.org", "b@example.org").status_code == 200
    late = add(apollo, "c@example.org")
    assert late.status_code == 429
    assert int(late["X-Throttle-Wait-Seconds"]) > 0
