"""/users of whom one shares projects: the list, contacts, statistics, favourites."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taiga.projects.models import Like, NotifyPolicy, Project, Role, Task, UserStory, Vote, Watch
from taiga.users.models import User
from tests.world import Caller, join, person, project_of


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [row["username"] for row in answer.json()]


def story(project: Project, subject: str, *, ref: int, model: type[UserStory | Task] = UserStory, **more: Any) -> Any:
    status = project.default_us_status if model is UserStory else project.default_task_status
    kind = model.kind_of
    return model.objects.create(project=project, kind=kind, subject=subject, ref=ref, status_id=status.pk, **more)


def test_the_list_shows_whom_one_works_with(
    nobody: Caller, project: Project, bob: User, carol: User, root: User
) -> None:
    assert names(Caller(bob).get("/users")) == ["alice", "bob"]
    assert names(Caller(carol).get("/users")) == ["carol"]
    assert names(nobody.get("/users")) == []
    assert names(Caller(root).get("/users")) == ["alice", "bob", "carol", "root"]
    assert "email" not in Caller(bob).get("/users").json()[0]


def test_the_members_of_an_open_project_are_for_everybody(nobody: Caller, project: Project, carol: User) -> None:
    opened = project_of(person("dave"), "Open", is_private=False)
    assert names(nobody.get("/users")) == ["dave"]
    assert names(Caller(carol).get("/users")) == ["carol", "dave"]
    assert names(nobody.get(f"/users?project={opened.pk}")) == ["dave"]
    assert names(Caller(carol).get(f"/users?project={opened.pk}")) == ["carol", "dave"]


def test_the_members_of_one_project(nobody: Caller, project: Project, alice: User, carol: User, root: User) -> None:
    other = project_of(alice, "Other")
    join(carol, other)
    assert names(Caller(alice).get(f"/users?project={project.pk}")) == ["alice", "bob"]
    assert names(Caller(root).get(f"/users?project={project.pk}")) == ["alice", "bob"]
    assert names(Caller(carol).get(f"/users?project={project.pk}")) == []
    assert names(nobody.get(f"/users?project={project.pk}")) == []
    assert nobody.get("/users?project=999999999").status_code == 401
    assert Caller(carol).get("/users?project=999999999").status_code == 404
    assert Caller(carol).get("/users?project=abc").status_code == 400
    assert Caller(carol).get("/users?project=").status_code == 400


def test_who_may_not_view_the_project_does_not_see_its_members(project: Project, bob: User) -> None:
    Role.objects.filter(project=project, slug="back").update(permissions=[])
    assert names(Caller(bob).get("/users")) == ["bob"]


def test_former_members_are_not_listed(project: Project, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert names(Caller(alice).get("/users")) == ["alice"]


def test_contacts_are_those_of_projects_that_the_caller_knows(
    nobody: Caller, project: Project, alice: User, bob: User, carol: User
) -> None:
    opened = project_of(alice, "Open", is_private=False)
    join(carol, opened)
    path = f"/users/{alice.id}/contacts"
    assert names(Caller(alice).get(path)) == ["bob", "carol"]
    assert names(Caller(bob).get(path)) == ["bob", "carol"]
    assert names(nobody.get(path)) == ["carol"]
    assert names(Caller(alice).get(f"{path}?exclude_project={opened.pk}")) == ["bob"]
    assert names(Caller(alice).get(f"{path}?q=CAR")) == ["carol"]
    assert names(Caller(alice).get(f"{path}?q=Carol@example.com")) == ["carol"]
    assert names(Caller(alice).get(f"{path}?q=arol")) == []
    assert names(Caller(alice).get(f"{path}?q=!!")) == []
    assert Caller(alice).get(f"{path}?exclude_project=abc").status_code == 400
    assert nobody.get("/users/999999999/contacts").status_code == 404


def test_an_address_is_no_riddle_to_be_solved_letter_by_letter(nobody: Caller, alice: User, carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(email="secret@hidden.example.org")
    join(carol, project_of(alice, "Open", is_private=False))
    path = f"/users/{alice.id}/contacts"
    for caller in (nobody, Caller(alice)):
        for part in ("s", "secret", "hidden", "secret@", "s@hidden.example.org", "org", '"hidden example"'):
            assert names(caller.get(f"{path}?q={part}")) == []
        assert names(caller.get(f"{path}?q=secret@hidden.example.org")) == ["carol"]


def test_statistics_are_of_projects_that_the_caller_knows(
    nobody: Caller, project: Project, alice: User, bob: User
) -> None:
    first = story(project, "Done", ref=1, assigned_to=alice, is_closed=True)
    first.assignments.create(user=alice)
    second = story(project, "Done together", ref=2, assigned_to=bob, is_closed=True)
    second.assignments.create(user=alice)
    story(project, "Open", ref=3, assigned_to=alice)
    path = f"/users/{alice.id}/stats"
    assert Caller(bob).get(path).json() == {
        "total_num_projects": 1,
        "roles": ["Product Owner"],
        "total_num_contacts": 1,
        "total_num_closed_userstories": 2,
    }
    assert nobody.get(path).json() == {
        "total_num_projects": 0,
        "roles": [],
        "total_num_contacts": 0,
        "total_num_closed_userstories": 0,
    }


@pytest.fixture
def favourites(project: Project, alice: User, bob: User) -> Project:
    """Bob watches and votes for a story and a task, and likes the project."""
    Project.objects.filter(pk=project.pk).update(tags_colors=[["red", "#ff0000"]])
    models: list[type[UserStory | Task]] = [UserStory, Task]
    for ref, item in enumerate(models, start=1):
        found = story(project, f"Purple {ref}", ref=ref, model=item, tags=["red", "plain"], assigned_to=alice)
        Watch.objects.create(project=project, user=bob, item=found)
        Vote.objects.create(user=bob, item=found)
    Like.objects.create(project=project, user=bob)
    return project


def kinds(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [row["type"] for row in answer.json()]


def test_favourites_are_the_newest_first(favourites: Project, bob: User) -> None:
    caller = Caller(bob)
    assert kinds(caller.get(f"/users/{bob.id}/watched")) == ["task", "userstory", "project"]
    assert kinds(caller.get(f"/users/{bob.id}/voted")) == ["task", "userstory"]
    assert kinds(caller.get(f"/users/{bob.id}/liked")) == ["project"]
    page = caller.get(f"/users/{bob.id}/watched?page_size=2&page=2")
    assert (kinds(page), page.headers["x-pagination-count"]) == (["project"], "3")


def test_favourites_tell_of_the_caller(favourites: Project, alice: User, bob: User) -> None:
    rows = Caller(bob).get(f"/users/{bob.id}/voted?type=userstory").json()
    assert rows[0]["tags_colors"] == [{"name": "red", "color": "#ff0000"}, {"name": "plain", "color": None}]
    assert (rows[0]["is_voter"], rows[0]["total_voters"], rows[0]["is_watcher"]) == (True, 1, True)
    assert rows[0]["assigned_to_extra_info"]["username"] == "alice"
    seen = Caller(alice).get(f"/users/{bob.id}/voted?type=userstory").json()[0]
    assert (seen["is_voter"], seen["total_voters"], seen["is_watcher"]) == (False, 1, False)
    liked = Caller(alice).get(f"/users/{bob.id}/liked").json()[0]
    assert (liked["is_fan"], liked["total_watchers"], liked["project_blocked_code"]) == (False, 2, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=project", ["project"]),
        ("type=epic", []),
        ("type=unicorn", []),
        ("q=purple", ["task", "userstory"]),
        ("q=purple&type=task", ["task"]),
        ("q=2", ["task"]),
        ("q=apollo", ["project"]),
        ("q=purple%20not%202", ["userstory"]),
        ("q=%26", []),
        ("q=", ["task", "userstory", "project"]),
    ],
)
def test_favourites_are_searched(favourites: Project, bob: User, query: str, found: list[str]) -> None:
    assert kinds(Caller(bob).get(f"/users/{bob.id}/watched?{query}")) == found


def test_private_favourites_need_the_permission(
    nobody: Caller, favourites: Project, bob: User, carol: User, root: User
) -> None:
    path = f"/users/{bob.id}/watched"
    for caller in (nobody, Caller(carol), Caller(root)):
        assert kinds(caller.get(path)) == []
    Role.objects.filter(project=favourites, slug="back").update(permissions=["view_tasks"])
    assert kinds(Caller(bob).get(path)) == ["task"]
    Project.objects.filter(pk=favourites.pk).update(anon_permissions=["view_us"])
    assert kinds(nobody.get(path)) == ["userstory"]
    Project.objects.filter(pk=favourites.pk).update(is_private=False)
    assert kinds(nobody.get(path)) == ["task", "userstory", "project"]


def test_a_project_that_is_not_heard_is_not_watched(favourites: Project, bob: User) -> None:
    NotifyPolicy.objects.filter(user=bob).update(notify_level=3)
    assert kinds(Caller(bob).get(f"/users/{bob.id}/watched?type=project")) == []


def test_a_list_costs_the_same_however_long_it_is(favourites: Project, alice: User, bob: User) -> None:
    paths = [f"/users/{bob.id}/{name}" for name in ("watched", "voted", "liked", "contacts")] + ["/users"]
    caller = Caller(bob)
    few = [cost(caller, path) for path in paths]
    for number in range(20):
        join(person(f"p{number:02}"), favourites)
        found = story(favourites, "Another", ref=100 + number, assigned_to=User.objects.get(username=f"p{number:02}"))
        Watch.objects.create(project=favourites, user=bob, item=found)
        Vote.objects.create(user=bob, item=found)
        Like.objects.create(project=project_of(alice, f"P{number}", is_private=False), user=bob)
    assert [cost(caller, path) for path in paths] == few


def cost(caller: Caller, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert caller.get(path).json()
    return len(queries)
