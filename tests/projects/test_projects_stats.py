"""The statistics of projects."""

from datetime import timedelta

import pytest

from taiga.base import clock
from taiga.projects.models import Issue, Points, Role, UserStory
from tests.projects.apollo import Apollo, Json, counted
from tests.world import project_of

pytestmark = pytest.mark.django_db


def estimated(apollo: Apollo, value: str, **more: object) -> Json:
    """A story with points for one role."""
    role = Role.objects.get(project=apollo.project, slug="back").pk
    points = Points.objects.get(project=apollo.project, name=value).pk
    return apollo.story(points={str(role): points}, **more)


def test_an_empty_project_has_only_an_end() -> None:
    apollo = Apollo()
    stats = apollo.shown(f"/projects/{apollo.project.pk}/stats")
    assert (stats["total_points"], stats["defined_points"], stats["speed"]) == (None, 0, 0)
    [end] = stats["milestones"]
    assert (end["optimal"], end["evolution"], end["team-increment"]) == (0, None, 0)


def test_points_burn_down_from_sprint_to_sprint() -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}"
    first = apollo.sprint("First", estimated_start="2130-01-01", estimated_finish="2130-01-15")
    apollo.sprint("Second", estimated_start="2130-01-15", estimated_finish="2130-01-30")
    estimated(apollo, "5", milestone=first["id"], status=apollo.named("/userstory-statuses", "Done"))
    estimated(apollo, "3")
    apollo.alice.patch(at, {"total_milestones": 4, "total_story_points": 20})
    stats = apollo.shown(f"{at}/stats")
    assert (stats["defined_points"], stats["closed_points"], stats["assigned_points"]) == (8, 5, 5)
    role = str(Role.objects.get(project=apollo.project, slug="back").pk)
    assert stats["defined_points_per_role"] == {role: 8}
    assert stats["speed"] == 5
    chart = stats["milestones"]
    assert [entry["name"] for entry in chart[:2]] == ["First", "Second"]
    assert [entry["optimal"] for entry in chart] == [20, 15, 10, 5, 0]
    assert [entry["evolution"] for entry in chart] == [20, 15, 15, None, None]


def test_what_came_on_top_is_counted_once_where_it_came() -> None:
    apollo = Apollo()
    today = clock.today()
    dates = {"estimated_start": str(today - timedelta(days=1)), "estimated_finish": str(today + timedelta(days=1))}
    apollo.sprint("Now", **dates)
    estimated(apollo, "5", team_requirement=True, client_requirement=True)
    late = estimated(apollo, "3", client_requirement=True)
    UserStory.objects.filter(pk=late["id"]).update(created_date=clock.now() - timedelta(days=90))
    apollo.alice.patch(f"/projects/{apollo.project.pk}", {"total_milestones": 3})
    chart = apollo.shown(f"/projects/{apollo.project.pk}/stats")["milestones"]
    assert [entry["team-increment"] for entry in chart] == [0, 2.5, 2.5, 2.5]
    assert [entry["client-increment"] for entry in chart] == [0, 5.5, 5.5, 5.5]


def test_members_are_told_what_they_did() -> None:
    apollo = Apollo()
    bob, alice = str(apollo.bob.user.pk), str(apollo.alice.user.pk)
    closed = apollo.named("/issue-statuses", "Closed")
    apollo.issue(status=closed, assigned_to=apollo.bob.user.pk)
    apollo.issue(status=closed)
    apollo.task(is_iocaine=True, assigned_to=apollo.bob.user.pk)
    stats = apollo.shown(f"/projects/{apollo.project.pk}/member_stats")
    assert stats["closed_bugs"] == {alice: 0, bob: 1}
    assert stats["created_bugs"] == {alice: 2, bob: 0}
    assert (stats["iocaine_tasks"][bob], stats["closed_tasks"][bob]) == (1, 0)


def test_what_happened_to_a_wiki_page_before_it_came_counts_as_well() -> None:
    apollo = Apollo()
    there = project_of(apollo.alice.user, "Borealis")
    page = apollo.alice.post("/wiki", {"project": there.pk, "slug": "home", "content": "One"}).json()["id"]
    body = {"project": apollo.project.pk, "content": "Two", "version": 1}
    assert apollo.alice.patch(f"/wiki/{page}", body).status_code == 200
    stats = apollo.shown(f"/projects/{apollo.project.pk}/member_stats")
    assert stats["wiki_changes"][str(apollo.alice.user.pk)] == 2


def test_issues_are_counted_by_values_people_and_days() -> None:
    apollo = Apollo()
    closed = apollo.named("/issue-statuses", "Closed")
    old, done, bare = apollo.issue()["id"], apollo.issue(status=closed)["id"], apollo.issue()["id"]
    now = clock.now()
    Issue.objects.filter(pk=old).update(created_date=now - timedelta(days=100))
    Issue.objects.filter(pk=done).update(created_date=now - timedelta(days=5), finished_date=now - timedelta(days=2))
    Issue.objects.filter(pk=bare).update(severity=None, type=None, status=None, priority=None)
    stats = apollo.shown(f"/projects/{apollo.project.pk}/issues_stats")
    assert (stats["total_issues"], stats["opened_issues"], stats["closed_issues"]) == (3, 2, 1)
    assert [row["count"] for row in stats["issues_per_type"].values()] == [2]
    assert stats["issues_per_assigned_to"]["0"] == {
        "id": 0,
        "username": "Unassigned",
        "name": "Unassigned",
        "color": "black",
        "count": 3,
    }
    days = stats["last_four_weeks_days"]
    assert days["by_open_closed"]["open"] == [0] * 22 + [1] + [0] * 4 + [1]
    assert days["by_open_closed"]["closed"] == [0] * 25 + [1, 0, 0]
    [severity] = days["by_severity"].values()
    assert severity["data"] == [1] * 22 + [2] * 4 + [1] * 2
    assert days["by_status"] == {}


@pytest.mark.parametrize("of", ["stats", "member_stats", "issues_stats"])
def test_statistics_cost_the_same_however_much_there_is(of: str) -> None:
    apollo = Apollo()
    at = f"/projects/{apollo.project.pk}/{of}"
    apollo.issue()
    estimated(apollo, "5", team_requirement=True)
    apollo.shown(at)
    with counted() as few:
        apollo.shown(at)
    for number in range(4):
        apollo.issue()
        estimated(apollo, "3", milestone=apollo.sprint(f"Sprint {number}")["id"])
    with counted() as many:
        apollo.shown(at)
    assert many == few
    assert [caller.get(at).status_code for caller in (apollo.nobody, apollo.carol, apollo.bob)] == [401, 404, 200]
