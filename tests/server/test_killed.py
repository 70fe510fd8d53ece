"""Acknowledged means durable: the process is killed while people write, nothing that it answered for is lost, and
nobody sees anything twice.

The server is killed three times; `TAIGA_TEST_KILLS=50 bin/test tests/server/test_killed.py` does it fifty times.
"""

import http.client
import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from taiga.notifications.models import NotificationType
from tests.base.receiver import Receiver, listening
from tests.server.served import Database, Sink, Visitor, database, port_of, sink, taiga, wait_for

KILLS = int(os.environ.get("TAIGA_TEST_KILLS", "3"))
COMMENT = re.compile(r"round \d+ story \d+ no \d+\.")
PAST = "'2001-01-01 00:00:00+00:00'"


class Doomed:
    """A server that is killed and comes back, and what it told the world."""

    def __init__(self, data: Path, stack: ExitStack) -> None:
        self.database: Database = stack.enter_context(database(data))
        self.mails: Sink = stack.enter_context(sink())
        self.receiver: Receiver = stack.enter_context(listening())
        told = {
            "TAIGA_DATA": str(data),
            "PUBLIC_REGISTER_ENABLED": "true",
            "TAIGA_THROTTLE": "off",
            "WEBHOOKS_ALLOW_PRIVATE_ADDRESS": "true",
            "CHANGE_NOTIFICATIONS_MIN_INTERVAL": "0",
            **self.database.settings,
            **self.mails.settings,
        }
        log = stack.enter_context((data / "log").open("w"))
        self.nursery = taiga(program="tests.server.nursery", stderr=log, **told)
        stack.callback(self.end)
        self.start()

    def start(self) -> None:
        """Come (back) to life, when the claims of the dead have run out."""
        self.database.execute(
            f"UPDATE notifications_mail SET next_attempt = {PAST} WHERE failed_at IS NULL",
            "UPDATE webhooks_webhook SET busy_until = NULL",
            "UPDATE base_job SET claimed_until = NULL",
        )
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write("one more\n")
        self.nursery.stdin.flush()
        self.pid = int(self.nursery.stdout.readline())
        self.port = port_of(self.nursery.stdout.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        self.kill()
        self.nursery.kill()
        self.nursery.communicate()
        self.nursery.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Doomed]:
    with ExitStack() as stack:
        yield Doomed(tmp_path, stack)


class Team:
    """Alice, who comments on stories; Bob, who is mailed and rung; and a program that listens."""

    def __init__(self, server: Doomed) -> None:
        self.server = server
        self.alice, self.bob = Visitor(server.port), Visitor(server.port)
        self.alice.register("alice", server.mails)
        bob = self.bob.register("bob")
        body = {"name": "Apollo", "description": "x"}
        project = self.alice.ask("POST", "/projects", body)
        self.project = project["id"]
        member = {"project": self.project, "role": project["roles"][0]["id"], "username": "bob@example.com"}
        self.alice.ask("POST", "/memberships", member)
        hook = {"project": self.project, "name": "ear", "url": server.receiver.url(), "key": "secret"}
        self.alice.ask("POST", "/webhooks", hook)
        self.stories = [self.story(bob), self.story(bob)]

    def story(self, assignee: int) -> int:
        body = {"project": self.project, "subject": "s", "assigned_users": [assignee]}
        key: int = self.alice.ask("POST", "/userstories", body)["id"]
        self.bob.ask("POST", f"/userstories/{key}/watch")
        return key

    def write_until_it_dies(self, round_: int, story: int, acknowledged: list[str]) -> None:
        """Comments on a story, as fast as they are answered."""
        alice = self.alice.at(self.server.port)
        with suppress(OSError, http.client.HTTPException):
            for number in range(10_000):
                version = alice.ask("GET", f"/userstories/{story}")["version"]
                comment = f"round {round_} story {story} no {number}."
                alice.ask("PATCH", f"/userstories/{story}", {"version": version, "comment": comment})
                acknowledged.append(comment)

    def write_and_be_killed(self, round_: int) -> list[str]:
        """What was acknowledged by a server that died at some moment, in most lives after the first answer."""
        acknowledged: list[str] = []
        threads = [
            threading.Thread(target=self.write_until_it_dies, args=(round_, story, acknowledged))
            for story in self.stories
        ]
        for thread in threads:
            thread.start()
        if random.random() < 0.8:
            wait_for(lambda: acknowledged)
        time.sleep(random.random() * 0.6)
        self.server.kill()
        for thread in threads:
            thread.join()
        return acknowledged


def test_a_killed_server_loses_nothing_and_tells_everything_once_when_it_is_back(server: Doomed) -> None:
    team = Team(server)
    acknowledged: set[str] = set()
    for round_ in range(KILLS):
        acknowledged.update(team.write_and_be_killed(round_))
        server.start()
    assert acknowledged
    alice, bob = team.alice.at(server.port), team.bob.at(server.port)
    kept = comments_of(alice, team)
    assert acknowledged <= kept.keys()
    assert set(kept.values()) == {1}
    assert timeline(alice, team.project) == kept
    assert rings(bob) == len(kept)
    wait_while_it_grows(lambda: len(mailed(server.mails)), len(kept))
    wait_while_it_grows(lambda: len(delivered(server.receiver)), len(kept))
    assert mailed(server.mails).keys() == kept.keys() == delivered(server.receiver).keys()
    assert {len(ids) for ids in mailed(server.mails).values()} == {1}
    assert {len(ids) for ids in delivered(server.receiver).values()} == {1}
    numbers = [change["number"] for change in changes(alice, team.project)]
    assert numbers == list(range(1, len(numbers) + 1))
    print(f"{KILLS} kills, {len(kept)} comments, {len(acknowledged)} acknowledged; under one name: {twice(server)}")


def wait_while_it_grows(size: Callable[[], int], wanted: int) -> None:
    """Until enough has arrived; as long as more arrives there is no hurry."""
    while (now := size()) < wanted:
        wait_for(partial(has_grown, size, now))


def has_grown(size: Callable[[], int], before: int) -> bool:
    return size() > before


def comments_of(alice: Visitor, team: Team) -> Counter[str]:
    """How often the history tells each comment."""
    told: Counter[str] = Counter()
    for story in team.stories:
        entries = alice.ask("GET", f"/history/userstory/{story}?type=comment", x_disable_pagination="1")
        told.update(entry["comment"] for entry in entries)
    return told


def timeline(alice: Visitor, project: int) -> Counter[str]:
    """How often the timeline tells each comment."""
    rows = alice.ask("GET", f"/timeline/project/{project}", x_disable_pagination="1")
    return Counter(row["data"]["comment"] for row in rows if row["data"].get("comment"))


def rings(bob: Visitor) -> int:
    """How often Bob's bell told of a comment."""
    told = bob.ask("GET", "/web-notifications", x_disable_pagination="1")
    rows = told["objects"] if isinstance(told, dict) else told
    return sum(ring["event_type"] == NotificationType.COMMENT for ring in rows)


def mailed(mails: Sink) -> dict[str, set[str]]:
    """The message ids under which Bob was told each comment."""
    told: dict[str, set[str]] = defaultdict(set)
    for mail in mails.sent_to("bob@example.com"):
        for comment in COMMENT.findall(mail.text):
            told[comment].add(mail.id)
    return told


def delivered(receiver: Receiver) -> dict[str, set[tuple[str, bytes]]]:
    """The ids and bodies with which the program was told each comment."""
    told: dict[str, set[tuple[str, bytes]]] = defaultdict(set)
    for request in list(receiver.requests):
        comment = json.loads(request.body).get("change", {}).get("comment")
        if comment:
            told[comment].add((request.headers["X-Taiga-Delivery"], request.body))
    return told


def twice(server: Doomed) -> str:
    """How many mails and deliveries came again, under the name that they had before."""
    mails = [mail.id for mail in server.mails.sent_to("bob@example.com")]
    calls = [request.headers["X-Taiga-Delivery"] for request in server.receiver.requests]
    return f"{len(mails) - len(set(mails))} mails and {len(calls) - len(set(calls))} deliveries twice"


def changes(alice: Visitor, project: int) -> list[Any]:
    """The whole feed of a project."""
    told: list[Any] = []
    while True:
        last = told[-1]["number"] if told else 0
        page = alice.ask("GET", f"/projects/{project}/changes?since={last}&page_size=1000")
        told += page["changes"]
        if not page["more"]:
            return told
