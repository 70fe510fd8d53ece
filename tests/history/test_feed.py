"""The changes of a project in order, for programs that keep a copy."""

from typing import Any

import pytest

from taiga.history.api import feed
from taiga.projects.models import Membership
from tests.activity import Apollo

pytestmark = pytest.mark.django_db


def read(apollo: Apollo, query: str = "", by: Any = None) -> Any:
    reply = (by or apollo.alice).get(f"/projects/{apollo.project.pk}/changes{query}")
    assert reply.status_code == 200, reply.content
    return reply.json()


def test_every_committed_change_has_the_next_number() -> None:
    apollo = Apollo()
    start = read(apollo)["last"]
    story, task = apollo.make("userstory"), apollo.make("task")
    apollo.change("userstory", story, by=apollo.bob, subject="Another", comment="So")
    apollo.change("userstory", story, kanban_order=7)
    apollo.alice.delete(f"/tasks/{task}")
    told = read(apollo, f"?since={start}")
    assert [change["number"] for change in told["changes"]] == list(range(start + 1, told["last"] + 1))
    assert [(one["kind"], one["id"], one["type"]) for one in told["changes"]][:2] == [
        ("userstories.userstory", story, "create"),
        ("tasks.task", task, "create"),
    ]
    edit = told["changes"][2]
    assert (edit["by"], edit["ref"], edit["comment"]) == (apollo.id("bob"), 1, "So")
    assert edit["diff"]["subject"] == ["Build a rocket", "Another"]
    assert told["changes"][-1]["type"] == "delete"
    assert told["more"] is False


def test_a_reader_goes_on_where_the_last_page_ended() -> None:
    apollo = Apollo()
    for number in range(5):
        apollo.make("issue", subject=f"No. {number}")
    seen: list[int] = []
    since, more = 0, True
    while more:
        page = read(apollo, f"?since={since}&page_size=2")
        assert len(page["changes"]) <= 2
        seen += [change["number"] for change in page["changes"]]
        since, more = page["last"], page["more"]
    assert seen == [change["number"] for change in read(apollo)["changes"]]
    assert read(apollo, f"?since={since}") == {"changes": [], "last": since, "more": False}


def test_what_a_member_may_not_see_is_left_out() -> None:
    apollo = Apollo()
    apollo.make("issue")
    apollo.make("task")
    apollo.project.roles.update(permissions=["view_project", "view_tasks"])
    Membership.objects.filter(user=apollo.id("alice")).update(is_admin=True)
    everything, seen = read(apollo), read(apollo, by=apollo.bob)
    assert {"issues.issue", "tasks.task"} <= {change["kind"] for change in everything["changes"]}
    kinds = {change["kind"] for change in seen["changes"]}
    assert "tasks.task" in kinds
    assert "issues.issue" not in kinds
    assert seen["last"] == everything["last"]


def test_strangers_read_nothing_and_numbers_must_be_numbers() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}/changes"
    assert apollo.carol.get(address).status_code == 403
    assert apollo.nobody.get(address).status_code == 401
    assert apollo.carol.get("/projects/999999/changes").status_code == 404
    for query in ("?since=x", "?since=-1", "?page_size=many"):
        assert apollo.alice.get(address + query).status_code == 400


def test_an_edited_comment_names_its_entry() -> None:
    apollo = Apollo()
    task = apollo.make("task")
    apollo.change("task", task, comment="First")
    entry = apollo.history("task", task)[0]["id"]
    apollo.alice.post(f"/history/task/{task}/edit_comment?id={entry}", {"comment": "Second"})
    last = read(apollo)["changes"][-1]
    assert (last["comment"], last["entry"]) == ("Second", entry)


def test_a_stream_tells_the_same_and_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "LIFETIME", 0.05)
    monkeypatch.setattr(feed, "POLL_INTERVAL", 0.01)
    apollo = Apollo()
    task = apollo.make("task")
    since = read(apollo)["last"] - 1
    reply = apollo.alice.get(f"/projects/{apollo.project.pk}/changes/stream?since=0", Last_Event_ID=str(since))
    assert reply.headers["Content-Type"] == "text/event-stream"
    text = b"".join(reply.streaming_content).decode()
    assert text.startswith(f"retry: {feed.RECONNECT_DELAY}\n\nid: {since + 1}\ndata: ")
    assert f'"id":{task}' in text
    assert text.count("data: ") == 1
    assert apollo.carol.get(f"/projects/{apollo.project.pk}/changes/stream").status_code == 403


def test_a_stream_comes_to_who_accepts_nothing_else_and_only_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "LIFETIME", 0.01)
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}/changes"
    accepted = apollo.alice.get(f"{address}/stream", Accept="text/event-stream")
    assert accepted.status_code == 200
    assert b"".join(accepted.streaming_content).startswith(b"retry: ")
    assert apollo.alice.get(address, Accept="text/event-stream").status_code == 406
    assert apollo.alice.get(f"{address}/stream", Accept="text/html").status_code == 406


@pytest.mark.django_db(transaction=True)
def test_streams_leave_threads_for_others_and_give_theirs_back() -> None:
    apollo = Apollo()
    address = f"/projects/{apollo.project.pk}/changes/stream"
    most = feed.free_streams._initial_value  # type: ignore[attr-defined]
    streams = [apollo.alice.get(address) for _ in range(most)]
    assert {reply.status_code for reply in streams} == {200}
    refused = apollo.alice.get(address)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    for reply in streams:
        reply.close()
        reply.close()
    again = apollo.alice.get(address)
    assert again.status_code == 200
    again.close()
