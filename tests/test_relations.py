"""Relations that hold between answers, whatever the data: what one address tells follows from what others tell."""

import csv
import io
import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import DjangoDbBlocker

from taiga.projects.models import Role
from tests.filled import ALL, KINDS, STATUSES, Filled
from tests.world import Caller

pytestmark = pytest.mark.django_db
Row = dict[str, Any]
Values = Callable[[Row], set[Any]]
NOBODY = {None}


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Filled]:
    """Made once for all tests here: what each of them changes is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Filled()
        transaction.set_rollback(True)


def column(name: str) -> Values:
    """The value of a column."""
    return lambda row: {row[name]}


def held(filled: Filled, kind: str) -> dict[str, Values]:
    """For each filter that takes ids and null, what an item has of it; null stands for nothing."""
    owner, member = filled.alice.user.pk, filled.bob.user.pk
    members = filled.rows("memberships")
    roles = {key: {row["role"] for row in members if row["user"] == key} for key in (owner, member)}
    people = assigned_users if kind == "userstories" else column("assigned_to")
    found = {name: column(name) for name in ("status", "assigned_to", "owner")}
    if kind == "userstories":
        found |= {"swimlane": column("swimlane"), "assigned_users": people, "epic": epics_of}
    if kind == "issues":
        found |= {name: column(name) for name in ("type", "severity", "priority")}
    if kind != "epics":
        found["role"] = lambda row: set().union(*(roles.get(one, NOBODY) for one in people(row)))
    return found


def assigned_users(row: Row) -> set[Any]:
    return set(row["assigned_users"]) or NOBODY


def epics_of(row: Row) -> set[Any]:
    return {epic["id"] for epic in row["epics"] or ()} or NOBODY


def tags_of(row: Row) -> set[str]:
    return {name for name, _color in row["tags"]}


def text(value: Any) -> str:
    return "null" if value is None else quote(str(value))


def conditions(filled: Filled, kind: str) -> dict[str, set[int]]:
    """Filters, and the items that each of them is to find."""
    rows = filled.rows(kind)
    everything = {row["id"] for row in rows}
    wanted: dict[str, set[int]] = {}
    for name, of in (held(filled, kind) | {"tags": tags_of}).items():
        values = sorted(set().union(*map(of, rows)), key=str)
        for some in (*itertools.combinations(values, 1), *itertools.combinations(values, 2)):
            found = {row["id"] for row in rows if of(row) & set(some)}
            wanted[f"{name}={','.join(map(text, some))}"] = found
            wanted[f"exclude_{name}={','.join(map(text, some))}"] = everything - found
    for person in filled.people:
        wanted[f"watchers={person}"] = {row["id"] for row in rows if person in row["watchers"]}
    for word in ("true", "false"):
        closed = {row["id"] for row in rows if str(row["status_extra_info"]["is_closed"]).lower() == word}
        wanted[f"status__is_closed={word}"] = closed
    return wanted


def without_repeats(rows: list[Row]) -> list[int]:
    """The ids in order; of several wanted epics a story is listed once for each."""
    return list(dict.fromkeys(row["id"] for row in rows))


def name_of(query: str) -> str:
    return query.partition("=")[0]


def several(wanted: dict[str, set[int]]) -> list[tuple[str, ...]]:
    """Some filters for different things together."""
    chance = random.Random(7)
    tried = [tuple(chance.sample(sorted(wanted), size)) for size in (2, 3) for _number in range(12)]
    return [queries for queries in tried if len({*map(name_of, queries)}) == len(queries)]


@pytest.mark.parametrize("kind", KINDS)
def test_filters_find_what_the_rows_say(filled: Filled, kind: str) -> None:
    order = [row["id"] for row in filled.rows(kind)]
    wanted = conditions(filled, kind)
    alone = random.Random(7).sample(sorted(wanted), min(len(wanted), 40))
    for queries in [*((query,) for query in alone), *several(wanted)]:
        found = set(order).intersection(*(wanted[query] for query in queries))
        listed = filled.rows(kind, "".join(f"&{query}" for query in queries))
        assert without_repeats(listed) == [key for key in order if key in found], queries
    assert any(0 < len(found) < len(order) for found in wanted.values())


FACETS = {"statuses": "status", "types": "type", "priorities": "priority", "severities": "severity"}
FACETS |= {"assigned_to": "assigned_to", "owners": "owner", "epics": "epic", "roles": "role", "tags": "tags"}
HEEDED = {("epics", "tags"), ("userstories", "roles")}
"""Facets that heed their own filter too."""


@pytest.mark.parametrize("kind", KINDS)
def test_facets_count_what_lists_show(filled: Filled, kind: str) -> None:
    of = held(filled, kind) | {"tags": tags_of}
    wanted = conditions(filled, kind)
    for queries in [(), *several(wanted)[::4]]:
        asked = "".join(f"&{query}" for query in queries)
        facets = filled.alice.get(f"/{kind}/filters_data?project={filled.project.pk}{asked}").json()
        for facet, name in FACETS.items():
            own = () if (kind, facet) in HEEDED else (name, f"exclude_{name}")
            others = "".join(f"&{query}" for query in queries if name_of(query) not in own)
            rows = {row["id"]: row for row in filled.rows(kind, others)} if facet in facets else {}
            for value in facets.get(facet, ()):
                key = value["name"] if facet == "tags" else value["id"]
                assert value["count"] == sum(key in of[name](row) for row in rows.values()), (queries, facet, value)


PLAIN = ("created_date", "modified_date", "total_voters")
ORDERS = {
    "epics": (),
    "userstories": (*PLAIN, "backlog_order", "sprint_order", "kanban_order", "status", "milestone"),
    "tasks": (*PLAIN, "us_order", "status", "milestone"),
    "issues": (*PLAIN, "ref", "type", "severity", "priority", "status"),
}


def rank(filled: Filled, kind: str, name: str) -> Callable[[Row], Any]:
    """What a list is sorted by."""
    lists = {"status": STATUSES[kind], "type": "issue_types", "severity": "severities", "priority": "priorities"}
    if name == "milestone":
        sprints = {row["id"]: row["created_date"] for row in filled.rows("milestones")}
        return lambda row: sprints.get(row["milestone"])
    if name in lists:
        places = {value["id"]: (value["order"], value["name"]) for value in filled.shown[lists[name]]}
        return lambda row: places.get(row[name])
    return lambda row: row[name]


def paged(caller: Caller, path: str, size: int, **headers: str) -> Iterator[Row]:
    """A list, page by page, as the headers lead."""
    following: str | None = f"{path}&page_size={size}"
    for number in itertools.count(1):
        reply = caller.get(str(following), **headers)
        assert (reply.status_code, reply.headers["X-Pagination-Current"]) == (200, str(number))
        assert ("X-Pagination-Prev" in reply.headers) == (number > 1)
        yield from reply.json()
        following = reply.headers.get("X-Pagination-Next", "").partition("/api/v1")[2]
        if not following:
            return


@pytest.mark.parametrize("kind", KINDS)
def test_lists_are_sorted_by_what_their_rows_say(filled: Filled, kind: str) -> None:
    rows = sorted(filled.rows(kind), key=lambda row: -row["id"])
    for name, sign in itertools.product(ORDERS[kind], ("", "-")):
        key = rank(filled, kind, name)
        known = sorted((row for row in rows if key(row) is not None), key=key, reverse=sign == "-")
        unknown = [row for row in rows if key(row) is None]
        expected = [*unknown, *known] if sign else [*known, *unknown]
        assert filled.rows(kind, f"&order_by={sign}{name}") == expected, name
    path = f"/{kind}?project={filled.project.pk}&order_by={ORDERS[kind][-1] if ORDERS[kind] else ''}"
    whole = filled.alice.get(path, **ALL).json()
    assert [*paged(filled.alice, path, 5)] == [*paged(filled.alice, path, 5, x_lazy_pagination="1")] == whole


UNORDERED = ("watchers", "assigned_users")
HISTORIES = {"epics": "epic", "userstories": "userstory", "tasks": "task", "issues": "issue", "wiki": "wiki"}


def everything(filled: Filled) -> dict[Any, Row]:
    """All that the API tells of the project's items and pages, and of what happened to them."""
    rows = filled.alice.get(f"/timeline/project/{filled.project.pk}", **ALL).json()
    told: dict[Any, Row] = {"timeline": {"rows": [row["id"] for row in rows]}}
    for kind, name in HISTORIES.items():
        for row in filled.rows(kind):
            entries = filled.alice.get(f"/history/{name}/{row['id']}", **ALL).json()
            lists = {one: sorted(row[one]) for one in UNORDERED if one in row}
            told[kind, row["id"]] = {**row, **lists, "history": [entry["id"] for entry in entries]}
    return told


@pytest.mark.parametrize("kind", HISTORIES)
def test_what_was_read_and_is_written_back_changes_nothing(filled: Filled, kind: str) -> None:
    """But the version and its date; of what is finished, more is stored of the moment than is told."""
    row = next(row for row in filled.rows(kind) if not row.get("finish_date"))
    path, before = f"/{kind}/{row['id']}", everything(filled)
    assert filled.alice.put(path, filled.alice.get(path).json()).status_code == 200
    assert filled.alice.patch(path, {"version": row["version"] + 1}).status_code == 200
    after = everything(filled)
    moved = after[kind, row["id"]]
    assert moved["version"] == row["version"] + 2
    assert moved["modified_date"] > row["modified_date"]
    assert after == before | {(kind, row["id"]): moved | before[kind, row["id"]] | only(moved, *MOVING)}


MOVING = ("version", "modified_date")


def only(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


@pytest.mark.parametrize("kind", KINDS)
def test_reports_tell_what_lists_tell(filled: Filled, kind: str) -> None:
    key = filled.alice.post(f"/projects/{filled.project.pk}/regenerate_{kind}_csv_uuid").json()["uuid"]
    report = csv.DictReader(io.StringIO(Caller().get(f"/{kind}/csv?uuid={key}").content.decode()))
    names = {value["id"]: value["name"] for value in filled.shown[STATUSES[kind]]}
    expected = [
        {
            "id": str(row["id"]),
            "subject": f"'{row['subject']}" if row["subject"][0] == "=" else row["subject"],
            "status": names[row["status"]],
            "assigned_to": (row["assigned_to_extra_info"] or {"username": ""})["username"],
            "tags": ",".join(name for name, _color in row["tags"]),
            "voters": str(row["total_voters"]),
            "watchers": str(sorted(row["watchers"])),
        }
        for row in sorted(filled.rows(kind), key=lambda row: row["ref"])
    ]
    assert [{name: line[name] for name in expected[0]} for line in report] == expected


FORMATS: dict[str, Callable[[Row], bytes]] = {
    "application/json": lambda fields: json.dumps(fields).encode(),
    "application/x-www-form-urlencoded": lambda fields: urlencode(fields).encode(),
    MULTIPART_CONTENT: lambda fields: encode_multipart(BOUNDARY, fields),
}


@pytest.mark.parametrize("kind", KINDS)
def test_forms_say_what_json_says(filled: Filled, kind: str) -> None:
    status = filled.shown[STATUSES[kind]][1]["id"]
    sent = {"subject": "Größe & co", "status": status, "assigned_to": "", "is_blocked": "true", "blocked_note": "+1"}
    told = []
    for content_type, encoded in FORMATS.items():
        body = encoded(sent | {"project": filled.project.pk})
        reply = Client().generic("POST", f"/api/v1/{kind}", body, content_type, headers=filled.alice.headers)
        assert reply.status_code == 201, reply.content
        told.append(only(reply.json(), *sent))
    assert told == [sent | {"is_blocked": True, "assigned_to": None}] * len(FORMATS)


HIDING = {"epics": "view_epics", "userstories": "view_us", "tasks": "view_tasks", "issues": "view_issues"}
SECRET = "xyzzy"


def addresses(project: Row, kind: str, item: Row, file: int) -> Iterator[str]:
    """Where an item could show up."""
    key, of = item["id"], f"project={project['id']}"
    for path in (*KINDS, "milestones", "wiki"):
        yield from (f"/{path}", f"/{path}?{of}")
    yield from (f"/{kind}?{of}&q={SECRET}", f"/{kind}/by_ref?{of}&ref={item['ref']}", f"/{kind}/filters_data?{of}")
    yield from (
        f"/{kind}/{key}",
        f"/{kind}/{key}/voters",
        f"/{kind}/{key}/watchers",
        f"/history/{HISTORIES[kind]}/{key}",
    )
    yield from (f"/{kind}/custom-attributes-values/{key}", f"/{kind}/attachments?{of}", f"/{kind}/attachments/{file}")
    yield from (
        f"/search?{of}&text={SECRET}",
        f"/search?{of}&text=",
        f"/resolver?project={project['slug']}&ref={item['ref']}",
    )
    yield from (f"/projects/{project['id']}/{name}" for name in ("stats", "issues_stats", "member_stats", "changes"))
    yield f"/timeline/project/{project['id']}"
    for person in (item["owner"], item["assigned_to"]):
        yield from (f"/timeline/{name}/{person}" for name in ("user", "profile"))
        yield from (f"/users/{person}/{name}" for name in ("watched", "voted"))


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_not_be_read_shows_nowhere(filled: Filled, kind: str) -> None:
    bob = filled.bob
    key = filled.make(kind, subject=SECRET, description=SECRET, assigned_to=bob.user.pk)
    upload = SimpleUploadedFile(f"{SECRET}.txt", SECRET.encode())
    fields = {"project": filled.project.pk, "object_id": key, "attached_file": upload}
    file = filled.alice.upload(f"/{kind}/attachments", **fields).json()["id"]
    assert [bob.post(f"/{kind}/{key}/{action}").status_code for action in ("upvote", "watch")] == [200, 200]
    item = filled.alice.get(f"/{kind}/{key}").json()
    paths = [*addresses(filled.shown, kind, item, file)]
    shown = [path for path in paths if SECRET in bob.get(path, **ALL).content.decode()]
    permissions = [one for one in filled.role.permissions if one != HIDING[kind]]
    Role.objects.filter(pk=filled.role.pk).update(permissions=permissions)
    for caller in (bob, filled.carol, Caller()):
        replies = {path: caller.get(path, **ALL) for path in paths}
        assert [path for path, reply in replies.items() if SECRET in reply.content.decode()] == []
    assert len(shown) > 12
