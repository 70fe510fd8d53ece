"""/notify-policies, /user-project-settings, /sections, /contact."""

from typing import Any

import pytest

from taiga.notifications.models import Mail
from taiga.projects.models import ContactEntry, Membership, NotifyPolicy, Project, Role, UserProjectSettings
from taiga.users.models import User
from tests.world import Caller, join, project_of


def policy_of(user: User) -> str:
    return f"/notify-policies/{NotifyPolicy.objects.get(user=user).pk}"


def test_a_policy_is_read_and_changed(project: Project, bob: User) -> None:
    caller = Caller(bob)
    listed = caller.get("/notify-policies").json()
    assert listed == [
        {
            "id": listed[0]["id"],
            "project": project.pk,
            "project_name": "Apollo",
            "notify_level": 1,
            "live_notify_level": 1,
            "web_notify_level": True,
        }
    ]
    changed = caller.patch(policy_of(bob), {"notify_level": "3", "web_notify_level": False}).json()
    assert changed == caller.get(policy_of(bob)).json()
    assert (changed["notify_level"], changed["live_notify_level"], changed["web_notify_level"]) == (3, 1, False)


@pytest.mark.parametrize("level", [0, 4, "all", None, True, 1.5])
def test_other_levels_are_refused(project: Project, bob: User, level: object) -> None:
    answer = Caller(bob).patch(policy_of(bob), {"notify_level": level})
    assert (answer.status_code, list(answer.json())) == (400, ["notify_level"])
    assert NotifyPolicy.objects.get(user=bob).notify_level == 1


def test_a_put_of_a_policy_wants_two_fields_and_never_moves_it(project: Project, alice: User, bob: User) -> None:
    other = project_of(alice, "Other")
    assert set(Caller(bob).put(policy_of(bob), {}).json()) == {"project", "notify_level"}
    answer = Caller(bob).put(policy_of(bob), {"project": other.pk, "notify_level": 2})
    assert (answer.status_code, answer.json()["project"]) == (200, project.pk)


def test_a_policy_that_is_missing_comes_into_being(nobody: Caller, project: Project, bob: User) -> None:
    assert Caller(bob).delete(policy_of(bob)).status_code == 204
    assert [policy["notify_level"] for policy in Caller(bob).get("/notify-policies").json()] == [2]
    assert nobody.get("/notify-policies").json() == []


def test_owners_have_policies_without_a_membership(project: Project, alice: User) -> None:
    Membership.objects.filter(user=alice).delete()
    NotifyPolicy.objects.filter(user=alice).delete()
    assert len(Caller(alice).get("/notify-policies").json()) == 1


def test_policies_of_projects_that_one_left_are_not_shown(project: Project, bob: User) -> None:
    path = policy_of(bob)
    Membership.objects.filter(user=bob).delete()
    assert Caller(bob).get("/notify-policies").json() == []
    assert Caller(bob).get(path).status_code == 404
    assert NotifyPolicy.objects.filter(user=bob).exists()


@pytest.mark.parametrize("resource", ["notify-policies", "user-project-settings"])
def test_they_are_their_owners_alone(nobody: Caller, project: Project, bob: User, root: User, resource: str) -> None:
    path = f"/{resource}/{Caller(bob).get(f'/{resource}').json()[0]['id']}"
    for caller, refused in ((nobody, 401), (Caller(project.owner), 404), (Caller(root), 404)):
        assert caller.get(path).status_code == 404
        for method in ("PUT", "PATCH", "DELETE"):
            assert caller.ask(method, path, {}).status_code == refused
    assert Caller(bob).post(f"/{resource}", {}).json()["_error_type"].endswith("MethodNotAllowed")


def settings_of(caller: Caller) -> list[dict[str, object]]:
    answer = caller.get("/user-project-settings")
    assert answer.status_code == 200
    found: list[dict[str, object]] = answer.json()
    return found


def test_sections_follow_modules_and_permissions(nobody: Caller, project: Project, bob: User) -> None:
    assert settings_of(Caller(bob))[0]["allowed_sections"] == [1, 3, 6, 5]
    Project.objects.filter(pk=project.pk).update(is_epics_activated=True, is_kanban_activated=True)
    assert settings_of(Caller(bob))[0]["allowed_sections"] == [1, 2, 3, 4, 6, 5]
    Role.objects.filter(project=project, slug="back").update(permissions=["view_project", "view_issues"])
    assert settings_of(Caller(bob))[0]["allowed_sections"] == [1, 5]
    Project.objects.filter(pk=project.pk).update(public_permissions=["view_us"])
    assert settings_of(Caller(bob))[0]["allowed_sections"] == [1, 3, 4, 5]
    Membership.objects.filter(user=bob).update(is_admin=True)
    assert settings_of(Caller(bob))[0]["allowed_sections"] == [1, 2, 3, 4, 6, 5]
    assert settings_of(nobody) == []


@pytest.mark.parametrize("homepage", [4, 9, "3", None, True, "kanban"])
def test_a_home_page_must_be_open(project: Project, bob: User, homepage: object) -> None:
    path = f"/user-project-settings/{settings_of(Caller(bob))[0]['id']}"
    assert list(Caller(bob).patch(path, {"homepage": homepage}).json()) == ["homepage"]
    assert UserProjectSettings.objects.get().homepage == 1


def test_a_home_page_is_chosen_and_forgotten(project: Project, bob: User) -> None:
    caller = Caller(bob)
    path = f"/user-project-settings/{settings_of(caller)[0]['id']}"
    assert caller.patch(path, {"homepage": 3}).json() == {**settings_of(caller)[0], "homepage": 3}
    assert caller.get(path).json()["homepage"] == 3
    assert caller.put(path, {"project": project.pk}).json()["homepage"] == 1
    assert caller.delete(path).status_code == 204
    assert settings_of(caller)[0]["homepage"] == 1


def test_settings_come_in_the_order_of_ones_projects(project: Project, bob: User) -> None:
    second = project_of(bob, "Second")
    assert [row["project"] for row in settings_of(Caller(bob))] == [second.pk, project.pk]
    Membership.objects.filter(user=bob, project=second).update(user_order=5)
    assert [row["project"] for row in settings_of(Caller(bob))] == [project.pk, second.pk]
    assert len(Caller(bob).get(f"/user-project-settings?project={second.pk}").json()) == 1
    assert Caller(bob).get("/user-project-settings?project=999999999").json() == []
    assert Caller(bob).get("/user-project-settings?project=word").status_code == 400


def test_the_sections_have_names(nobody: Caller, db: None) -> None:
    assert nobody.get("/sections").json()[5] == [6, "TeamWiki"]
    assert nobody.get("/sections/1")["Content-Type"] == "text/html"


def contact(caller: Caller, project: Project) -> Any:
    return caller.post("/contact", {"project": project.pk, "comment": "Hello"})


def test_admins_are_written_to(project: Project, alice: User, bob: User, carol: User) -> None:
    join(carol, project, "stakeholder", is_admin=True)
    assert contact(Caller(bob), project).status_code == 201
    assert {mail.to for mail in Mail.objects.all()} == {"alice@example.com", "carol@example.com"}
    mail = Mail.objects.first()
    assert mail is not None
    assert (mail.template, mail.headers) == ("contact_notification", {"Reply-To": "bob@example.com"})
    assert mail.context["project"] == {"name": "Apollo", "slug": project.slug}


def test_nobody_writes_to_himself(project: Project, alice: User) -> None:
    assert contact(Caller(alice), project).status_code == 201
    assert (ContactEntry.objects.count(), Mail.objects.count()) == (1, 0)


def test_private_projects_hear_members_alone(nobody: Caller, project: Project, carol: User) -> None:
    assert [contact(nobody, project).status_code, contact(Caller(carol), project).status_code] == [401, 403]
    Project.objects.filter(pk=project.pk).update(is_private=False)
    assert [contact(nobody, project).status_code, contact(Caller(carol), project).status_code] == [401, 201]
    Project.objects.filter(pk=project.pk).update(is_contact_activated=False)
    assert contact(Caller(carol), project).status_code == 403


@pytest.mark.parametrize(
    ("block", "status"), [({"archived_code": "archived-by-staff"}, 403), ({"blocked_code": "blocked-by-staff"}, 451)]
)
def test_projects_that_are_closed_hear_nobody(project: Project, bob: User, block: dict[str, str], status: int) -> None:
    Project.objects.filter(pk=project.pk).update(**block)
    assert contact(Caller(bob), project).status_code == status
    assert not ContactEntry.objects.exists()


def test_a_contact_is_answered_with_what_was_kept(project: Project, bob: User) -> None:
    reply = contact(Caller(bob), project)
    (kept,) = ContactEntry.objects.all()
    told = reply.json()
    assert reply.status_code == 201
    assert told.pop("created_date").startswith(f"{kept.created_date:%Y-%m-%dT%H:%M}")
    assert told == {"id": kept.pk, "user": bob.pk, "project": project.pk, "comment": "Hello"}


def test_a_contact_needs_a_project_and_a_comment(nobody: Caller, project: Project, bob: User) -> None:
    assert set(Caller(bob).post("/contact", {}).json()) == {"project", "comment"}
    assert set(nobody.post("/contact", {"project": 999999999}).json()) == {"project", "comment"}
