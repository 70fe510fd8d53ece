"""No file stays for which there is no row: not of a request that is done anew, nor of a process that was killed."""

import gc
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from taiga.base.media import storage
from taiga.projects.models import Attachment
from tests.activity import COLLECTIONS, Apollo
from tests.world import PASSWORD, person

pytestmark = pytest.mark.django_db
CONTENT = b"one small step" * 1000
OTHER = b'--x\r\nContent-Disposition: form-data; name="attached_file"; filename="mars.txt"\r\n\r\nred\r\n--x--\r\n'
SERVICES = "taiga.projects.services"


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.TAIGA_DATA = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": storage.storages_setting("", tmp_path)}
    return tmp_path / "media"


@pytest.fixture
def apollo() -> Apollo:
    return Apollo()


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def named() -> set[str | None]:
    return set(Attachment.objects.values_list("attached_file", flat=True))


def swept(folder: Path) -> set[str]:
    """What is in the store once all has been swept."""
    gc.collect()
    storage.sweep()
    return files_in(folder)


def once(patch: pytest.MonkeyPatch, name: str, problem: Exception) -> list[Exception]:
    """Let a function fail the first time, after its work; returns the failures that are yet to come."""
    patch.setattr("taiga.base.database.is_conflict", lambda found: type(found) is DatabaseError)
    module, _, function = name.rpartition(".")
    real: Callable[..., Any] = getattr(import_module(module), function)
    left = [problem]

    def failing(*args: Any, **more: Any) -> Any:
        done = real(*args, **more)
        if left:
            raise left.pop()
        return done

    patch.setattr(name, failing)
    return left


def attached(apollo: Apollo, kind: str, status: int = 201, **more: Any) -> Any:
    fields = {"project": apollo.project.pk, "object_id": apollo.make(kind, **more)}
    file = SimpleUploadedFile("moon.txt", CONTENT)
    answer = apollo.alice.upload(f"/{COLLECTIONS[kind]}/attachments", attached_file=file, **fields)
    assert answer.status_code == status
    return answer.json()


@pytest.mark.parametrize("kind", list(COLLECTIONS))
@pytest.mark.parametrize("where", [f"{SERVICES}.attachments.record", "taiga.projects.api.attachments.serialized"])
def test_an_upload_that_is_done_anew_leaves_one_whole_file(
    apollo: Apollo, store: Path, kind: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = once(monkeypatch, where, DatabaseError("deadlock"))
    file = attached(apollo, kind)
    assert not left
    assert len(files_in(store)) == 2
    assert swept(store) == named() == {file["attached_file"]}
    assert file["size"] == len(CONTENT)
    with default_storage.open(file["attached_file"]) as stored:
        assert stored.read() == CONTENT


def test_a_file_put_in_the_place_of_another_one_is_there_once_however_often_it_was_tried(
    apollo: Apollo,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    address = f"/api/v1/issues/attachments/{attached(apollo, 'issue')['id']}"
    left = once(monkeypatch, f"{SERVICES}.attachments.record", DatabaseError("deadlock"))
    with django_capture_on_commit_callbacks(execute=True):
        kind = "multipart/form-data; boundary=x"
        answer = Client().generic("PATCH", address, OTHER, kind, headers=apollo.alice.headers)
    assert answer.status_code == 200
    assert not left
    assert swept(store) == named() == {answer.json()["attached_file"]}
    with default_storage.open(answer.json()["attached_file"]) as stored:
        assert stored.read() == b"red"


def test_a_story_made_of_an_issue_owns_its_file_once_however_often_it_was_tried(
    apollo: Apollo,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    address = f"/issues/{attached(apollo, 'issue')['object_id']}/promote_to_user_story"
    left = once(monkeypatch, f"{SERVICES}.promotion.copy_attachments", DatabaseError("deadlock"))
    with django_capture_on_commit_callbacks(execute=True):
        assert apollo.alice.post(address, {"project_id": apollo.project.pk}).status_code == 200
    assert not left
    assert swept(store) == named()
    assert len(named()) == 2


def test_a_story_made_of_an_issue_goes_without_a_file_that_was_lost(apollo: Apollo, store: Path) -> None:
    lost = attached(apollo, "issue")
    file = SimpleUploadedFile("mars.txt", CONTENT)
    fields = {"project": apollo.project.pk, "object_id": lost["object_id"]}
    assert apollo.alice.upload("/issues/attachments", attached_file=file, **fields).status_code == 201
    default_storage.delete(lost["attached_file"])
    body = {"project_id": apollo.project.pk}
    (ref,) = apollo.alice.post(f"/issues/{lost['object_id']}/promote_to_user_story", body).json()
    copies = list(Attachment.objects.filter(item__ref=ref).order_by("id"))
    assert [(one.name, bool(one.attached_file)) for one in copies] == [("moon.txt", False), ("mars.txt", True)]
    shown = apollo.alice.get(f"/userstories/attachments?project={apollo.project.pk}&object_id={copies[0].item_id}")
    assert [one["attached_file"] for one in shown.json()] == [one.attached_file for one in copies]
    gc.collect()
    storage.sweep()
    assert files_in(store) == {path for path in named() if path} - {lost["attached_file"]}


def test_an_upload_that_fails_for_another_reason_leaves_nothing_for_ever(
    apollo: Apollo, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once(monkeypatch, f"{SERVICES}.attachments.record", OperationalError("disk full"))
    attached(apollo, "userstory", status=503)
    assert len(files_in(store)) == 1
    assert swept(store) == named() == set()


def test_a_file_that_could_not_be_removed_goes_later(
    apollo: Apollo,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        key = attached(apollo, "issue")["id"]

    def away(path: str | None) -> None:
        raise OSError(f"{path}: the store does not answer")

    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr(storage, "delete", away)
        assert apollo.alice.delete(f"/issues/attachments/{key}").status_code == 204
    assert len(files_in(store)) == 1
    assert swept(store) == set()


def test_a_file_whose_removal_was_taken_back_stays(
    apollo: Apollo,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        file = attached(apollo, "issue")
    once(monkeypatch, f"{SERVICES}.attachments.delete", OperationalError("disk full"))
    with django_capture_on_commit_callbacks(execute=True):
        assert apollo.alice.delete(f"/issues/attachments/{file['id']}").status_code == 503
    assert swept(store) == named() == {file["attached_file"]}


@pytest.mark.parametrize("kind", list(COLLECTIONS))
def test_files_go_with_what_they_hang_on(
    apollo: Apollo, store: Path, kind: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        kept, gone = attached(apollo, "issue" if kind == "wiki" else "wiki"), attached(apollo, kind)
        assert apollo.alice.delete(f"/{COLLECTIONS[kind]}/{gone['object_id']}").status_code == 204
    assert files_in(store) == named() == {kept["attached_file"]}


@pytest.mark.parametrize("action", ["DELETE", "promote_to_user_story"])
def test_files_of_a_task_go_with_its_story_and_when_it_becomes_one(
    apollo: Apollo, store: Path, action: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    story = apollo.make("userstory")
    with django_capture_on_commit_callbacks(execute=True):
        file = attached(apollo, "task", user_story=story)
        if action == "DELETE":
            assert apollo.alice.delete(f"/userstories/{story}").status_code == 204
        else:
            path = f"/tasks/{file['object_id']}/{action}"
            assert apollo.alice.post(path, {"project_id": apollo.project.pk}).status_code == 200
    assert files_in(store) == named() - {file["attached_file"]}
    assert len(named()) == (action != "DELETE")


def test_files_go_with_what_the_staff_deletes(
    apollo: Apollo, store: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    person("root", is_superuser=True, is_staff=True)
    browser = Client()
    assert browser.login(username="root", password=PASSWORD)
    with django_capture_on_commit_callbacks(execute=True):
        holders = {kind: attached(apollo, kind)["object_id"] for kind in COLLECTIONS}
        attached(apollo, "task", user_story=holders["userstory"])
        alone = attached(apollo, "issue")
        for kind, key in holders.items():
            page = f"/admin/projects/{'wikipage' if kind == 'wiki' else kind}/"
            ticked = {"action": "delete_selected", "_selected_action": key, "post": "yes", "index": 0}
            assert browser.post(page, ticked).status_code == 302
    assert files_in(store) == named() == {alone["attached_file"]}
    with django_capture_on_commit_callbacks(execute=True):
        address = f"/admin/projects/attachment/{alone['id']}/delete/"
        assert browser.post(address, {"post": "yes"}).status_code == 302
    assert files_in(store) == named() == set()


def test_half_a_file_goes_with_what_was_noted(store: Path, tmp_path: Path) -> None:
    folder = store / "attachments/a/b/c/d/e"
    folder.mkdir(parents=True)
    (folder / "moon.txt.0123456789abcdef.part").write_bytes(b"half")
    (tmp_path / "journals").mkdir()
    (tmp_path / "journals" / "killed.journal").write_text("attachments/a/b/c/d/e/moon.txt\n")
    assert storage.sweep() == 1
    assert not folder.exists()
