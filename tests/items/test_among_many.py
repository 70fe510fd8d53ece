"""What is asked of one project, or of one person, is found by an index: other people's rows are not looked at."""

from functools import partial

import pytest

from taiga.base.routes import Route
from taiga.projects.models import Milestone, WorkItem
from taiga.urls import ROUTER
from tests.everything import Everything
from tests.items.conftest import KINDS, World
from tests.plans import noted, on_sqlite, walked
from tests.world import project_of

pytestmark = pytest.mark.django_db
GROWING = {
    *(f"projects_{name}" for name in ("workitem", "watch", "vote", "rolepoints", "assigneduser", "relateduserstory")),
    *(f"projects_{name}" for name in ("attachment", "wikipage", "milestone", "membership", "notifypolicy", "like")),
    *("changes_change", "timeline_timelineentry", "notifications_webnotification", "webhooks_webhooklog"),
    *("webhooks_delivery", "tokens_outstandingtoken", "users_storageentry"),
}
"""Tables that grow with all that anybody does."""
EMPTIED = ('DELETE FROM "projects_workitem"', 'UPDATE "projects_workitem" SET "status_id"')
READ = [route for route in ROUTER.routes if "GET" in route.methods and not route.path.endswith(("/stream", "{token}"))]


@on_sqlite
def test_what_is_read_of_a_project_is_found_by_indexes() -> None:
    world = Everything()
    found = {route.path: walked(partial(ask, world, route)) & GROWING for route in READ}
    assert {path: tables for path, tables in found.items() if tables} == {}


def ask(world: Everything, route: Route) -> None:
    """Read an address, if it is a list that of the project."""
    path = world.filled(route.path)
    world.asking.get(f"/{path}" if "?" in path else f"/{path}?project={world.project.pk}")


@on_sqlite
@pytest.mark.parametrize(
    "query",
    [
        "userstories?assigned_users={bob}",
        "userstories?dashboard=true&is_closed=false&assigned_users={bob}",
        "userstories?dashboard=true&is_closed=false&watchers={bob}",
        "userstories?role={role}",
        "tasks?assigned_to={bob}&status__is_closed=false",
        "issues?watchers={bob}",
        "issues?role={role}",
    ],
)
def test_what_one_person_has_to_do_is_found_by_indexes(world: World, query: str) -> None:
    path = query.format(bob=world.bob.user.pk, role=world.project.roles.values_list("pk", flat=True)[0])
    assert not walked(lambda: world.bob.get(f"/{path}")) & GROWING


def test_a_custom_field_goes_in_as_many_statements_for_many_items(world: World) -> None:
    def statements_for(number: int) -> int:
        field = world.make("task-custom-attributes", name=f"Field {number}")["id"]
        for _ in range(number):
            task = world.make("tasks")["id"]
            values = {"attributes_values": {str(field): "1"}, "version": 1}
            assert world.alice.patch(f"/tasks/custom-attributes-values/{task}", values).status_code == 200
        with noted() as statements:
            assert world.alice.delete(f"/task-custom-attributes/{field}").status_code == 204
        return len(statements)

    assert statements_for(1) == statements_for(4)


def test_a_sprint_is_named_like_those_of_many_projects_in_a_few_statements(world: World) -> None:
    dates = {"estimated_start": "2026-01-01", "estimated_finish": "2026-01-15"}
    world.make("milestones", name="Sprint 1", **dates)
    others = [project_of(world.carol.user, f"Soyuz {number}") for number in range(2)]
    slugs = [f"sprint-1-{number}" for number in range(1, 30)]
    rows = [Milestone(project=others[0], name=slug, slug=slug, **dates) for slug in slugs]
    Milestone.objects.bulk_create(rows)
    body = {"project": others[1].pk, "name": "Sprint 1", **dates}
    with noted() as statements:
        made = world.carol.post("/milestones", body)
    assert (made.status_code, made.json()["slug"]) == (201, "sprint-1-30")
    assert len([sql for sql, _params in statements if 'FROM "projects_milestone"' in sql and '"slug" IN' in sql]) == 3


def test_the_items_of_a_project_that_ends_are_not_written_first(world: World) -> None:
    for kind in KINDS:
        world.make(kind)
    with noted() as statements:
        assert world.alice.delete(f"/projects/{world.project.pk}").status_code == 204
    told = [sql.split()[0] for sql, _params in statements if sql.startswith(EMPTIED)]
    assert (told[0], "UPDATE" in told, WorkItem.objects.count()) == ("DELETE", True, 0)


def test_the_tasks_of_a_sprint_are_not_looked_up_among_those_of_everybody(world: World) -> None:
    """PostgreSQL would join all tasks with their stories."""
    dates = {"estimated_start": "2026-01-01", "estimated_finish": "2026-01-15"}
    sprint = world.make("milestones", name="One", **dates)["id"]
    with noted() as statements:
        assert world.bob.get(f"/milestones/{sprint}/stats").status_code == 200
    tasks = [sql for sql, _params in statements if "= 'task'" in sql or "kind" in sql]
    assert tasks
    assert not [sql for sql in tasks if 'JOIN "projects_workitem"' in sql and 'FROM "projects_workitem"' in sql]


@pytest.mark.parametrize("where", ["", "&project={project}", "&dashboard=true"])
def test_a_story_that_is_given_to_somebody_in_both_ways_is_listed_once(world: World, where: str) -> None:
    alice, bob = world.alice.user.pk, world.bob.user.pk
    both, second = world.make(assigned_to=bob, assigned_users=[bob, alice]), world.make(assigned_users=[alice, bob])
    lone, other = world.make(assigned_to=bob), world.make(assigned_to=alice)
    path = "/userstories?{people}" + where.format(project=world.project.pk)
    for people, wanted in (
        (f"assigned_users={bob}", [both, second, lone]),
        (f"assigned_users={bob},{alice}", [both, second, lone, other]),
        (f"exclude_assigned_users={bob}", [other]),
        ("assigned_users=null", []),
        (f"assigned_users=null,{alice}", [both, second, other]),
    ):
        found = world.bob.get(path.format(people=people))
        assert sorted(row["id"] for row in found.json()) == sorted(row["id"] for row in wanted), people
        assert found.headers["x-pagination-count"] == str(len(wanted))


@on_sqlite
@pytest.mark.parametrize("path", ["notify-policies", "user-project-settings", "users/me", "web-notifications?page=1"])
def test_what_is_ones_own_is_found_by_indexes(world: World, path: str) -> None:
    assert not walked(lambda: world.bob.get(f"/{path}")) & {*GROWING, "projects_project", "users_user"}
