"""The admin site's pages of projects."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from taiga.projects.models import Attachment, ContactEntry, Epic, Issue, Membership, Project, Role, Task, UserStory
from tests.projects.apollo import Apollo
from tests.world import PASSWORD, invite, person

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "projects"]


@pytest.fixture
def browser() -> Client:
    person("root", is_superuser=True, is_staff=True)
    browser = Client()
    assert browser.login(username="root", password=PASSWORD)
    return browser


def filled() -> Apollo:
    """A project with something on every page."""
    apollo = Apollo()
    apollo.lane("Lane")
    sprint, story, epic = apollo.sprint(), apollo.story(), apollo.made("/epics", subject="E")
    apollo.alice.post(f"/epics/{epic['id']}/related_userstories", {"epic": epic["id"], "user_story": story["id"]})
    apollo.alice.post(f"/milestones/{sprint['id']}/watch")
    apollo.task()
    apollo.issue()
    apollo.made("/wiki", slug="home", content="Hello")
    apollo.made("/wiki-links", title="Home")
    for kind in ("epic", "userstory", "task", "issue"):
        apollo.made(f"/{kind}-custom-attributes", name="Size")
    Attachment.objects.create(project=apollo.project, item_id=story["id"], name="a.txt")
    ContactEntry.objects.create(project=apollo.project, user=apollo.carol.user, comment="Hello")
    invite("new@example.org", apollo.project, "the-secret-token")
    return apollo


def test_every_page_opens(browser: Client) -> None:
    filled()
    closed = {"RolePoints", "Membership", "ContactEntry"}
    for model in OURS:
        page = f"/admin/projects/{model._meta.model_name}/"
        row = model._default_manager.all()[0]
        opened = [browser.get(f"{page}{rest}") for rest in ("", "?q=apollo", f"{row.pk}/change/")]
        assert [answer.status_code for answer in opened] == [200, 200, 200], page
        assert not [answer for answer in opened if b"the-secret-token" in answer.content], page
        assert browser.get(f"{page}add/").status_code == (403 if model.__name__ in closed else 200), page


def test_a_project_is_edited_without_touching_what_moves_by_itself(browser: Client) -> None:
    apollo = Apollo()
    address = f"/admin/projects/project/{apollo.project.pk}/change/"
    form = browser.get(address).context["adminform"].form
    values = {name: value for name in form.fields if (value := form[name].value()) not in (None, False)}
    empty = {
        f"{name}-{kind}_FORMS": "0"
        for name in ("roles", "memberships", "notify_policies", "likes")
        for kind in ("TOTAL", "INITIAL")
    }
    apollo.story()
    reply = browser.post(address, {**values, **empty, "blocked_code": "blocked-by-staff", "tags": '["x"]'})
    assert reply.status_code == 302, reply.context["adminform"].form.errors
    project = Project.objects.get(pk=apollo.project.pk)
    assert (project.blocked_code, project.archived_code, project.tags) == ("blocked-by-staff", None, ["x"])
    assert (project.last_ref, project.name) == (1, "Apollo")


def act(browser: Client, action: str, project: Project) -> None:
    reply = browser.post(
        "/admin/projects/project/", {"action": action, "_selected_action": project.pk, "post": "yes", "index": 0}
    )
    assert reply.status_code == 302


def test_projects_are_made_public_and_private_and_deleted(browser: Client) -> None:
    apollo = filled()
    act(browser, "make_public", apollo.project)
    project = Project.objects.get(pk=apollo.project.pk)
    assert (project.is_private, len(project.anon_permissions), len(project.public_permissions)) == (False, 8, 8)
    act(browser, "make_private", apollo.project)
    project.refresh_from_db()
    assert (project.is_private, project.anon_permissions, project.public_permissions) == (True, [], [])
    act(browser, "delete_selected", apollo.project)
    assert not Project.objects.filter(pk=apollo.project.pk).exists()
    assert not Membership.objects.filter(project=apollo.project.pk).exists()


def test_a_role_is_edited(browser: Client) -> None:
    apollo = Apollo()
    role = Role.objects.get(project=apollo.project, slug="ux")
    values = {"name": "Usability", "slug": "ux", "permissions": '["view_us"]', "order": 1, "project": apollo.project.pk}
    assert browser.post(f"/admin/projects/role/{role.pk}/change/", values).status_code == 302
    role.refresh_from_db()
    assert (role.name, role.permissions) == ("Usability", ["view_us"])


def posted(browser: Client, address: str, **changed: str) -> Any:
    """The answer to a form that is sent as it was shown, but for these fields."""
    shown = browser.get(address).context
    rows = [part.formset for part in shown["inline_admin_formsets"]]
    forms = [shown["adminform"].form, *(form for one in rows for form in (one.management_form, *one.forms))]
    return browser.post(address, {name: value for form in forms for name, value in inputs(form)} | changed)


def inputs(form: Any) -> Iterator[tuple[str, Any]]:
    """What a browser sends of a form; a moment has two inputs."""
    for field in form:
        widget, value = field.field.widget, field.value()
        parts = widget.decompress(value) if hasattr(widget, "decompress") else None
        named = (
            {field.html_name: value} if parts is None else {f"{field.html_name}_{n}": p for n, p in enumerate(parts)}
        )
        yield from ((name, one) for name, one in named.items() if one is not None and one is not False)


def test_an_item_of_each_kind_is_edited_and_keeps_its_place(browser: Client) -> None:
    apollo = filled()
    for model in (Epic, UserStory, Task, Issue):
        item = model.objects.filter(project=apollo.project)[0]
        reply = posted(
            browser, f"/admin/projects/{model.__name__.lower()}/{item.pk}/change/", subject="Said anew", ref="99"
        )
        assert reply.status_code == 302, (reply.context["errors"], model)
        after = model.objects.get(pk=item.pk)
        assert (after.subject, after.ref, after.project_id) == ("Said anew", item.ref, item.project_id)


def test_an_item_that_is_made_takes_the_next_number(browser: Client) -> None:
    apollo = Apollo()
    first = apollo.story()
    reply = posted(browser, "/admin/projects/task/add/", subject="Oil it", project=str(apollo.project.pk))
    assert reply.status_code == 302, reply.context["errors"]
    task = Task.objects.get(subject="Oil it")
    assert (task.kind, task.ref) == ("task", first["ref"] + 1)
    assert apollo.story()["ref"] == first["ref"] + 2


def test_every_form_can_be_sent_as_it_is_shown(browser: Client) -> None:
    filled()
    seen = []
    for model in OURS:
        address = f"/admin/projects/{model._meta.model_name}/{model._default_manager.all()[0].pk}/change/"
        if browser.get(address).context["show_save"]:
            reply = posted(browser, address)
            assert reply.status_code == 302, (reply.context["errors"], address)
            seen.append(model)
    assert len(seen) == len(OURS) - 2


def test_several_things_are_called_properly(browser: Client) -> None:
    text = browser.get("/admin/").content.decode()
    for name in ("Priorities", "Epic statuses", "Role points", "User stories", "Contact entries", "Feedback entries"):
        assert f">{name}<" in text
