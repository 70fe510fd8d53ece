"""What becomes of projects: they are deleted, copied, left, made templates of, and handed over."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from taiga.base import clock, jobs
from taiga.changes.models import Change
from taiga.notifications.models import Mail
from taiga.projects.models import Membership, Project, ProjectTemplate, Role, WorkItem
from taiga.projects.services import deletion
from taiga.timeline.models import TimelineEntry
from tests.projects.apollo import Apollo
from tests.world import Caller, join, person, project_of

pytestmark = pytest.mark.django_db


def test_a_small_project_is_gone_at_once_with_all_that_was_in_it() -> None:
    apollo = Apollo()
    story = apollo.story()
    apollo.alice.patch(f"/userstories/{story['id']}", {"version": 1, "comment": "Hello"})
    apollo.sprint()
    at = f"/projects/{apollo.project.pk}"
    assert apollo.alice.delete(at).status_code == 204
    assert [caller.get(at).status_code for caller in (apollo.alice, apollo.nobody)] == [404, 401]
    for model in (WorkItem, Change, Membership, Role, TimelineEntry):
        assert not model._default_manager.filter(project_id=apollo.project.pk).exists()
    assert apollo.alice.post("/projects", {"name": "Apollo", "description": "Again"}).json()["slug"] == "apollo"


def test_a_large_project_is_nobodys_until_the_worker_has_taken_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "ERASE_IN_WORKER_FROM", 0)
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    assert apollo.alice.delete(at).status_code == 204
    shown = apollo.bob.get(at).json()
    assert (shown["owner"], shown["blocked_code"]) == (None, "blocked-by-deleting")
    assert apollo.alice.get(at).status_code == 403
    while jobs.run_one():
        pass
    assert not Project.objects.filter(pk=apollo.project.pk).exists()


def test_only_private_projects_of_ones_own_are_deleted_together() -> None:
    apollo = Apollo()
    public = project_of(apollo.alice.user, "Public", is_private=False)
    assert apollo.nobody.post("/delete-owned-projects").status_code == 401
    assert apollo.alice.post("/delete-owned-projects").status_code == 204
    assert set(Project.objects.all()) == {public, apollo.other}


def copy_of(apollo: Apollo, by: Caller, *users: Caller, **more: Any) -> Any:
    people = [{"id": caller.user.pk} for caller in users]
    body = {"name": "Copy", "description": "Another", "is_private": True, "users": people, **more}
    return by.post(f"/projects/{apollo.project.pk}/duplicate", body)


def test_what_a_copy_lacks_is_told_and_a_form_need_not_say_that_it_is_public() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}/duplicate"
    needed = {"name", "description", "is_private", "users"}
    assert apollo.alice.post(at, {}).json().keys() == needed
    assert apollo.alice.post(at).json().keys() == needed - {"is_private"}
    assert apollo.alice.upload(at, name="Copy").json().keys() == {"description", "users"}


def test_a_copy_has_the_lists_and_roles_and_members_but_nothing_else() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    apollo.alice.patch(at, {"tags": ["base"], "is_epics_activated": True, "total_milestones": 4, "name": "x" * 250})
    apollo.alice.post(f"{at}/create_tag", {"tag": "plain"})
    apollo.lane("Lane")
    apollo.story(tags=["used"])
    for kind in ("text", "multiline", "richtext", "date", "url", "dropdown", "checkbox", "number"):
        apollo.made("/issue-custom-attributes", name=kind, type=kind)
    Role.objects.filter(project=apollo.project, slug="ux").update(permissions=None)
    reply = copy_of(apollo, apollo.alice, apollo.bob, name="y" * 250)
    assert reply.status_code == 201, reply.content
    answer = reply.json()
    assert (answer["i_am_owner"], answer["i_am_admin"], "epics_csv_uuid" in answer) == (True, False, False)
    source, copy = apollo.shown(at), apollo.shown(f"/projects/{answer['id']}")
    for name in ("us_statuses", "points", "severities", "us_duedates", "issue_custom_attributes"):
        assert [row["name"] for row in copy[name]] == [row["name"] for row in source[name]]
    assert [(role["slug"], role["permissions"] or []) for role in copy["roles"]] == [
        (role["slug"], role["permissions"] or []) for role in source["roles"]
    ]
    assert (copy["tags"], copy["tags_colors"], copy["is_epics_activated"]) == (["base"], source["tags_colors"], True)
    assert (copy["swimlanes"], copy["total_milestones"]) == (None, None)
    assert {one["username"]: one["role_name"] for one in copy["members"]} == {"alice": "Product Owner", "bob": "Back"}
    assert not WorkItem.objects.filter(project=copy["id"]).exists()
    told = TimelineEntry.objects.filter(namespace=f"project:{copy['id']}").order_by("id")
    assert [row.event_type for row in told] == ["projects.membership.create", "projects.project.create"]
    assert not Mail.objects.exists()


def test_a_copy_by_an_outsider_has_the_role_of_the_owner_and_one_without_owner_the_first() -> None:
    apollo = Apollo(is_private=False)
    key = copy_of(apollo, apollo.carol).json()["id"]
    assert Membership.objects.get(project=key).role.slug == "product-owner"
    Project.objects.filter(pk=apollo.project.pk).update(owner=None)
    key = copy_of(apollo, apollo.carol).json()["id"]
    assert Membership.objects.get(project=key).role.slug == "ux"


def test_a_copy_that_cannot_be_leaves_nothing_behind() -> None:
    apollo = Apollo()
    count = Project.objects.count()
    assert copy_of(apollo, apollo.alice, apollo.bob, apollo.carol).status_code == 404
    assert copy_of(apollo, apollo.alice, apollo.alice).status_code == 404
    assert copy_of(apollo, apollo.alice, users=[{}]).json().keys() == {"users"}
    assert copy_of(apollo, apollo.alice, users=[7]).json() == {"users": [{"non_field_errors": ["Invalid data"]}]}
    assert copy_of(apollo, apollo.alice, users="x").json() == {"users": ["Enter a list of values."]}
    assert copy_of(apollo, apollo.alice, name="x" * 251).json().keys() == {"name"}
    assert copy_of(apollo, apollo.carol).status_code == 404
    assert copy_of(apollo, apollo.nobody).status_code == 401
    apollo.alice.user.max_public_projects = 0
    apollo.alice.user.max_memberships_private_projects = 2
    apollo.alice.user.save()
    assert copy_of(apollo, apollo.alice, is_private=False).status_code == 400
    full = copy_of(apollo, apollo.alice, apollo.bob)
    assert full.status_code == 201
    dave = person("dave")
    join(dave, apollo.project)
    crowded = copy_of(apollo, apollo.alice, apollo.bob, Caller(dave))
    assert (crowded.status_code, crowded["Taiga-Info-Project-Memberships"]) == (400, "3")
    apollo.archive()
    assert copy_of(apollo, apollo.bob).status_code == 403
    apollo.block()
    assert Project.objects.count() == count + 1


def test_a_member_leaves_unless_he_is_needed() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}/leave"
    assert [caller.post(at).status_code for caller in (apollo.nobody, apollo.carol, apollo.alice)] == [401, 404, 403]
    assert apollo.superuser().post(at).status_code == 403
    assert (apollo.bob.post(at).status_code, apollo.bob.post(at).status_code) == (200, 404)
    assert TimelineEntry.objects.filter(event_type="projects.membership.delete", user=apollo.bob.user).count() == 1


def test_a_superuser_makes_a_template_of_a_project() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}/create_template"
    body = {"template_name": "Moon", "template_description": "As Apollo"}
    assert [caller.post(at, body).status_code for caller in (apollo.nobody, apollo.carol, apollo.alice)] == [
        401,
        404,
        403,
    ]
    root = apollo.superuser()
    assert root.post(at, {}).json().keys() == {"template_name", "template_description"}
    assert root.post(at, {**body, "template_name": "x" * 251}).json().keys() == {"template_name"}
    made = root.post(at, body)
    assert (made.status_code, made.json()["slug"], root.post(at, body).json()["slug"]) == (201, "moon", "moon-1")
    template = ProjectTemplate.objects.get(slug="moon")
    scrum = ProjectTemplate.objects.get(slug="scrum")
    for name in ("epic_statuses", "us_duedates", "points", "default_options", "default_owner_role"):
        assert getattr(template, name) == getattr(scrum, name)


def offer(apollo: Apollo, to: Caller) -> str:
    reply = apollo.alice.post(f"/projects/{apollo.project.pk}/transfer_start", {"user": to.user.pk, "reason": "Tired"})
    assert (reply.status_code, reply.content) == (200, b"")
    token: str = Project.objects.get(pk=apollo.project.pk).transfer_token or ""
    return token


def mails() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("id").values_list("template", "to"))


def test_a_project_is_handed_over_to_who_accepts() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    assert apollo.alice.post(f"{at}/transfer_request").status_code == 200
    token = offer(apollo, apollo.bob)
    assert apollo.bob.post(f"{at}/transfer_validate_token", {"token": token}).status_code == 200
    assert apollo.bob.post(f"{at}/transfer_accept", {"token": token, "reason": "Gladly"}).status_code == 200
    shown = apollo.bob.get(at).json()
    assert (shown["i_am_owner"], shown["i_am_admin"], shown["transfer_token"]) == (True, True, None)
    assert apollo.shown(at)["i_am_admin"] is True
    assert mails() == [
        ("transfer_request", "alice@example.com"),
        ("transfer_start", "bob@example.com"),
        ("transfer_accept", "alice@example.com"),
    ]
    assert Mail.objects.get(template="transfer_start").context["token"] == token
    assert apollo.bob.post(f"{at}/transfer_accept", {"token": token}).status_code == 400


def test_an_offer_is_declined() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    token = offer(apollo, apollo.bob)
    assert apollo.bob.post(f"{at}/transfer_reject", {"token": token, "reason": "No"}).status_code == 200
    assert mails()[-1] == ("transfer_reject", "alice@example.com")
    assert apollo.bob.post(f"{at}/transfer_reject", {"token": token}).status_code == 400
    assert Project.objects.get(pk=apollo.project.pk).owner == apollo.alice.user


def test_a_token_is_good_for_one_person_one_offer_and_one_week() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}/transfer_validate_token"
    old = offer(apollo, apollo.bob)
    with time_machine.travel(clock.now() + timedelta(seconds=2)):
        token = offer(apollo, apollo.bob)
    assert [apollo.bob.post(at, {"token": one}).status_code for one in (old, token)] == [400, 200]
    assert apollo.alice.post(at, {"token": token}).status_code == 400
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert Caller(apollo.bob.user).post(at, {"token": token}).status_code == 400
    assert [apollo.bob.post(at, body).status_code for body in ({}, {"token": None}, {"token": f"{token}x"})] == [
        400
    ] * 3


def test_what_stands_against_handing_over_is_told() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    assert apollo.alice.post(f"{at}/transfer_start", {}).json().keys() == {"user"}
    for user in (999_999, apollo.carol.user.pk):
        assert isinstance(apollo.alice.post(f"{at}/transfer_start", {"user": user}).json(), str)
    assert apollo.bob.post(f"{at}/transfer_start", {"user": apollo.bob.user.pk}).status_code == 403
    for action in ("transfer_accept", "transfer_reject"):
        assert apollo.nobody.post(f"{at}/{action}").status_code == 400
        assert apollo.nobody.post(f"{at}/{action}", {"token": "x"}).status_code == 401
        assert apollo.carol.post(f"{at}/{action}", {"token": "x"}).status_code == 404
    token = offer(apollo, apollo.bob)
    apollo.bob.user.max_private_projects = 0
    apollo.bob.user.save()
    refused = apollo.bob.post(f"{at}/transfer_accept", {"token": token})
    assert (refused.status_code, refused["Taiga-Info-Project-Memberships"]) == (400, "2")
    assert Project.objects.get(pk=apollo.project.pk).transfer_token == token
    Project.objects.filter(pk=apollo.project.pk).update(owner=None)
    assert apollo.alice.post(f"{at}/transfer_request").status_code == 400


def test_who_is_no_member_any_more_does_not_become_owner() -> None:
    apollo = Apollo(is_private=False)
    token = offer(apollo, apollo.bob)
    Membership.objects.filter(user=apollo.bob.user).delete()
    assert apollo.bob.post(f"/projects/{apollo.project.pk}/transfer_accept", {"token": token}).status_code == 403
    assert Project.objects.get(pk=apollo.project.pk).owner == apollo.alice.user
