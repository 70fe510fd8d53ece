"""/exporter and /importer/load_dump: permissions, results, and what remains of a dump that was refused."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from pytest_django import Settings

from taiga.base.models import Job
from taiga.projects.models import Attachment, Membership, Project, UserStory
from taiga.transfer import finish as finishing
from taiga.transfer.services import exports
from taiga.users.models import User
from tests.transfer import sample
from tests.transfer.conftest import dumped, files_in
from tests.world import Caller, join, person, project_of

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"name": "Small", "description": "d", "is_private": True, "roles": [{"name": "Only"}]}


@pytest.fixture
def project(alice: User) -> Project:
    return project_of(alice, is_private=True)


def load(caller: Caller, content: Any, media_type: str = "application/json") -> Any:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return caller.upload("/importer/load_dump", dump=SimpleUploadedFile("dump.json", raw, media_type))


def export(caller: Caller, project: Project, data: Path, query: str = "") -> bytes:
    answer = caller.get(f"/exporter/{project.pk}{query}")
    assert answer.status_code == 200
    path: str = answer.json()["url"].partition("/media/")[2]
    return (data / "media" / path).read_bytes()


def test_an_export_is_the_dump_of_the_project(alice: User, project: Project, data: Path) -> None:
    assert json.loads(export(Caller(alice), project, data)) == dumped(project)


def test_an_export_can_be_zipped(alice: User, project: Project, data: Path) -> None:
    assert json.loads(gzip.decompress(export(Caller(alice), project, data, "?dump_format=gzip"))) == dumped(project)


def test_an_export_goes_when_its_time_is_over(alice: User, project: Project, data: Path, settings: Settings) -> None:
    settings.EXPORTS_TTL = 60
    export(Caller(alice), project, data)
    job = Job.objects.get(task="taiga.transfer.services.exports.forget")
    assert (job.run_at - job.created_at).total_seconds() > 50
    exports.forget(**job.arguments)
    assert files_in(data / "media" / "exports") == []


def test_only_administrators_export(alice: User, project: Project) -> None:
    bob, carol = person("bob"), person("carol")
    join(bob, project)
    asked = [Caller(who).get(f"/exporter/{project.pk}").status_code for who in (bob, carol, None)]
    assert asked == [403, 403, 401]
    assert [Caller(who).get("/exporter/999999").status_code for who in (alice, None)] == [404, 401]


def test_a_second_export_within_the_minute_has_to_wait(alice: User, project: Project, settings: Settings) -> None:
    settings.TAIGA_THROTTLE = True
    settings.THROTTLE_RATES = {"import-dump-mode": ["1/minute"]}
    caller = Caller(alice)
    assert caller.get("/exporter/999999").status_code == 404
    refused = load(caller, SMALL)
    assert refused.status_code == 429
    assert 0 < int(refused["X-Throttle-Wait-Seconds"]) <= 60
    assert not Project.objects.filter(name="Small").exists()


def test_a_dump_becomes_a_project_of_the_callers_own(alice: User) -> None:
    answer = load(Caller(alice), sample.with_changes(anon_permissions=[], public_permissions=[]))
    assert answer.status_code == 201
    made = Project.objects.get()
    assert (answer.json()["id"], made.owner) == (made.pk, alice)
    assert (answer.json()["i_am_owner"], answer.json()["my_permissions"]) == (False, [])
    assert UserStory.objects.filter(project=made).exists()


def test_people_whom_nobody_here_knows_get_no_account(alice: User) -> None:
    assert load(Caller(alice), sample.project()).status_code == 201
    assert list(User.objects.filter(is_system=False)) == [alice]


@pytest.mark.parametrize("media_type", ["application/gzip", "application/x-gzip", "application/octet-stream"])
def test_a_zipped_dump_is_known_by_its_type_or_its_first_bytes(alice: User, media_type: str) -> None:
    assert load(Caller(alice), gzip.compress(json.dumps(SMALL).encode()), media_type).status_code == 201


def test_a_dump_that_unzips_to_too_much_is_refused(alice: User, settings: Settings) -> None:
    settings.MAX_UNZIPPED_DUMP_SIZE = 1000
    answer = load(Caller(alice), gzip.compress(b" " * 5_000_000), "application/gzip")
    assert answer.status_code == 400
    assert "1000" in answer.json()["details"]["dump"][0]["non_field_errors"][0]


@pytest.mark.parametrize("content", [b"[]", b"", b"5", b'{"name": "Half', b"\xff\xfe", b"\x1f\x8bxx"])
def test_what_is_no_dump_is_refused_in_taigas_words(alice: User, content: bytes) -> None:
    answer = load(Caller(alice), content)
    assert answer.status_code == 400
    assert answer.json()["_error_message"] == "Invalid dump format"


def test_a_refusal_names_section_and_row_and_leaves_nothing(alice: User, data: Path) -> None:
    dump = sample.project()
    dump["user_stories"][1]["status"] = "No such"
    answer = load(Caller(alice), dump)
    assert answer.status_code == 400
    assert answer.json()["error"] == "error importing user stories"
    message = 'name="No such" not found in this project'
    assert answer.json()["details"] == {"user_stories": [{"status": [message], "row": 1}]}
    assert not Project.objects.exists()
    assert files_in(data / "media") == []


def test_a_load_in_whose_way_another_transaction_was_is_done_anew(
    alice: User, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, failures = finishing.finish, [DatabaseError("deadlock"), DatabaseError("serialization")]

    def overtaken_twice(*given: Any) -> None:
        finish(*given)
        if failures:
            raise failures.pop()

    monkeypatch.setattr("taiga.base.database.is_conflict", lambda problem: isinstance(problem, DatabaseError))
    monkeypatch.setattr(finishing, "finish", overtaken_twice)
    answer = load(Caller(alice), sample.project())
    assert (answer.status_code, answer.json()["slug"]) == (201, "apollo")
    assert not failures
    project = Project.objects.get()
    assert UserStory.objects.filter(project=project).count() == len(sample.project()["user_stories"])
    named = set(Attachment.objects.values_list("attached_file", flat=True)) | {project.logo}
    assert {str(path.relative_to(data / "media")) for path in files_in(data / "media")} == named - {None}


def test_cookies_beside_a_token_do_not_matter(alice: User) -> None:
    """A browser sends those of the admin site along, which by themselves let nobody write."""
    strangers, signed_in = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    strangers.cookies.load({"sessionid": "gone", "csrftoken": "other"})
    signed_in.force_login(alice)

    def load_as(client: Client, headers: dict[str, str]) -> int:
        file = SimpleUploadedFile("dump.json", json.dumps(SMALL).encode(), "application/json")
        return client.post("/api/v1/importer/load_dump", {"dump": file}, headers=headers).status_code

    token = Caller(alice).headers
    assert [load_as(client, token) for client in (strangers, signed_in)] == [201, 201]
    assert [load_as(client, {}) for client in (strangers, signed_in)] == [401, 401]


def test_nobody_loads_anonymously(db: None) -> None:
    assert load(Caller(), SMALL).status_code == 401
    assert not Project.objects.exists()


def test_the_limit_of_projects_is_told_with_two_headers(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(max_private_projects=0)
    answer = load(Caller(alice), SMALL)
    assert answer.status_code == 400
    assert answer.json()["_error_type"] == "taiga.base.exceptions.NotEnoughSlotsForProject"
    assert answer["Taiga-Info-Project-Is-Private"] == "True"
    assert not Project.objects.exists()


def test_the_limit_of_members_counts_known_and_unknown_people_once(alice: User) -> None:
    bob = person("bob")
    names = [bob.email, bob.email.upper(), "x@example.com", "X@example.com", alice.email]
    dump = {**SMALL, "memberships": [{"email": name, "role": "Only"} for name in names]}
    User.objects.filter(pk=alice.pk).update(max_memberships_private_projects=2)
    answer = load(Caller(alice), dump)
    assert (answer.status_code, answer["Taiga-Info-Project-Memberships"]) == (400, "3")
    User.objects.filter(pk=alice.pk).update(max_memberships_private_projects=3)
    assert load(Caller(alice), dump).status_code == 201
    assert Membership.objects.count() == 3


def test_what_goes_out_comes_in_again(alice: User, data: Path) -> None:
    caller = Caller(alice)
    assert load(caller, sample.project()).status_code == 201
    first = Project.objects.get()
    assert load(caller, export(caller, first, data)).status_code == 201
    second = Project.objects.exclude(pk=first.pk).get()
    before, after = dumped(first), dumped(second)
    assert before["user_stories"] == after["user_stories"]
    assert Attachment.objects.filter(project=second).count() == Attachment.objects.filter(project=first).count()
