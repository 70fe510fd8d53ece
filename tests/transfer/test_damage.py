"""A dump with problems is refused with all of them, and leaves nothing behind."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from taiga.projects.models import WorkItem
from taiga.transfer.load import Claim, load
from taiga.transfer.problems import Damaged, NotADump
from taiga.users.models import User
from tests.transfer import sample
from tests.transfer.conftest import files_in, loaded
from tests.world import Caller

pytestmark = pytest.mark.django_db

Change = Callable[[dict[str, Any]], None]


def rows_by_model() -> dict[str, int]:
    labels = ("projects", "users", "changes", "timeline")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    return {model.__name__: model._default_manager.count() for model in models}


@pytest.fixture
def nothing_left(alice: User, data: Path) -> Callable[[], bool]:
    before = rows_by_model()
    return lambda: rows_by_model() == before and files_in(data / "media") == files_in(data / "imports") == []


@pytest.mark.parametrize(
    "content",
    [b"", b" ", b"this is no JSON", b"[]", b'"text"', b"5", b"null", b'{"name": "x", "user_stories": [{"ref": 1'],
)
def test_what_is_no_dump_is_refused(nothing_left: Callable[[], bool], content: bytes) -> None:
    with pytest.raises(NotADump) as refused:
        load(BytesIO(content), owner=None)
    assert refused.value.problems
    assert nothing_left()


@pytest.mark.parametrize("size", [0.1, 0.5, 0.9, 0.999])
def test_a_dump_that_was_cut_off_is_refused(nothing_left: Callable[[], bool], size: float) -> None:
    whole = sample.stream(sample.project()).getvalue()
    with pytest.raises(NotADump):
        load(BytesIO(whole[: int(len(whole) * size)]), owner=None)
    assert nothing_left()


def set_in(*path: Any, to: Any) -> Change:
    def change(dump: dict[str, Any]) -> None:
        place: Any = dump
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = to

    return change


def drop(*path: Any) -> Change:
    def change(dump: dict[str, Any]) -> None:
        place: Any = dump
        for part in path[:-1]:
            place = place[part]
        del place[path[-1]]

    return change


def pairs(value: Any) -> list[list[Any]]:
    """Differences from nothing to the value, and back."""
    return [[None, value], [value, None]]


def twice(section: str, **changes: Any) -> Change:
    def change(dump: dict[str, Any]) -> None:
        dump[section].append({**dump[section][0], **changes})

    return change


NO_ROWS: tuple[Any, ...] = ([1], [{}], [{"id": None}], [{"id": [1]}], 5, "text", {"id": 1})
NO_ID: tuple[Any, ...] = ("text", [1], {}, 1.5)
NO_KEY: tuple[Any, ...] = ([], {}, [1], 1.5)
NO_LABELS: tuple[Any, ...] = (None, 5, [], {"1": [2]})
NO_IDS: tuple[Any, ...] = (5, "text", {}, ["5"], [[5]], [None])
UNREADABLE: list[tuple[str, str, Any]] = [
    *(
        ("diff", name, sides)
        for name in ("attachments", "custom_attributes")
        for one in NO_ROWS
        for sides in pairs(one)
    ),
    *(("diff", "assigned_users", sides) for one in NO_IDS for sides in pairs(one)),
    *(("diff", "points", sides) for one in (5, "text", [1]) for sides in pairs(one)),
    *(("diff", name, sides) for name in ("description", "content", "blocked_note") for sides in pairs(5)),
    *(("diff", "owner", sides) for one in NO_ID for sides in pairs(one)),
    *(("diff", "subject", one) for one in (None, 5, "ab", [], [1], [1, 2, 3], {"0": 1, "1": 2})),
    *(("snapshot", name, one) for name in ("attachments", "custom_attributes") for one in NO_ROWS),
    *(("snapshot", "assigned_users", one) for one in NO_IDS),
    *(("snapshot", name, one) for name in ("owner", "assigned_to", "status") for one in (*NO_KEY, True)),
    *(("values", name, one) for name in ("status", "roles", "points", "type") for one in NO_LABELS),
    *(("values", "users", one) for one in (None, 5, "text", [5], {"1": 5})),
]
"""What the readers of the history count on: where in an entry, under which name, and what is not like that."""
DAMAGE: list[tuple[Change, str, int | None, str]] = [
    (drop("name"), "project", None, "name"),
    (drop("description"), "project", None, "description"),
    (set_in("name", to={"a": 1}), "project", None, "name"),
    (set_in("name", to="x" * 251), "project", None, "name"),
    (set_in("created_date", to="yesterday"), "project", None, "created_date"),
    (set_in("total_milestones", to="many"), "project", None, "total_milestones"),
    (set_in("anon_permissions", to=["fly"]), "project", None, "anon_permissions"),
    (set_in("videoconferences", to="carrier-pigeon"), "project", None, "videoconferences"),
    (set_in("creation_template", to="no-such"), "project", None, "creation_template"),
    (set_in("tags_colors", to=[["red"]]), "project", None, "tags_colors"),
    (set_in("logo", to={"name": "x", "data": "not base64!"}), "project", None, "logo"),
    (set_in("default_us_status", to="No such"), "project", None, "default_us_status"),
    (drop("roles", 1, "name"), "roles", 1, "name"),
    (set_in("roles", 0, "permissions", to=["fly"]), "roles", 0, "permissions"),
    (set_in("roles", to={"a": 1}), "roles", None, "non_field_errors"),
    (set_in("roles", 0, to="Back"), "roles", 0, "non_field_errors"),
    (set_in("memberships", 1, "role", to="Nobody"), "memberships", 1, "role"),
    (drop("memberships", 1, "role"), "memberships", 1, "role"),
    (set_in("memberships", 1, "user", to=5), "memberships", 1, "user"),
    (set_in("us_statuses", 0, to={}), "us_statuses", 0, "name"),
    (twice("us_statuses"), "us_statuses", 2, "name"),
    (twice("us_statuses", name="Other"), "us_statuses", 2, "slug"),
    (twice("points"), "points", 3, "name"),
    (set_in("points", 1, "value", to="much"), "points", 1, "value"),
    (set_in("points", 1, "order", to=2**40), "points", 1, "order"),
    (set_in("swimlanes", 0, "statuses", 0, "status", to="No such"), "swimlanes", 0, "statuses"),
    (set_in("issuecustomattributes", 0, "type", to="nonsense"), "issuecustomattributes", 0, "type"),
    (twice("taskcustomattributes"), "taskcustomattributes", 1, "name"),
    (twice("milestones"), "milestones", 1, "name"),
    (set_in("milestones", 0, "estimated_start", to="2030-01-01"), "milestones", 0, "estimated_start"),
    (drop("milestones", 0, "estimated_finish"), "milestones", 0, "estimated_finish"),
    (set_in("issues", 1, "type", to="No such"), "issues", 1, "type"),
    (set_in("issues", 1, "votes", to="all"), "issues", 1, "votes"),
    (set_in("user_stories", 1, "status", to="No such"), "user_stories", 1, "status"),
    (set_in("user_stories", 0, "milestone", to="No such"), "user_stories", 0, "milestone"),
    (set_in("user_stories", 0, "ref", to="three"), "user_stories", 0, "ref"),
    (set_in("user_stories", 1, "ref", to=3), "user_stories", 1, "ref"),
    (set_in("user_stories", 0, "ref", to=2), "user_stories", 0, "ref"),
    (set_in("user_stories", 0, "is_closed", to="perhaps"), "user_stories", 0, "is_closed"),
    (set_in("user_stories", 0, "due_date", to="soon"), "user_stories", 0, "due_date"),
    (set_in("user_stories", 0, "tags", to="red"), "user_stories", 0, "tags"),
    (set_in("user_stories", 0, "subject", to=None), "user_stories", 0, "subject"),
    (set_in("user_stories", 0, "owner", to=["bob"]), "user_stories", 0, "owner"),
    (set_in("user_stories", 0, "role_points", 0, "role", to="Nobody"), "user_stories", 0, "role_points"),
    (set_in("user_stories", 0, "role_points", 0, "points", to="9"), "user_stories", 0, "role_points"),
    (set_in("user_stories", 0, "generated_from_issue", to=99), "user_stories", 0, "generated_from_issue"),
    (set_in("user_stories", 1, "generated_from_task", to=99), "user_stories", 1, "generated_from_task"),
    (set_in("user_stories", 0, "history", to={}), "user_stories", 0, "history"),
    (set_in("user_stories", 0, "history", 1, "diff", to={"a": 1}), "user_stories", 0, "history"),
    (set_in("user_stories", 0, "history", 1, "type", to=9), "user_stories", 0, "history"),
    (set_in("user_stories", 0, "history", 1, "user", to="bob"), "user_stories", 0, "history"),
    (drop("user_stories", 0, "attachments", 1, "attached_file"), "user_stories", 0, "attachments"),
    (set_in("user_stories", 0, "attachments", 1, "attached_file", "data", to="a"), "user_stories", 0, "attachments"),
    (set_in("user_stories", 0, "description", to="a\x00b"), "user_stories", 0, "non_field_errors"),
    (set_in("user_stories", 1, "tribe_gig", to={"a\x00b": 1}), "user_stories", 1, "non_field_errors"),
    (set_in("issuecustomattributes", 0, "extra", to={"a\x00b": 1}), "issuecustomattributes", None, "non_field_errors"),
    (set_in("user_stories", to={"item": {}}), "user_stories", None, "non_field_errors"),
    (set_in("user_stories", 1, to=5), "user_stories", 1, "non_field_errors"),
    (set_in("epics", 0, "related_user_stories", 0, "user_story", to=5), "epics", 0, "related_user_stories"),
    (set_in("epics", 0, "related_user_stories", 1, "user_story", to=3), "epics", 0, "related_user_stories"),
    (set_in("tasks", 0, "user_story", to=99), "tasks", 0, "user_story"),
    (set_in("tasks", 0, "user_story", to=2), "tasks", 0, "user_story"),
    (twice("wiki_pages"), "wiki_pages", 1, "slug"),
    (set_in("wiki_links", 0, to={}), "wiki_links", 0, "title"),
    (drop("timeline", 2, "data_content_type"), "timeline", 2, "data_content_type"),
    (drop("timeline", 2, "data"), "timeline", 2, "data"),
    (set_in("timeline", 2, "data", "values_diff", to=[1]), "timeline", 2, "data"),
    (set_in("timeline", 2, "created", to=5), "timeline", 2, "created"),
]


@pytest.mark.parametrize(("change", "section", "row", "name"), DAMAGE)
def test_damage_is_told_with_section_row_and_field(
    nothing_left: Callable[[], bool], change: Change, section: str, row: int | None, name: str
) -> None:
    dump = sample.project()
    change(dump)
    with pytest.raises(Damaged) as refused:
        loaded(dump)
    told = refused.value.details()
    assert list(told) == [section]
    assert [(one.get("row"), name in one) for one in told[section]] == [(row, True)]
    assert nothing_left()


def test_what_no_reader_of_a_history_could_show_is_refused(nothing_left: Callable[[], bool]) -> None:
    dump = sample.project()
    dump["user_stories"][0]["history"] = [sample.entry(**{where: {name: value}}) for where, name, value in UNREADABLE]
    with pytest.raises(Damaged) as refused:
        loaded(dump)
    told = refused.value.details()["user_stories"][0]["history"]
    assert [one.rpartition(": ")[0] for one in told] == [
        f"{number}: {where}.{name}" for number, (where, name, _value) in enumerate(UNREADABLE)
    ]
    assert told[0] == "0: diff.attachments: Expected a list of objects with ids."
    assert nothing_left()


@pytest.mark.parametrize("name", ["attachments", "custom_attributes", "assigned_users", "points", "description"])
def test_a_side_of_a_difference_may_be_nothing(alice: User, name: str) -> None:
    value = {"points": {"1": 2}, "description": "words", "assigned_users": [5]}.get(name, [{"id": 5}])
    dump = sample.project()
    dump["user_stories"][0]["history"] = [sample.entry(diff={name: pair}) for pair in (*pairs(value), [None, None])]
    project = loaded(dump).project
    story = WorkItem.objects.get(project=project, ref=3)
    answer = Caller(alice).get(f"/history/userstory/{story.pk}")
    assert answer.status_code == 200
    assert [entry["diff"][name] for entry in answer.json()] == [[None, None], [value, None], [None, value]]


def test_all_that_is_wrong_with_a_section_is_told_at_once(nothing_left: Callable[[], bool]) -> None:
    dump = sample.project()
    dump["user_stories"][0] |= {"status": "No such", "swimlane": "No such"}
    dump["user_stories"][1]["ref"] = -1
    with pytest.raises(Damaged) as refused:
        loaded(dump)
    assert [(one.row, one.field) for one in refused.value.problems] == [(0, "status"), (0, "swimlane"), (1, "ref")]
    assert str(refused.value.problems[0]).startswith("user_stories[0].status: ")
    assert nothing_left()


def test_a_status_that_neither_dump_nor_project_names_is_missing(nothing_left: Callable[[], bool]) -> None:
    dump = sample.with_changes(default_task_status=None)
    del dump["tasks"][0]["status"]
    with pytest.raises(Damaged) as refused:
        loaded(dump)
    assert "status" in refused.value.details()["tasks"][0]
    assert nothing_left()


def test_what_happens_at_the_very_end_undoes_all(
    nothing_left: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(project_id: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("taiga.transfer.finish.recount_all", fail)
    with pytest.raises(KeyboardInterrupt):
        loaded(sample.project())
    assert nothing_left()


def test_a_caller_can_refuse_before_anything_is_made(nothing_left: Callable[[], bool]) -> None:
    claims: list[Claim] = []

    def refuse(claim: Claim) -> None:
        claims.append(claim)
        raise PermissionError

    with pytest.raises(PermissionError):
        loaded(sample.project(), admit=refuse)
    assert claims == [Claim(is_private=True, addresses=frozenset({sample.ALICE, sample.BOB, "new@example.com"}))]
    assert nothing_left()
