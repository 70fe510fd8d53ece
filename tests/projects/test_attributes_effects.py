"""What follows for items and sprints when a value of a list is edited or replaced."""

from typing import Any

import pytest

from taiga.changes.models import Change
from taiga.projects.models import ModulesConfig, Project, RolePoints, WorkItem
from tests.projects.apollo import Apollo, heard

pytestmark = pytest.mark.django_db


def state(apollo: Apollo, story: dict[str, Any], sprint: dict[str, Any]) -> tuple[bool, bool, bool]:
    """Whether the story is closed, whether it has a finish date, and whether the sprint is closed."""
    now = apollo.shown(f"/userstories/{story['id']}")
    return now["is_closed"], now["finish_date"] is not None, apollo.shown(f"/milestones/{sprint['id']}")["closed"]


def test_a_story_status_closes_and_opens_its_stories_and_their_sprint() -> None:
    apollo = Apollo()
    ready, sprint = apollo.named("/userstory-statuses", "Ready"), apollo.sprint()
    story = apollo.story(status=ready, milestone=sprint["id"])
    apollo.alice.patch(f"/userstory-statuses/{ready}", {"is_closed": True})
    assert state(apollo, story, sprint) == (True, True, True)
    apollo.alice.patch(f"/userstory-statuses/{ready}", {"color": "#123456"})
    assert state(apollo, story, sprint) == (True, True, True)
    apollo.alice.patch(f"/userstory-statuses/{ready}", {"is_closed": False})
    assert state(apollo, story, sprint) == (False, False, False)


def test_only_stories_of_the_status_are_closed_and_opened() -> None:
    apollo = Apollo()
    ready, sprint, other = apollo.named("/userstory-statuses", "Ready"), apollo.sprint(), apollo.sprint("Other")
    story = apollo.story(status=ready, milestone=sprint["id"])
    done = apollo.story(status=apollo.named("/userstory-statuses", "Done"), milestone=other["id"])
    new = apollo.story(status=apollo.named("/userstory-statuses", "New"))
    for closed in (True, False):
        apollo.alice.patch(f"/userstory-statuses/{ready}", {"is_closed": closed})
        assert state(apollo, story, sprint) == (closed, closed, closed)
        assert state(apollo, done, other) == (True, True, True)
        assert state(apollo, new, other) == (False, False, True)


DONE = {"userstories": ("/userstory-statuses", "Done"), "tasks": ("/task-statuses", "Closed")}
DONE |= {"issues": ("/issue-statuses", "Closed")}


@pytest.mark.parametrize("last", list(DONE))
def test_a_sprint_is_closed_when_all_that_is_in_it_is_done(last: str) -> None:
    apollo = Apollo()
    sprint, elsewhere = apollo.sprint()["id"], apollo.sprint("Other")["id"]
    done = {path: apollo.named(*status) for path, status in DONE.items()}
    for path, status in done.items():
        apollo.made(f"/{path}", subject="Done", status=status, milestone=sprint)
    undone = apollo.made(f"/{last}", subject="Undone", milestone=sprint)["id"]
    apollo.made(f"/{last}", subject="Elsewhere", milestone=elsewhere)
    assert apollo.shown(f"/milestones/{sprint}")["closed"] is False
    reply = apollo.alice.patch(f"/{last}/{undone}", {"version": 1, "status": done[last]})
    assert reply.status_code == 200
    assert [apollo.shown(f"/milestones/{one}")["closed"] for one in (sprint, elsewhere)] == [True, False]


def test_an_empty_sprint_is_open_and_tasks_of_stories_do_not_count() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()
    story = apollo.story(status=apollo.named("/userstory-statuses", "Done"))
    assert apollo.shown(f"/milestones/{sprint['id']}")["closed"] is False
    task = apollo.task(user_story=story["id"], milestone=sprint["id"])
    closed = apollo.named("/task-statuses", "Closed")
    assert apollo.alice.patch(f"/tasks/{task['id']}", {"version": 1, "status": closed}).status_code == 200
    assert apollo.shown(f"/milestones/{sprint['id']}")["closed"] is False


def test_a_story_that_is_opened_again_has_no_finish_date() -> None:
    apollo = Apollo()
    done, new = (apollo.named("/userstory-statuses", word) for word in ("Done", "New"))
    path = f"/userstories/{apollo.story(status=done)['id']}"
    finished = apollo.shown(path)["finish_date"]
    assert finished is not None
    archived = apollo.named("/userstory-statuses", "Archived")
    for version, (status, kept) in enumerate([(archived, finished), (new, None), (new, None)], start=1):
        assert apollo.alice.patch(path, {"version": version, "status": status}).status_code == 200
        assert apollo.shown(path)["finish_date"] == kept


def test_a_task_status_closes_the_stories_whose_tasks_are_all_done() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()
    story = apollo.story(milestone=sprint["id"])
    new, closed = apollo.named("/task-statuses", "New"), apollo.named("/task-statuses", "Closed")
    apollo.task(user_story=story["id"], status=new)
    apollo.task(user_story=story["id"], status=closed)
    assert state(apollo, story, sprint) == (False, False, False)
    apollo.alice.patch(f"/task-statuses/{new}", {"is_closed": True})
    assert state(apollo, story, sprint) == (True, True, True)
    apollo.alice.patch(f"/task-statuses/{closed}", {"is_closed": False})
    assert state(apollo, story, sprint) == (False, False, False)


def test_stories_whose_status_goes_are_as_closed_as_the_new_one() -> None:
    apollo = Apollo()
    ready, done = apollo.named("/userstory-statuses", "Ready"), apollo.named("/userstory-statuses", "Done")
    progress, sprint = apollo.named("/userstory-statuses", "In progress"), apollo.sprint()
    story = apollo.story(status=ready, milestone=sprint["id"])
    assert apollo.alice.delete(f"/userstory-statuses/{ready}?moveTo={done}").status_code == 204
    assert state(apollo, story, sprint) == (True, True, True)
    assert apollo.alice.delete(f"/userstory-statuses/{done}?moveTo={progress}").status_code == 204
    assert state(apollo, story, sprint) == (False, False, False)
    assert apollo.shown(f"/userstories/{story['id']}")["status"] == progress
    assert apollo.alice.get(f"/history/userstory/{story['id']}").json() == []


def test_stories_whose_status_goes_stand_behind_the_others_lane_by_lane() -> None:
    apollo = Apollo()
    one, two = apollo.lane("One"), apollo.lane("Two")
    new, ready = apollo.named("/userstory-statuses", "New"), apollo.named("/userstory-statuses", "Ready")
    apollo.story("none", status=new)
    apollo.story("two", status=new, swimlane=two["id"])
    apollo.story("one", status=new, swimlane=one["id"])
    apollo.story("there", status=ready)
    assert apollo.alice.delete(f"/userstory-statuses/{new}?moveTo={ready}").status_code == 204
    assert [story.subject for story in apollo.stories()] == ["there", "one", "two", "none"]


def test_tasks_whose_status_goes_are_finished_with_the_new_one_and_so_are_their_story_and_sprint() -> None:
    apollo = Apollo()
    sprint, other = apollo.sprint(), apollo.sprint("Other")
    story = apollo.story(milestone=sprint["id"])
    progress, closed = apollo.named("/task-statuses", "In progress"), apollo.named("/task-statuses", "Closed")
    task = apollo.task(user_story=story["id"], status=progress)
    loose = apollo.task(status=progress, milestone=other["id"])
    assert apollo.alice.delete(f"/task-statuses/{progress}?moveTo={closed}").status_code == 204
    assert apollo.shown(f"/tasks/{task['id']}")["finished_date"] is not None
    assert state(apollo, story, sprint) == (True, True, True)
    assert apollo.shown(f"/milestones/{other['id']}")["closed"]
    new = apollo.named("/task-statuses", "New")
    assert apollo.alice.delete(f"/task-statuses/{closed}?moveTo={new}").status_code == 204
    assert apollo.shown(f"/tasks/{loose['id']}")["finished_date"] is None
    assert not apollo.shown(f"/milestones/{other['id']}")["closed"]


def test_issues_whose_status_goes_are_finished_with_the_new_one_and_so_is_their_sprint() -> None:
    apollo = Apollo()
    sprint = apollo.sprint()
    new, closed = apollo.named("/issue-statuses", "New"), apollo.named("/issue-statuses", "Closed")
    issue = apollo.issue(status=new, milestone=sprint["id"])
    assert apollo.alice.delete(f"/issue-statuses/{new}?moveTo={closed}").status_code == 204
    assert apollo.shown(f"/issues/{issue['id']}")["finished_date"] is not None
    assert apollo.shown(f"/milestones/{sprint['id']}")["closed"]


def test_integrations_that_closed_issues_with_a_status_use_its_replacement() -> None:
    apollo = Apollo()
    closed, rejected = apollo.named("/issue-statuses", "Closed"), apollo.named("/issue-statuses", "Rejected")
    ModulesConfig.objects.update_or_create(
        project=apollo.project,
        defaults={"config": {"github": {"close_status": closed}, "gitlab": {"close_status": 1}, "gogs": None}},
    )
    assert apollo.alice.delete(f"/issue-statuses/{closed}?moveTo={rejected}").status_code == 204
    config = ModulesConfig.objects.get(project=apollo.project).config
    assert config == {"github": {"close_status": rejected}, "gitlab": {"close_status": 1}, "gogs": None}


@pytest.mark.parametrize(
    ("path", "column", "names"),
    [
        ("issue-types", "type", ("Bug", "Question")),
        ("priorities", "priority", ("Normal", "High")),
        ("severities", "severity", ("Normal", "Minor")),
        ("issue-statuses", "status", ("New", "Needs Info")),
    ],
)
def test_issues_get_the_replacement_and_nothing_else_of_them_changes(
    path: str, column: str, names: tuple[str, str]
) -> None:
    apollo = Apollo()
    gone, to = (apollo.named(f"/{path}", name) for name in names)
    issue = apollo.issue(**{column: gone})
    assert apollo.alice.delete(f"/{path}/{gone}?moveTo={to}").status_code == 204
    now = apollo.shown(f"/issues/{issue['id']}")
    assert now[column] == to
    assert (now["version"], now["modified_date"]) == (issue["version"], issue["modified_date"])


def test_estimates_get_the_replacement() -> None:
    apollo = Apollo()
    unknown, five = apollo.named("/points", "?"), apollo.named("/points", "5")
    story = apollo.story()
    assert set(story["points"].values()) == {unknown}
    assert apollo.alice.delete(f"/points/{unknown}?moveTo={five}").status_code == 204
    assert apollo.shown(f"/userstories/{story['id']}")["total_points"] == 20
    assert set(RolePoints.objects.values_list("points_id", flat=True)) == {five}


def test_open_boards_hear_of_story_statuses_and_of_the_items_that_got_another_one() -> None:
    apollo = Apollo()
    new, ready = apollo.named("/userstory-statuses", "New"), apollo.named("/userstory-statuses", "Ready")
    story = apollo.story(status=new)["id"]
    with heard() as told:
        apollo.alice.delete(f"/userstory-statuses/{new}?moveTo={ready}")
    assert ("userstories", "change", "userstories.userstory", [story]) in told
    assert ("projects", "delete", "projects.userstorystatus", new) in told


def test_open_boards_hear_of_stories_that_a_status_closed() -> None:
    apollo = Apollo()
    ready, sprint = apollo.named("/userstory-statuses", "Ready"), apollo.sprint()["id"]
    story = apollo.story(status=ready, milestone=sprint)["id"]
    with heard() as told:
        apollo.alice.patch(f"/userstory-statuses/{ready}", {"is_closed": True})
    assert sorted(told, key=str) == [
        ("milestones", "change", "milestones.milestone", sprint),
        ("projects", "change", "projects.userstorystatus", ready),
        ("userstories", "change", "userstories.userstory", [story]),
    ]


def test_what_was_done_is_told_by_the_change_feed_and_not_by_the_timeline() -> None:
    apollo = Apollo()
    status = apollo.made("/task-statuses", name="Odd")
    apollo.alice.patch(f"/task-statuses/{status['id']}", {"name": "Even"})
    apollo.alice.patch(f"/task-statuses/{status['id']}", {"name": "Even"})
    told = Change.objects.filter(kind="projects.taskstatus", object_id=status["id"]).order_by("pk")
    assert [change.diff for change in told] == [{}, {"name": ["Odd", "Even"], "slug": ["odd", "even"]}]


DUE_DATES = pytest.mark.parametrize("path", ["userstory-due-dates", "task-due-dates", "issue-due-dates"])


@DUE_DATES
def test_the_default_label_of_due_dates_stays(path: str) -> None:
    apollo = Apollo()
    default = apollo.named(f"/{path}", "Default")
    other = apollo.named(f"/{path}", "Due soon")
    assert apollo.alice.delete(f"/{path}/{default}").status_code == 400
    apollo.block()
    assert [apollo.alice.delete(f"/{path}/{one}").status_code for one in (default, other)] == [400, 451]
    Project.objects.filter(pk=apollo.project.pk).update(blocked_code=None)
    apollo.alice.patch(f"/{path}/{default}", {"by_default": False})
    assert apollo.alice.delete(f"/{path}/{default}").status_code == 204


@DUE_DATES
def test_labels_of_the_template_are_made_for_admins_where_there_are_none(path: str) -> None:
    apollo = Apollo()
    before = apollo.listed(f"/{path}")
    body = {"project_id": apollo.project.pk}
    assert apollo.alice.post(f"/{path}/create_default", body).status_code == 400
    for row in before:
        apollo.alice.patch(f"/{path}/{row['id']}", {"by_default": False})
        apollo.alice.delete(f"/{path}/{row['id']}")
    assert apollo.nobody.post(f"/{path}/create_default", body).status_code == 401
    assert apollo.bob.post(f"/{path}/create_default", body).status_code == 403
    made = apollo.alice.post(f"/{path}/create_default", body)
    assert made.status_code == 200
    without_id = [{**row, "id": None} for row in before]
    assert [{**row, "id": None} for row in made.json()] == without_id
    assert apollo.listed(f"/{path}") == made.json()


@pytest.mark.parametrize("body", [{}, {"project_id": 999999999}, {"project_id": "x"}], ids=str)
def test_labels_for_an_unknown_project_are_refused(body: dict[str, Any]) -> None:
    reply = Apollo().alice.post("/task-due-dates/create_default", body)
    assert reply.status_code == 400
    assert list(reply.json()) == ["project_id"]


def test_a_project_whose_template_is_gone_gets_no_labels() -> None:
    apollo = Apollo()
    Project.objects.filter(pk=apollo.project.pk).update(creation_template=None)
    for row in apollo.listed("/task-due-dates"):
        apollo.alice.patch(f"/task-due-dates/{row['id']}", {"by_default": False})
        apollo.alice.delete(f"/task-due-dates/{row['id']}")
    assert apollo.alice.post("/task-due-dates/create_default", {"project_id": apollo.project.pk}).status_code == 400


@pytest.mark.parametrize("type", ["text", "multiline", "richtext", "date", "url", "dropdown", "checkbox", "number"])
def test_a_custom_field_has_a_type_and_whatever_options_it_was_given(type: str) -> None:
    apollo = Apollo()
    options = [{"a": [1, None]}, "ü"]
    field = apollo.made("/issue-custom-attributes", name="Field", type=type, extra=options, description=None)
    assert (field["type"], field["extra"], field["description"]) == (type, options, "")
    assert apollo.listed("/issue-custom-attributes") == [field]
    put = apollo.alice.put(f"/issue-custom-attributes/{field['id']}", {"project": apollo.project.pk, "name": "Put"})
    assert (put.json()["extra"], put.json()["type"]) == (options, "text")


def test_a_custom_field_of_an_unknown_type_is_refused() -> None:
    apollo = Apollo()
    for wrong in ("colour", None, 5):
        reply = apollo.alice.post("/epic-custom-attributes", {"project": apollo.project.pk, "name": "X", "type": wrong})
        assert reply.status_code == 400
        assert list(reply.json()) == ["type"]


def test_with_a_custom_field_go_the_values_that_items_have_for_it() -> None:
    apollo = Apollo()
    gone, kept = (apollo.made("/task-custom-attributes", name=name)["id"] for name in ("Gone", "Kept"))
    mine, bare = apollo.task()["id"], apollo.task()["id"]
    values = {str(gone): 'a "quoted" text', str(kept): "stays", f"{gone}0": "another"}
    WorkItem.objects.filter(pk=mine).update(attributes_values=values, attributes_version=3)
    assert apollo.alice.delete(f"/task-custom-attributes/{gone}").status_code == 204
    task = WorkItem.objects.get(pk=mine)
    assert task.attributes_values == {str(kept): "stays", f"{gone}0": "another"}
    assert task.attributes_version == 3
    assert WorkItem.objects.get(pk=bare).attributes_values == {}


def test_the_next_entry_of_the_history_tells_of_what_was_replaced_before_it() -> None:
    apollo = Apollo()
    normal, high = apollo.named("/priorities", "Normal"), apollo.named("/priorities", "High")
    issue = apollo.issue(priority=normal)["id"]
    apollo.alice.delete(f"/priorities/{normal}?moveTo={high}")
    assert apollo.alice.get(f"/history/issue/{issue}").json() == []
    apollo.alice.patch(f"/issues/{issue}", {"version": 1, "subject": "Another"})
    (entry,) = apollo.alice.get(f"/history/issue/{issue}").json()
    assert entry["diff"] == {"subject": ["I", "Another"], "priority": [normal, high]}
