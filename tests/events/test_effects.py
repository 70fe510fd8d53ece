"""The messages that open boards receive."""

from typing import Any

import pytest

from taiga.changes.models import Change
from taiga.events import broadcast
from tests.activity import COLLECTIONS, Apollo, heard, working

pytestmark = pytest.mark.django_db
ITEMS = {kind: path for kind, path in COLLECTIONS.items() if kind != "wiki"}
SPRINT = {"name": "One", "estimated_start": "2031-01-01", "estimated_finish": "2031-01-15"}


def message(kind: str, type: str, pk: Any) -> tuple[str, Any]:
    return ITEMS[kind], {"type": type, "matches": f"{ITEMS[kind]}.{kind}", "pk": pk}


def of_boards(messages: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The messages for boards: the last part of each routing key, and the data."""
    return [(key.rpartition(".")[2], data) for key, data in messages if key.startswith("changes.project.")]


@pytest.mark.parametrize("kind", list(ITEMS))
@pytest.mark.parametrize("body", [{"external_reference": ["github", "7"]}, {}], ids=["reference", "nothing"])
def test_a_save_is_heard_although_the_history_tells_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, body: dict[str, Any]
) -> None:
    apollo = Apollo()
    key = apollo.make(kind)
    rows = apollo.timeline()
    with heard(monkeypatch) as messages, working():
        assert apollo.change(kind, key, **body)["version"] == 2
    assert of_boards(messages) == [message(kind, "change", key)]
    assert apollo.history(kind, key) == []
    assert apollo.timeline() == rows


def test_a_new_reason_of_a_due_date_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    key = apollo.make("userstory")
    with heard(monkeypatch) as messages, working():
        apollo.change("userstory", key, due_date_reason="The fair")
    assert of_boards(messages) == [message("userstory", "change", key)]
    assert apollo.history("userstory", key) == []


def test_tasks_that_go_with_their_story_are_heard_but_leave_no_other_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    story = apollo.make("userstory")
    tasks = [apollo.make("task", user_story=story) for _ in range(2)]
    rows = len(apollo.timeline())
    with heard(monkeypatch) as messages, working():
        assert apollo.alice.delete(f"/userstories/{story}").status_code == 204
    gone = [message("userstory", "delete", story), *(message("task", "delete", key) for key in tasks)]
    assert of_boards(messages) == gone
    assert [row["event_type"] for row in apollo.timeline()[:-rows]] == ["userstories.userstory.delete"]
    feed = apollo.alice.get(f"/projects/{apollo.project.pk}/changes").json()["changes"]
    assert [(row["kind"], row["id"], row["type"]) for row in feed[-3:]] == [
        (data["matches"], data["pk"], "delete") for _what, data in gone
    ]


def test_a_task_that_becomes_a_story_is_gone_for_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    task = apollo.make("task")
    with heard(monkeypatch) as messages, working():
        body = {"project_id": apollo.project.pk}
        assert apollo.alice.post(f"/tasks/{task}/promote_to_user_story", body).status_code == 200
    assert message("task", "delete", task) in of_boards(messages)
    assert not [row for row in apollo.timeline() if row["event_type"] == "tasks.task.delete"]


def test_a_story_that_its_tasks_close_or_open_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    sprint = apollo.alice.post("/milestones", {"project": apollo.project.pk, **SPRINT}).json()["id"]
    story = apollo.make("userstory", milestone=sprint)
    closed = apollo.status("task", "closed")
    task = apollo.make("task", user_story=story)
    changed = message("userstory", "change", [story])
    with heard(monkeypatch) as messages, working():
        apollo.change("task", task, status=closed)
    assert changed in of_boards(messages)
    with heard(monkeypatch) as messages, working():
        body = {"project_id": apollo.project.pk, "us_id": story, "milestone_id": sprint, "bulk_tasks": "Wipe"}
        (more,) = apollo.alice.post("/tasks/bulk_create", body).json()
    assert changed in of_boards(messages)
    with heard(monkeypatch) as messages, working():
        assert apollo.alice.delete(f"/tasks/{more['id']}").status_code == 204
    assert changed in of_boards(messages)
    with heard(monkeypatch) as messages, working():
        apollo.change("task", task, subject="Polish")
    assert changed not in of_boards(messages)


def test_issues_put_into_a_sprint_in_bulk_are_heard_and_told_by_the_next_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    sprint = apollo.alice.post("/milestones", {"project": apollo.project.pk, **SPRINT}).json()["id"]
    issue = apollo.make("issue")
    rows, changes = apollo.timeline(), Change.objects.filter(kind="issues.issue").count()
    with heard(monkeypatch) as messages, working():
        body = {"project_id": apollo.project.pk, "milestone_id": sprint, "bulk_issues": [{"issue_id": issue}]}
        assert apollo.bob.post("/issues/bulk_update_milestone", body).status_code == 200
    assert of_boards(messages) == [message("issue", "change", [issue])]
    assert apollo.alice.get(f"/issues/{issue}").json()["milestone"] == sprint
    assert (apollo.history("issue", issue), apollo.timeline()) == ([], rows)
    assert Change.objects.filter(kind="issues.issue").count() == changes
    apollo.change("issue", issue, subject="Dust")
    (entry,) = apollo.history("issue", issue)
    assert entry["values_diff"] == {"subject": ["Build a rocket", "Dust"], "milestone": [None, "One"]}


def test_a_sprint_that_its_items_close_names_the_tab_that_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    apollo = Apollo()
    sprint = apollo.alice.post("/milestones", {"project": apollo.project.pk, **SPRINT}).json()["id"]
    issue = apollo.make("issue", milestone=sprint)
    sessions: list[tuple[str, str | None]] = []

    def keep(pushed: Any) -> None:
        sessions.extend((message.data["matches"], message.session_id) for message in pushed)

    monkeypatch.setattr(broadcast, "push_many", keep)
    with working():
        body = {"version": 1, "status": apollo.status("issue", "closed")}
        assert apollo.bob.patch(f"/issues/{issue}", body, x_session_id="tab-7").status_code == 200
    assert sessions == [("milestones.milestone", "tab-7"), ("issues.issue", "tab-7")]
