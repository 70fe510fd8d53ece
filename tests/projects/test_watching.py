"""Watching and voting: the same below everything that can be followed."""

from typing import Any

import pytest

from taiga.changes.models import Change
from taiga.projects.models import NotifyPolicy, Project, Watch, WikiPage
from tests.projects.apollo import Apollo
from tests.world import project_of

pytestmark = pytest.mark.django_db
VIEW = {
    "epics": "view_epics",
    "userstories": "view_us",
    "tasks": "view_tasks",
    "issues": "view_issues",
    "wiki": "view_wiki_pages",
    "milestones": "view_milestones",
}
WATCHED = pytest.mark.parametrize("path", VIEW)
ITEMS = pytest.mark.parametrize("path", ["epics", "userstories", "tasks", "issues"])


def thing(apollo: Apollo, path: str) -> str:
    """The address of something that can be followed."""
    if path == "wiki":
        return f"/wiki/{WikiPage.objects.create(project=apollo.project, slug='home').pk}"
    found = apollo.sprint() if path == "milestones" else apollo.made(f"/{path}", subject="S")
    return f"/{path}/{found['id']}"


def people(apollo: Apollo, address: str) -> list[str]:
    reply = apollo.alice.get(address)
    assert reply.status_code == 200
    return [person["username"] for person in reply.json()]


@WATCHED
def test_members_watch_and_unwatch_as_often_as_they_like(path: str) -> None:
    apollo = Apollo()
    address = thing(apollo, path)
    NotifyPolicy.objects.all().delete()
    changes = Change.objects.count()
    for caller in (apollo.bob, apollo.bob, apollo.alice):
        reply = caller.post(f"{address}/watch")
        assert (reply.status_code, reply.content) == (200, b"")
    assert people(apollo, f"{address}/watchers") == ["alice", "bob"]
    assert NotifyPolicy.objects.count() == 2
    for _again in range(2):
        assert apollo.bob.post(f"{address}/unwatch").status_code == 200
    assert people(apollo, f"{address}/watchers") == ["alice"]
    assert Change.objects.count() == changes


@ITEMS
def test_members_vote_and_withdraw_as_often_as_they_like(path: str) -> None:
    apollo = Apollo()
    address = thing(apollo, path)
    for caller in (apollo.bob, apollo.bob, apollo.alice):
        reply = caller.post(f"{address}/upvote")
        assert (reply.status_code, reply.content) == (200, b"")
    assert people(apollo, f"{address}/voters") == ["alice", "bob"]
    assert (apollo.shown(address)["total_voters"], apollo.shown(address)["is_voter"]) == (2, True)
    for _again in range(2):
        assert apollo.alice.post(f"{address}/downvote").status_code == 200
    assert people(apollo, f"{address}/voters") == ["bob"]
    assert (apollo.shown(address)["total_voters"], apollo.shown(address)["is_voter"]) == (1, False)


@pytest.mark.parametrize("path", ["wiki", "milestones"])
def test_pages_and_sprints_have_no_votes(path: str) -> None:
    apollo = Apollo()
    assert apollo.alice.post(f"{thing(apollo, path)}/upvote").status_code == 404


def one_of(apollo: Apollo, address: str, caller: Any) -> Any:
    return apollo.alice.get(f"{address}/{caller.user.id}")


@ITEMS
def test_one_person_is_shown_if_he_is_among_them(path: str) -> None:
    apollo = Apollo()
    address = thing(apollo, path)
    apollo.bob.post(f"{address}/watch")
    apollo.bob.post(f"{address}/upvote")
    for listed in (f"{address}/watchers", f"{address}/voters"):
        found = one_of(apollo, listed, apollo.bob)
        assert found.json() == {"id": apollo.bob.user.id, "username": "bob", "full_name": "Bob"}
        missing = one_of(apollo, listed, apollo.alice)
        assert (missing.status_code, missing.content) == (404, b"")
        assert apollo.alice.get(f"{listed}/bob").status_code == 404


@WATCHED
def test_those_who_may_not_see_it_may_not_follow_it(path: str) -> None:
    apollo = Apollo()
    address = thing(apollo, path)
    role = apollo.project.roles.get(slug="back")
    role.permissions = ["view_project"]
    role.save()
    for caller, act, read in ((apollo.bob, 404, 403), (apollo.carol, 404, 403), (apollo.nobody, 401, 401)):
        assert caller.post(f"{address}/watch").status_code == act
        assert caller.post(f"{address}/unwatch").status_code == act
        assert caller.get(f"{address}/watchers").status_code == read
        assert caller.get(f"{address}/watchers/1").status_code == read
    unknown = f"/{path}/999999999"
    assert apollo.alice.post(f"{unknown}/watch").status_code == 404
    assert apollo.alice.get(f"{unknown}/watchers").status_code == 404
    assert apollo.nobody.get(f"{unknown}/watchers").status_code == 401
    assert not Watch.objects.exists()


@WATCHED
def test_everybody_with_an_account_may_follow_what_is_public(path: str) -> None:
    apollo = Apollo()
    address = thing(apollo, path)
    rights = [VIEW[path]]
    Project.objects.filter(pk=apollo.project.pk).update(anon_permissions=rights, public_permissions=rights)
    assert apollo.carol.post(f"{address}/watch").status_code == 200
    assert apollo.nobody.post(f"{address}/watch").status_code == 401
    assert [person["username"] for person in apollo.nobody.get(f"{address}/watchers").json()] == ["carol"]


@WATCHED
@pytest.mark.parametrize(("close", "status"), [("archive", 403), ("block", 451)])
def test_nothing_is_followed_in_closed_projects(path: str, close: str, status: int) -> None:
    apollo = Apollo()
    address = thing(apollo, path)
    getattr(apollo, close)()
    assert apollo.alice.post(f"{address}/watch").status_code == status
    assert apollo.alice.post(f"{address}/unwatch").status_code == status
    assert apollo.alice.get(f"{address}/watchers").json() == []


def test_watchers_come_in_pages() -> None:
    apollo = Apollo()
    address = thing(apollo, "issues")
    for caller in (apollo.bob, apollo.alice):
        caller.post(f"{address}/watch")
    reply = apollo.alice.get(f"{address}/watchers?page_size=1&page=2")
    assert [person["username"] for person in reply.json()] == ["bob"]
    assert reply.headers["x-pagination-count"] == "2"


def test_actions_answer_only_to_post() -> None:
    apollo = Apollo()
    assert apollo.alice.get(f"{thing(apollo, 'tasks')}/watch").status_code == 405


def policies(apollo: Apollo, project: Project) -> set[str]:
    """Who has a notification policy for a project."""
    return set(NotifyPolicy.objects.filter(project=project).values_list("user__username", flat=True))


MADE = [
    ("/userstories/bulk_create", {"bulk_stories": "One"}, "project_id"),
    ("/issues", {"subject": "One"}, "project"),
    ("/milestones", {"name": "One", "estimated_start": "2031-01-01", "estimated_finish": "2031-01-02"}, "project"),
    ("/wiki", {"slug": "one", "content": ""}, "project"),
]


@pytest.mark.parametrize(("address", "body", "key"), MADE)
def test_who_makes_something_in_a_project_of_others_follows_the_project(
    address: str, body: dict[str, Any], key: str
) -> None:
    apollo = Apollo()
    superuser = apollo.superuser()
    made = superuser.post(address, {**body, key: apollo.project.pk})
    assert made.status_code in (200, 201), made.content
    assert policies(apollo, apollo.project) == {"alice", "bob", "root"}


def test_those_concerned_follow_an_item_and_a_page_to_another_project() -> None:
    apollo = Apollo()
    other = project_of(apollo.alice.user, "Gemini")
    story = apollo.story()["id"]
    page = apollo.made("/wiki", slug="home", content="")["id"]
    for address in (f"/userstories/{story}", f"/wiki/{page}"):
        NotifyPolicy.objects.filter(project=other).delete()
        assert apollo.bob.post(f"{address}/watch").status_code == 200
        body = {"version": 1, "project": other.pk, "status": apollo.named("/userstory-statuses", "New")}
        moved = apollo.alice.patch(address, body if "stories" in address else {"version": 1, "project": other.pk})
        assert moved.status_code == 200, moved.content
        assert policies(apollo, other) == {"alice", "bob"}
