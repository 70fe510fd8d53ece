"""Activity counters of projects, and rebuilding timelines."""

import time
from datetime import timedelta

import pytest
from django.core.management import call_command

from taiga.base import clock
from taiga.projects.models import Project
from taiga.timeline.models import TimelineEntry
from taiga.timeline.services import activity
from tests.activity import Apollo

pytestmark = pytest.mark.django_db
WINDOWS = ("total_activity", "total_activity_last_week", "total_activity_last_month", "total_activity_last_year")


def counts(apollo: Apollo) -> list[int]:
    return [getattr(Project.objects.get(pk=apollo.project.pk), name) for name in WINDOWS]


def test_each_row_of_a_project_counts_at_once() -> None:
    apollo = Apollo()
    before = counts(apollo)
    apollo.change("task", apollo.make("task"), subject="New")
    assert counts(apollo) == [number + 2 for number in before]


def test_old_rows_drop_out_of_the_windows() -> None:
    apollo = Apollo()
    for days in (3, 20, 200, 700):
        apollo.make("task", subject=f"{days}")
        newest = TimelineEntry.objects.filter(user=None).order_by("-id").first()
        assert newest is not None
        TimelineEntry.objects.filter(pk=newest.pk).update(created=clock.now() - timedelta(days=days))
    total = counts(apollo)[0]
    assert activity.recount() == 1
    assert counts(apollo) == [total, total - 3, total - 2, total - 1]
    assert activity.recount() == 0


def test_the_worker_counts_once_in_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "recount", lambda: 7)
    monkeypatch.setattr(activity, "_last", time.monotonic() - activity.INTERVAL - 1)
    assert [activity.recount_hourly(), activity.recount_hourly()] == [7, 0]


@pytest.mark.parametrize("command", ["rebuild_timeline", "rebuild_timeline_iterating_per_projects"])
def test_timelines_made_anew_are_the_same_and_tell_of_members_whom_nobody_noted(command: str) -> None:
    apollo = Apollo()
    task = apollo.make("task", by=apollo.bob, assigned_to=apollo.id("alice"))
    apollo.change("task", task, comment="So", description="New")
    entry = apollo.history("task", task)[0]["id"]
    apollo.alice.delete(f"/tasks/{apollo.make('task', subject='Gone')}")
    story = apollo.make("userstory")
    apollo.make("task", subject="Gone with its story", user_story=story)
    apollo.alice.delete(f"/userstories/{story}")
    apollo.alice.post(
        "/memberships",
        {
            "project": apollo.project.pk,
            "role": apollo.role(),
            "username": apollo.users["carol"].email,
        },
    )
    before = rows_of(apollo)
    call_command(command, project=apollo.project.pk, verbosity=0)
    after = rows_of(apollo)
    assert [row for row in after if row in before] == before
    assert {row[0] for row in after if row not in before} == {"projects.membership.create", "projects.project.create"}
    apollo.alice.post(f"/history/task/{task}/delete_comment?id={entry}")
    call_command(command, project=apollo.project.pk, verbosity=0)
    assert len(rows_of(apollo)) == len(after) + 3


def rows_of(apollo: Apollo) -> list[tuple[object, ...]]:
    """All rows of the project but their ids."""
    rows = TimelineEntry.objects.filter(project=apollo.project).order_by("created", "namespace", "user")
    return [(row.event_type, row.namespace, row.user_id, row.created, row.data) for row in rows]


def test_only_rows_of_the_given_time_are_made_anew() -> None:
    apollo = Apollo()
    TimelineEntry.objects.filter(project=apollo.project).delete()
    call_command("rebuild_timeline", "--initial_date", "2200-01-01", verbosity=0)
    assert apollo.timeline() == []
    call_command("rebuild_timeline", "--final_date", "2200-01-01", verbosity=0)
    assert "projects.project.create" in [row["event_type"] for row in apollo.timeline()]
