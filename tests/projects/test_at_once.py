"""Of what many do at once nothing is lost, made twice, or answered with a fault."""

from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError

from taiga.changes.models import Change
from taiga.projects.models import Membership, Project, Role
from taiga.users.models import User
from tests.at_once import at_once
from tests.world import PASSWORD, Caller, join, person, project_of

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


@pytest.fixture
def alice() -> Caller:
    return Caller(person("alice"))


def numbers(project: Project) -> list[int]:
    """The numbers of the changes of a project."""
    changes = Change.objects.filter(project=project).order_by("number")
    return [number for number in changes.values_list("number", flat=True) if number is not None]


def test_projects_of_one_name_are_all_made_each_with_a_slug_of_its_own(alice: Caller) -> None:
    body = {"name": "Moon", "description": "x"}
    assert at_once([partial(alice.post, "/projects", body)] * MANY) == [201] * MANY
    wanted = {"moon", *(f"moon-{number}" for number in range(1, MANY))}
    assert set(Project.objects.values_list("slug", flat=True)) == wanted


def load(alice: Caller) -> Any:
    """Import a dump that names its slug."""
    content = b'{"name": "Moon", "slug": "moon", "description": "x", "is_private": true}'
    return alice.upload("/importer/load_dump", dump=SimpleUploadedFile("moon.json", content, "application/json"))


def test_a_dump_that_is_loaded_many_times_at_once_becomes_as_many_projects(alice: Caller) -> None:
    assert at_once([partial(load, alice)] * MANY) == [201] * MANY
    wanted = {"moon", *(f"moon-{number}" for number in range(1, MANY))}
    assert set(Project.objects.values_list("slug", flat=True)) == wanted


def test_scripts_that_begin_projects_of_one_slug_at_once_are_answered(alice: Caller) -> None:
    body = {"name": "Moon", "slug": "moon", "description": "x", "roles": [{"name": "Back", "slug": "back"}]}
    statuses = at_once([partial(alice.post, "/importer", body)] * MANY)
    assert sorted(statuses) == [201] + [400] * (MANY - 1)
    assert Project.objects.count() == 1


def test_nobody_begins_more_projects_than_he_may_have(alice: Caller) -> None:
    User.objects.filter(pk=alice.user.pk).update(max_private_projects=2)
    bodies = [
        {"name": f"Moon {number}", "description": "x", "is_private": True, "roles": [{"name": "Back"}]}
        for number in range(MANY)
    ]
    statuses = at_once([partial(alice.post, "/importer", body) for body in bodies])
    assert sorted(statuses) == [201] * 2 + [400] * (MANY - 2)
    assert Project.objects.count() == 2


def test_nobody_imports_more_projects_than_he_may_have(alice: Caller) -> None:
    User.objects.filter(pk=alice.user.pk).update(max_private_projects=2)
    statuses = at_once([partial(load, alice)] * MANY)
    assert sorted(statuses) == [201] * 2 + [400] * (MANY - 2)
    assert Project.objects.count() == 2


def test_nobody_gets_more_projects_than_he_may_have(alice: Caller) -> None:
    User.objects.filter(pk=alice.user.pk).update(max_private_projects=2)
    bodies = [{"name": f"Moon {number}", "description": "x", "is_private": True} for number in range(MANY)]
    statuses = at_once([partial(alice.post, "/projects", body) for body in bodies])
    assert sorted(statuses) == [201] * 2 + [400] * (MANY - 2)


@pytest.mark.parametrize("in_bulk", [False, True])
def test_an_address_is_invited_once(alice: Caller, in_bulk: bool) -> None:
    project = project_of(alice.user)
    role = project.roles.get(slug="back").pk
    path, body = "/memberships", {"project": project.pk, "role": role, "username": "new@example.com"}
    if in_bulk:
        newcomer = {"role_id": role, "username": "new@example.com"}
        path, body = "/memberships/bulk_create", {"project_id": project.pk, "bulk_memberships": [newcomer]}
    statuses = at_once([partial(alice.post, path, body)] * MANY)
    assert sorted(statuses) == [200 if in_bulk else 201] + [400] * (MANY - 1)
    assert Membership.objects.filter(project=project, email="new@example.com").count() == 1


def test_an_address_has_one_account_in_whatever_case_it_is_written(settings: Any) -> None:
    settings.PUBLIC_REGISTER_ENABLED = True
    account = {"full_name": "New", "password": PASSWORD, "type": "public", "accepted_terms": True}
    addresses = ["new@example.com", "New@Example.com"] * (MANY // 2)
    bodies = [{**account, "username": f"new{number}", "email": email} for number, email in enumerate(addresses)]
    assert sorted(at_once([partial(Caller().post, "/auth/register", body) for body in bodies])) == [201] + [400] * 7
    assert User.objects.filter(email__iexact="new@example.com").count() == 1


def test_a_role_that_goes_while_people_get_it_has_no_member_afterwards(alice: Caller) -> None:
    project = project_of(alice.user)
    old, new = (project.roles.get(slug=slug).pk for slug in ("back", "front"))
    body = {"project": project.pk, "role": old}
    calls = [partial(alice.post, "/memberships", {**body, "username": f"n{one}@example.com"}) for one in range(MANY)]
    statuses = at_once([*calls, partial(alice.delete, f"/roles/{old}?moveTo={new}")])
    assert statuses[-1] == 204
    assert set(statuses[:-1]) <= {201, 400}
    assert not Role.objects.filter(pk=old).exists()
    assert Membership.objects.filter(project=project, role=new).count() == statuses.count(201)


def test_an_account_may_end_while_it_writes(alice: Caller) -> None:
    project = project_of(alice.user)
    people = [Caller(person(f"bob{number}")) for number in range(3)]
    calls = []
    for bob in people:
        join(bob.user, project)
        body = {"project": project.pk, "subject": "s", "assigned_to": bob.user.pk}
        calls += [partial(bob.post, "/userstories", body), partial(alice.post, "/userstories", body)]
        calls += [partial(bob.post, f"/projects/{project.pk}/like"), partial(bob.delete, f"/users/{bob.user.pk}")]
    statuses = at_once(calls)
    assert statuses[3::4] == [204] * 3
    assert max(statuses) < 500
    assert numbers(project) == list(range(1, len(numbers(project)) + 1))


def test_items_that_change_places_between_two_projects_are_all_answered(alice: Caller) -> None:
    first, second = project_of(alice.user), project_of(alice.user)
    calls = []
    for source, goal in ((first, second), (second, first)):
        story = alice.post("/userstories", {"project": source.pk, "subject": "s"}).json()["id"]
        body = {"project": goal.pk, "status": goal.default_us_status_id, "version": 1}
        calls += [partial(alice.patch, f"/userstories/{story}", body)]
    assert at_once(calls) == [200, 200]
    for project in (first, second):
        assert numbers(project) == list(range(1, len(numbers(project)) + 1))


@pytest.mark.django_db
def test_a_transaction_that_was_overtaken_is_done_anew_with_all_that_was_sent(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, failures = project_of(alice.user), [DatabaseError("deadlock"), DatabaseError("deadlock")]

    def refused_twice(matter: str) -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr("taiga.projects.services.projects.one_at_a_time", refused_twice)
    monkeypatch.setattr("taiga.base.database.is_conflict", lambda problem: isinstance(problem, DatabaseError))
    made = alice.post(
        f"/projects/{project.pk}/duplicate", {"name": "Copy", "description": "x", "is_private": False, "users": []}
    )
    assert (made.status_code, made.json()["name"]) == (201, "Copy")
    assert not failures
    assert Project.objects.filter(name="Copy").count() == 1


@pytest.mark.django_db
def test_another_failure_of_the_database_is_not_repeated_and_says_that_it_may_be_back(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def full(matter: str) -> None:
        asked.append(matter)
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("taiga.projects.services.projects.one_at_a_time", full)
    reply = alice.post("/projects", {"name": "Moon", "description": "x"})
    assert (reply.status_code, [*reply.json()], reply["Retry-After"]) == (503, ["error"], "5")
    assert len(asked) == 1
