"""Any dump is refused with its problems, or results in a project that can be read completely."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from taiga.changes.models import Change, ChangeType
from taiga.projects.models import Kind, Project, WikiPage, WorkItem
from taiga.projects.services.kinds import KINDS
from taiga.users.models import User
from tests.transfer import sample
from tests.transfer.conftest import dumped, loaded
from tests.world import Caller

pytestmark = pytest.mark.django_db

Path = tuple[str | int, ...]
TOGETHER = 10
"""Values that are wrong at once in the dumps that are read; each of them was taken for itself."""
VALUES: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 7, 1.5, 1e308, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 10**400, float("nan"), float("inf")),
    *("", " ", "x", "5", "²", "a\x00b", "\ud800", "x" * 300, "<b>x</b>", "../../x", "2024-01-01", sample.ALICE),
    *("0001-01-01T00:00:00+1400", "9999-12-31T23:59:59-1200", "nobody@example.org", "9" * 5000),
    *([], [1], [None], ["x"], [[]], [{}], [1, 2], [None, None], [[1, 2], [3, 4]], [{"id": 1}], [{"id": [1]}]),
    *({}, {"id": 1}, {"id": None}, {"1": 1}, {"": ""}, {"9" * 5000: "x"}, {"a\x00": 1}, {"\udfff": 1}),
    *({"user": 5}, {"user": {"id": "x"}}, {"new": 1}, json.loads("[" * 70 + "]" * 70)),
)
LISTS = (
    *("memberships", "roles", "points", "swimlanes", "swimlane-userstory-statuses", "status-transitions", "milestones"),
    *("issue-types", "priorities", "severities", "userstory-due-dates", "task-due-dates", "issue-due-dates"),
    *(
        f"{name}-{rest}"
        for name in ("epic", "userstory", "task", "issue")
        for rest in ("statuses", "custom-attributes")
    ),
    *(f"{name}{rest}" for name in ("epics", "userstories", "tasks", "issues") for rest in ("", "/filters_data")),
    *("wiki", "wiki-links", "users", "webhooks"),
)
OF_PROJECT = ["stats", "member_stats", "issues_stats", "tags_colors", "fans", "watchers", "modules", "changes"]
ITEMS = {Kind.EPIC: "epics", Kind.USERSTORY: "userstories", Kind.TASK: "tasks", Kind.ISSUE: "issues"}


def eventful() -> sample.Dump:
    """The sample, with a history that has everything an entry can have."""
    file = {"id": 9, "filename": "a.txt", "url": "http://x/a.txt", "attached_file": "attachments/a.txt", "order": 1}
    value = {"id": 8, "name": "Colour", "value": "green", "type": "text"}
    diff = {
        "attachments": [[], [file]],
        "custom_attributes": [[value], [{**value, "value": "red"}]],
        "points": [{"7": 1}, {"7": 2}],
        "description": ["", "words"],
        "milestone": [None, 3],
        "assigned_to": [None, sample.BOB],
        "assigned_users": [[], [sample.STRANGER]],
        "owner": [None, sample.STRANGER],
        "tags": [[], ["red"]],
    }
    labels = {
        "users": [sample.BOB],
        "points": {"1": "?", "2": "1"},
        "roles": {"7": "Back"},
        "milestone": {"3": "First"},
    }
    snapshot = {"owner": sample.BOB, "status": "Open", "attachments": [file], "custom_attributes": [value]}
    users = {str(sample.STRANGER): [sample.CAROL, "Carol"]}
    made = sample.project()
    made["user_stories"][0]["history"].append(sample.entry(diff=diff, values=labels, snapshot=snapshot, users=users))
    told = {"attachments": {"new": [file], "changed": [], "deleted": []}, "subject": ["a", "b"]}
    made["timeline"].append(sample.happening("userstories.userstory.change", userstory={"id": 9}, values_diff=told))
    return made


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """The positions of values that could be replaced."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def changed(content: Any, path: Path, value: Any) -> Any:
    """The dump with another value at a position."""
    content = copy.deepcopy(content)
    holder = content
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return content


def load(caller: Caller, content: Any) -> Any:
    file = SimpleUploadedFile("dump.json", json.dumps(content).encode(), "application/json")
    return caller.upload("/importer/load_dump", dump=file)


def is_taken(caller: Caller, content: Any) -> bool:
    """Whether a dump is loaded; it is rolled back. If it is refused, it has to say why."""
    with transaction.atomic():
        before = Project.objects.count(), WorkItem.objects.count(), Change.objects.count(), User.objects.count()
        answer = load(caller, content)
        assert answer.status_code in (201, 400), answer.content
        if answer.status_code == 400:
            told = answer.json()
            assert told["error"]
            assert told["details"]
            assert (*before,) == tuple(model.objects.count() for model in (Project, WorkItem, Change, User))
        transaction.set_rollback(True)
    return bool(answer.status_code == 201)


def addresses(project: Project) -> Iterator[str]:
    """All addresses at which a project can be read."""
    key = project.pk
    yield from (f"/projects/{key}", "/projects", f"/timeline/project/{key}", f"/search?project={key}&text=a")
    yield from (f"/projects/{key}/{name}" for name in OF_PROJECT)
    yield from (f"/{name}?project={key}" for name in LISTS)
    for person in project.memberships.exclude(user=None).values_list("user", flat=True):
        yield from (f"/timeline/{name}/{person}" for name in ("user", "profile"))
    for item in items(project):
        path = ITEMS[Kind(item.kind)]
        yield from (f"/{path}/{item.pk}", f"/{path}/custom-attributes-values/{item.pk}")
        yield from (f"/{path}/{item.pk}/{who}" for who in ("watchers", "voters"))
        yield f"/{path}/attachments?project={key}&object_id={item.pk}"
        yield from history(Kind(item.kind).value, item)
    for page in WikiPage.objects.filter(project=project):
        yield f"/wiki/{page.pk}"
        yield from history("wiki", page)


def items(project: Project) -> Iterator[Any]:
    """The items, each as an instance of its kind."""
    for kind in Kind:
        yield from KINDS[kind].model.objects.filter(project=project)


def history(name: str, thing: Any) -> Iterator[str]:
    """The history of an object, and the former texts of its comments."""
    yield from (f"/history/{name}/{thing.pk}?type={choice}" for choice in ("", "activity", "comment"))
    entries = Change.objects.filter(kind=thing.type_key, object_id=thing.pk, type=ChangeType.CHANGE, is_hidden=False)
    for uuid in entries.values_list("uuid", flat=True):
        yield f"/history/{name}/{thing.pk}/comment_versions?id={uuid}"


def spoilt(caller: Caller, chance: random.Random) -> tuple[Any, list[Any]]:
    """A dump with several unexpected values that are accepted nevertheless, and these values."""
    content: Any = eventful()
    shapes: dict[Any, list[Path]] = {}
    for path in places(content):
        shapes.setdefault(tuple(key for key in path if isinstance(key, str)), []).append(path)
    told: list[Any] = []
    for _attempt in range(4 * TOGETHER):
        path, value = chance.choice(shapes[chance.choice(list(shapes))]), chance.choice(VALUES)
        if any(path[: len(one)] == one[: len(path)] for one, _value in told):
            continue
        if is_taken(caller, changed(eventful(), path, value)):
            content = changed(content, path, value)
            told.append((path, value))
        if len(told) == TOGETHER:
            break
    return content, told


@pytest.mark.parametrize("seed", range(3))
def test_a_dump_is_refused_or_all_that_comes_of_it_can_be_read(alice: User, seed: int) -> None:
    caller = Caller(alice)
    content, told = spoilt(caller, random.Random(seed))
    assert told
    answer = load(caller, content)
    assert answer.status_code == 201, (answer.content, told)
    project = Project.objects.get(pk=answer.json()["id"])
    statuses = {path: caller.get(path).status_code for path in addresses(project)}
    assert {path: status for path, status in statuses.items() if status != 200} == {}, told
    again = dumped(loaded(dumped(project), owner=alice).project)
    assert len(again["user_stories"]) == len(sample.stories()), told
