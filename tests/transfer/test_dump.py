"""A project that is exported and loaded is the same."""

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taiga.projects.models import Attachment, Project, StatusTransition, Vote, WorkItem
from taiga.transfer import files, manifest
from taiga.transfer.dump import dump
from taiga.transfer.sections import Section
from taiga.users.models import User
from tests.transfer import sample
from tests.transfer.conftest import dumped, loaded

pytestmark = pytest.mark.django_db

NEVER_EQUAL = {"slug", "totals_updated_datetime"}
"""A slug is its project's own, and the counters were counted at another moment."""


@pytest.fixture
def project(alice: User) -> Project:
    return loaded(sample.project()).project


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() | new.keys():
            if key in old and key in new:
                yield from differences(old[key], new[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif old != new:
        yield f"{path}: {old!r} → {new!r}"


def without(dump: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in dump.items() if key not in NEVER_EQUAL}


def test_a_dump_that_is_loaded_again_is_dumped_the_same(project: Project) -> None:
    first = dumped(project)
    second = dumped(loaded(first).project)
    assert list(differences(without(first), without(second))) == []


def test_a_project_that_was_made_here_is_dumped_the_same_after_a_load(project: Project, alice: User) -> None:
    story = WorkItem.objects.get(project=project, ref=3)
    Vote.objects.create(item=story, user=alice)
    Project.objects.filter(pk=project.pk).update(wip_limit_mode="warn", is_contact_activated=False)
    statuses = {status.name: status for status in project.status_list.all()}
    boss = project.roles.get(name="Boss")
    StatusTransition.objects.create(project=project, kind="userstory", to_status=statuses["Shut"], roles=[boss.pk])
    first = dumped(project)
    assert first["wip_limit_mode"] == "warn"
    assert first["status_transitions"] == [
        {"kind": "userstory", "from_status": None, "to_status": "Shut", "roles": ["Boss"]}
    ]
    second = dumped(loaded(first).project)
    assert list(differences(without(first), without(second))) == []


def test_a_dump_has_what_the_first_one_had(project: Project) -> None:
    given = sample.project()
    wanted = {
        ".is_featured": "not copied",
        ".epics_csv_uuid": "not copied",
        ".transfer_token": "not copied",
        ".memberships": "where a project stands in somebody's list is his own business",
        ".timeline": "members are told of, rows of other projects are not",
        ".tags_colors": "the tags of all items are in the palette",
        ".watchers": "who watches something in a project follows it",
        ".epics[0].related_user_stories": "stories of other projects stay behind",
        ".user_stories[0].custom_attributes_values.Nonsense": "no such field",
        ".user_stories[0].attachments": "measures are added",
        ".user_stories[0].history[0].snapshot.assigned_users": "",
        ".user_stories[0].history[2].comment_versions": "an id of another server",
        ".user_stories[0].history[4].diff.assigned_users": "an id of another server",
        ".wiki_pages[0].attachments": "measures are added",
    }
    found = [one for one in differences(given, dumped(project)) if is_lost(one, given, dumped(project))]
    assert [one for one in found if not one.startswith(tuple(wanted))] == []


def is_lost(path: str, given: dict[str, Any], written: dict[str, Any]) -> bool:
    """Whether the value at this path was in the dump that was loaded; if not, it is an addition."""
    value: Any = given
    for part in path.split(":", maxsplit=1)[0].replace("[", ".").replace("]", "").split(".")[1:]:
        value = value[int(part)] if isinstance(value, list) else value.get(part, written)
        if value is written:
            return False
    return True


def test_keys_are_in_the_order_of_the_format(project: Project) -> None:
    keys = list(dumped(project))
    assert keys[:6] == ["watchers", "name", "slug", "description", "created_date", "logo"]
    assert keys.index("roles") < keys.index("owner") < keys.index("memberships") < keys.index("epics")
    assert keys.index("tasks") < keys.index("milestones") < keys.index("issues") < keys.index("timeline")
    story = dumped(project)["user_stories"][0]
    assert list(story)[:6] == [
        "watchers",
        "attachments",
        "history",
        "custom_attributes_values",
        "role_points",
        "owner",
    ]


def test_files_are_written_whole(project: Project) -> None:
    big = bytes(range(256)) * 5000
    story = sample.story(9, "Big", attachments=[sample.attachment(big, "big.bin")])
    dump = sample.with_changes(user_stories=[story], epics=[], tasks=[])
    again = dumped(loaded(dump).project)["user_stories"][0]["attachments"][0]
    assert base64.b64decode(again["attached_file"]["data"]) == big
    assert (again["attached_file"]["name"], again["size"]) == ("big.bin", len(big))
    assert len(big) > files.AT_ONCE


def test_a_file_that_was_lost_does_not_stop_a_dump(project: Project) -> None:
    lost = Attachment.objects.filter(item__ref=3, item__project=project).order_by("id")[0]
    assert lost.attached_file is not None
    default_storage.delete(lost.attached_file)
    attachment = dumped(project)["user_stories"][0]["attachments"][0]
    assert (attachment["attached_file"], attachment["name"]) == (None, "The card.png")


@pytest.mark.django_db(transaction=True)
def test_a_dump_is_of_one_moment_and_keeps_nobody_from_writing(project: Project) -> None:
    def rename() -> None:
        WorkItem.objects.filter(project=project).update(subject="Renamed meanwhile")
        connection.close()

    def interrupt(section: str, done: int, total: int) -> None:
        if section == "roles":
            writer = Thread(target=rename)
            writer.start()
            writer.join()

    out = BytesIO()
    dump(project, out, progress=interrupt)
    assert json.loads(out.getvalue())["user_stories"][0]["subject"] == "A story"
    assert WorkItem.objects.get(project=project, ref=3).subject == "Renamed meanwhile"


def test_a_dump_of_many_rows_costs_no_more_queries_than_one_of_few(alice: User) -> None:
    def queries(stories: int) -> int:
        rows = [sample.story(ref, f"Story {ref}") for ref in range(10, 10 + stories)]
        project = loaded(sample.with_changes(user_stories=rows, epics=[], tasks=[], timeline=[])).project
        with CaptureQueriesContext(connection) as asked:
            dumped(project)
        return len(asked)

    assert queries(2) == queries(40)


def test_history_tells_the_names_behind_the_ids(project: Project) -> None:
    carol = User.objects.get(email=sample.CAROL)
    entry = dumped(project)["user_stories"][0]["history"][4]
    assert entry["users"] == {str(carol.pk): [sample.CAROL, carol.full_name_display]}
    assert entry["values"]["users"] == [sample.CAROL]


def test_ids_of_another_server_are_not_taken_for_somebody_here(project: Project) -> None:
    User.objects.create(pk=sample.STRANGER, username="victim", email="victim@example.com")
    entry = dumped(project)["user_stories"][0]["history"][0]
    assert entry["snapshot"]["assigned_users"] == [sample.STRANGER]
    assert "users" not in entry


def victims_of(history: list[dict[str, Any]], **told: Any) -> dict[str, Any]:
    """The story of a dump with this history, exported again by a server on which the ids in the dump belong to other
    people.
    """
    for key in range(sample.STRANGER, sample.STRANGER + 5):
        User.objects.create(pk=key, username=f"victim{key}", email=f"victim{key}@example.com", full_name="Victim")
    first, *others = sample.stories()
    made = loaded(sample.with_changes(user_stories=[{**first, "history": history, **told}, *others]), people="match")
    story: dict[str, Any] = dumped(made.project)["user_stories"][0]
    return story


@pytest.mark.parametrize("users", [None, {str(sample.STRANGER): [sample.ALICE, "Alice"]}, {"1": [None, "Nobody"]}])
@pytest.mark.parametrize("labels", [[], [sample.ALICE], {str(sample.STRANGER + 4): "Somebody"}])
@pytest.mark.parametrize("assigned", [{}, {"assigned_to": [None, sample.ALICE]}])
def test_ids_in_a_dump_lure_no_address_out_of_the_server(alice: User, users: Any, labels: Any, assigned: Any) -> None:
    ids = list(range(sample.STRANGER, sample.STRANGER + 5))
    snapshot = {"owner": ids[0], "assigned_to": ids[1], "assigned_users": ids}
    diff = {"assigned_users": [[], ids[:3]], "owner": [None, ids[3]], **assigned}
    one = sample.entry(diff=diff, values={"users": labels}, snapshot=snapshot, users=users)
    bare = sample.entry(comment="x", values={"users": labels}, users=users)
    assert "victim" not in str(victims_of([one, bare])).lower()


def test_names_that_came_with_ids_of_another_server_go_on_with_them(alice: User) -> None:
    labels = {str(sample.STRANGER): "Somebody"}
    story = victims_of([sample.entry(diff={"assigned_users": [[], [sample.STRANGER]]}, values={"users": labels})])
    assert story["history"][0]["values"] == {"users": labels}


def test_numbers_beyond_64_bits_and_broken_characters_do_not_stop_a_dump(project: Project) -> None:
    story = WorkItem.objects.get(project=project, ref=3)
    story.tribe_gig = {"big": 2**70}
    story.save()
    assert dumped(project)["user_stories"][0]["tribe_gig"] == {"big": 2**70}


def test_every_model_of_a_project_is_in_the_manifest_or_said_not_to_be() -> None:
    sections = [one for one in manifest.PROJECT.fields if isinstance(one, Section)]
    walked = {section.model._meta.concrete_model for section in sections}
    parts = {"Attachment", "Watch", "RolePoints", "AssignedUser", "Vote", "RelatedUserStory", "SwimlaneUserStoryStatus"}
    left_out = (manifest.__doc__ or "").replace("`", " ").replace(",", " ").split()
    for model in apps.get_app_config("projects").get_models():
        name = model.__name__
        assert model._meta.concrete_model in {*walked, Project} or name in {*parts, *left_out}, name
