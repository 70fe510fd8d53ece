"""Several processes form one Taiga: two that answer and a worker, on PostgreSQL. On SQLite there is one process."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.events.conftest import Tab
from tests.server.served import PATIENCE, Sink, Visitor, database, port_of, sink, taiga, wait_for

CHANGES = 50
LIMIT = 2.0
"""Seconds within which somebody who was sent away hears nothing more."""


class Office:
    """Alice writes at one process; Bob, a member of her project, reads at another one."""

    def __init__(self, alice: Visitor, bob: Visitor, mails: Sink) -> None:
        self.alice, self.bob, self.mails = alice, bob, mails
        self.alice_id, self.bob_id = alice.register("alice", mails), bob.register("bob", mails)
        project = alice.ask("POST", "/projects", {"name": "Apollo", "description": "x", "is_private": True})
        self.project, self.role = project["id"], project["roles"][0]["id"]

    def admit_bob(self) -> int:
        """Make Bob a member, if he is none; returns the membership's id."""
        members = self.alice.ask("GET", f"/memberships?project={self.project}")
        found = [member["id"] for member in members if member["user"] == self.bob_id]
        body = {"project": self.project, "role": self.role, "username": "bob@example.com"}
        key: int = found[0] if found else self.alice.ask("POST", "/memberships", body)["id"]
        return key

    def story(self, **more: Any) -> int:
        body = {"project": self.project, "subject": "s", **more}
        key: int = self.alice.ask("POST", "/userstories", body)["id"]
        return key

    def comment(self, story: int, text: str, **headers: str) -> None:
        version = self.alice.ask("GET", f"/userstories/{story}")["version"]
        self.alice.ask("PATCH", f"/userstories/{story}", {"version": version, "comment": text}, **headers)

    @property
    def stories(self) -> str:
        """On which key open boards hear of stories."""
        return f"changes.project.{self.project}.userstories"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data = tmp_path_factory.mktemp("office")
    with ExitStack() as stack:
        base, mails = stack.enter_context(database(data)), stack.enter_context(sink())
        told = {
            "TAIGA_DATA": str(data),
            "PUBLIC_REGISTER_ENABLED": "true",
            "TAIGA_THROTTLE": "off",
            "CHANGE_NOTIFICATIONS_MIN_INTERVAL": "0",
            **base.settings,
            **mails.settings,
        }
        web = ("serve", "--port", "0")
        commands = [(*web, "--no-worker"), (*web, "--no-worker"), ("worker",)] if base.is_postgres else [web]
        lines = started(commands, stack, data, told)
        ports = [port_of(line) for line in lines if "http" in line]
        yield Office(Visitor(ports[0]), Visitor(ports[-1]), mails)


def started(commands: list[Any], stack: ExitStack, data: Path, told: dict[str, str]) -> list[str]:
    """Processes that run until the stack is closed; returns the line with which each says that it is ready."""
    log = stack.enter_context((data / "log").open("w"))
    processes = [taiga(*command, stderr=log, **told) for command in commands]
    for process in processes:
        stack.callback(process.communicate)
        stack.callback(process.kill)
    lines = [process.stdout.readline() for process in processes if process.stdout is not None]
    assert all(lines), (data / "log").read_text()
    return lines


@contextmanager
def tab(who: Visitor, key: str, session_id: str = "tab") -> Iterator[Tab]:
    """An open socket at the process of a visitor."""
    one = Tab(who.port).auth(who.token, session_id).subscribe(key)
    one.hears()
    yield one
    one.close()


def next_frame(one: Tab, seconds: float = PATIENCE) -> Any:
    """The next frame on a socket; None if there is none in time."""
    one.socket.settimeout(seconds)
    try:
        return json.loads(one.socket.recv())
    except websocket.WebSocketTimeoutException:
        return None


def test_what_is_changed_at_one_process_is_heard_at_the_sockets_of_all(office: Office) -> None:
    office.admit_bob()
    story = office.story()
    writes, reads = office.alice, office.bob
    with (
        tab(writes, office.stories, "mine") as mine,
        tab(writes.at(reads.port), office.stories, "mine") as mine_there,
        tab(writes, office.stories, "other") as other,
        tab(reads, office.stories) as bobs,
    ):
        office.comment(story, "Hello", x_session_id="mine")
        change = {"type": "change", "matches": "userstories.userstory", "pk": story}
        expected = {"session_id": "mine", "data": change, "routing_key": office.stories}
        assert [next_frame(one) for one in (other, bobs)] == [expected] * 2
        office.comment(story, "Hello again", x_session_id="other")
        expected["session_id"] = "other"
        assert [next_frame(one) for one in (mine, mine_there, bobs)] == [expected] * 3


def test_each_of_many_tabs_hears_each_change_once(office: Office) -> None:
    """Six tabs of one person, two of them with one name; one has subscribed twice; the first one makes the changes."""
    office.admit_bob()
    story, names = office.story(), ["a", "b", "c", "d", "e", "e"]
    with tab(office.alice.at(office.bob.port), office.stories) as first:
        before = took(office, story)
        while next_frame(first)["data"]["type"] != "change":
            pass  # only then nothing of it is still on its way to the tabs below
    with ExitStack() as stack:
        tabs = [stack.enter_context(tab(office.alice, office.stories, name)) for name in names]
        there = [stack.enter_context(tab(office.alice.at(office.bob.port), office.stories, name)) for name in names]
        for one in (tabs[1], there[1]):
            one.subscribe(office.stories).hears()
        seconds = sorted(took(office, story, x_session_id="a") for _number in range(CHANGES))
        for one in (*tabs[1:], *there[1:]):
            heard = [next_frame(one)["data"]["pk"] for _number in range(CHANGES)]
            assert heard == [story] * CHANGES
            assert one.hears() == []
        assert [one.hears() for one in (tabs[0], there[0])] == [[], []]
        assert seconds[CHANGES // 2] < max(10 * before, 1.0)


def took(office: Office, story: int, **headers: str) -> float:
    """The seconds that one comment took."""
    started = time.monotonic()
    office.comment(story, "Tick", **headers)
    return time.monotonic() - started


def test_the_bell_rings_everywhere_and_the_worker_sends_one_mail(office: Office) -> None:
    office.admit_bob()
    story = office.story(assigned_users=[office.bob_id])
    office.bob.ask("POST", f"/userstories/{story}/watch")
    with tab(office.bob, f"web_notifications.{office.bob_id}") as bobs:
        office.comment(story, "Ring ring")
        rung = next_frame(bobs)
    assert rung["routing_key"] == f"web_notifications.{office.bob_id}"
    assert office.bob.ask("GET", "/web-notifications?only_unread=1&page_size=1")["objects"][0]["data"]["obj"]
    wait_for(lambda: mailed(office, "Ring ring"))
    office.comment(story, "After that")
    wait_for(lambda: mailed(office, "After that"))
    assert (mailed(office, "Ring ring"), mailed(office, "After that")) == (1, 1)


def mailed(office: Office, text: str) -> int:
    """The number of mails to Bob that contain a text."""
    return sum(text in mail.text for mail in office.mails.sent_to("bob@example.com"))


def test_whoever_is_sent_away_at_one_process_hears_nothing_more_at_another(office: Office) -> None:
    membership, story = office.admit_bob(), office.story()
    with tab(office.bob, office.stories) as bobs, tab(office.alice.at(office.bob.port), office.stories) as alices:
        office.comment(story, "Still here")
        assert next_frame(bobs)
        assert next_frame(alices)
        office.alice.ask("DELETE", f"/memberships/{membership}")
        gone = time.monotonic()
        heard = [gone]
        numbers = 0
        while time.monotonic() < gone + LIMIT + 1:
            office.comment(story, f"Secret {numbers}")
            numbers += 1
            if next_frame(bobs, 0.05) is not None:
                heard.append(time.monotonic())
        assert max(heard) - gone < LIMIT
        assert [bool(next_frame(alices)) for _number in range(numbers)] == [True] * numbers


def test_a_stream_at_one_process_tells_of_changes_at_another_and_goes_on_where_it_ended(office: Office) -> None:
    office.admit_bob()
    story = office.story()
    last = office.bob.ask("GET", f"/projects/{office.project}/changes?since=0&page_size=1000")["last"]
    with stream(office, f"?since={last}") as lines:
        office.comment(story, "Streamed")
        number, change = event(lines)
    assert (number, change["number"], change["id"], change["comment"]) == (last + 1, last + 1, story, "Streamed")
    office.comment(story, "Meanwhile")
    with stream(office, "", Last_Event_ID=str(number)) as lines:
        number, change = event(lines)
    assert (number, change["comment"]) == (last + 2, "Meanwhile")


@contextmanager
def stream(office: Office, query: str, **headers: str) -> Iterator[Any]:
    """The lines of server-sent events from Bob's process."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", office.bob.port, timeout=PATIENCE)) as connection:
        path = f"/api/v1/projects/{office.project}/changes/stream{query}"
        connection.request("GET", path, headers={"Accept": "text/event-stream", **office.bob.who(), **named})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
        yield answer
        answer.close()


def event(lines: Any) -> tuple[int, Any]:
    """The number and the data of the next event."""
    told: dict[str, str] = {}
    while "data" not in told:
        name, _colon, value = lines.readline().decode().rstrip("\n").partition(": ")
        told[name] = value
    return int(told["id"]), json.loads(told["data"])
