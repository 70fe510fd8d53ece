"""Files of an import stay if it succeeds, and are deleted if it fails."""

import hashlib
import os
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from taiga.base.media import journal as journals
from taiga.base.media import storage
from taiga.projects.models import Attachment, WorkItem
from taiga.transfer import files
from taiga.transfer.problems import Wrong
from taiga.users.models import User
from tests.activity import Apollo
from tests.transfer import sample
from tests.transfer.conftest import files_in, loaded


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("aGVsbG8=", b"hello"),
        ("aA==ZWxsbw==", b"hello"),
        ("aGVs\nbG8 =", b"hello"),
        ("", b""),
    ],
)
def test_base64_is_read_in_pieces(text: str, content: bytes) -> None:
    out = BytesIO()
    assert files.decode(text, out) == (len(content), hashlib.sha1(content).hexdigest())
    assert out.getvalue() == content


@pytest.mark.parametrize("text", ["a", "aGVsbG8", "äöü", "aGVsbG8=!", "=", "===="])
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        files.decode(text, BytesIO())


def test_files_of_a_block_that_fails_go_again(data: Path) -> None:
    def fail() -> None:
        with files.of_one_import() as kept:
            file = kept.keep(sample.file(sample.CARD, "../Ünï.PNG"), "attachments")
            assert file is not None
            assert (file.name, file.path.rpartition("/")[2], file.thumbnail_format) == ("Ünï.PNG", "uni.png", "png")
            assert default_storage.exists(file.path)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert files_in(data) == []


def left_by_a_killed_process(data: Path) -> tuple[Path, str]:
    """An unlocked journal, and a file that it names."""
    path = "attachments/a/b/c/d/e/lost.txt"
    file = data / "media" / path
    file.parent.mkdir(parents=True)
    file.write_text("half")
    journal = data / "journals" / "x.journal"
    journal.parent.mkdir(exist_ok=True)
    journal.write_text(f"{path}\n")
    return journal, path


@pytest.mark.django_db
def test_files_that_a_killed_process_left_are_swept_away(data: Path) -> None:
    left_by_a_killed_process(data)
    assert storage.sweep() == 1
    assert files_in(data) == []


@pytest.mark.django_db
def test_a_load_sweeps_first(alice: User, data: Path) -> None:
    _journal, path = left_by_a_killed_process(data)
    loaded({"name": "x", "description": "d"}, owner=alice)
    assert not default_storage.exists(path)


@pytest.mark.django_db
def test_files_that_were_committed_in_the_last_moment_stay(alice: User, data: Path) -> None:
    project = loaded(sample.project()).project
    journal, path = left_by_a_killed_process(data)
    Attachment.objects.create(project=project, item=WorkItem.objects.filter(project=project)[0], attached_file=path)
    assert storage.sweep() == 0
    assert default_storage.exists(path)
    assert not journal.exists()


@pytest.mark.django_db
def test_an_import_that_is_at_work_is_not_swept(data: Path) -> None:
    with files.of_one_import() as kept:
        file = kept.keep(sample.file(sample.WORDS, "words.txt"), "attachments")
        assert file is not None
        pid = os.fork()
        if pid == 0:
            os._exit(storage.sweep())
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert default_storage.exists(file.path)


@pytest.mark.django_db
def test_an_import_that_is_about_to_begin_is_not_swept(data: Path) -> None:
    (data / "journals").mkdir()
    journal = data / "journals" / "new.journal"
    journal.touch()
    storage.sweep()
    assert journal.exists()
    old = time.time() - 2 * journals.STALE
    os.utime(journal, (old, old))
    storage.sweep()
    assert not journal.exists()


@pytest.mark.parametrize("key", ["its own", -1])
def test_a_dump_has_no_file_of_another_project_signed(db: None, key: Any) -> None:
    apollo = Apollo()
    secret = SimpleUploadedFile("plan.txt", b"secret")
    fields = {"project": apollo.project.pk, "object_id": apollo.make("userstory"), "attached_file": secret}
    assert apollo.alice.upload("/userstories/attachments", **fields).status_code == 201
    theirs = Attachment.objects.get(project=apollo.project)
    file = {
        "id": theirs.pk if key == "its own" else key,
        "attached_file": theirs.attached_file,
        "url": "http://elsewhere/plan.txt",
    }
    told = {"new": [file], "changed": [], "deleted": []}
    event = {"userstory": {"id": theirs.item_id, "ref": 3}, "values_diff": {"attachments": told}}
    stolen = [sample.entry(diff={"attachments": [[], [file]]}, snapshot={"attachments": [file]}, comment="x")]
    first, *others = sample.stories()
    stories = [{**first, "history": stolen}, *others]
    happened = [sample.happening("userstories.userstory.change", sample.LATER, **event)]
    dump = sample.with_changes(user_stories=stories, timeline=happened)
    project = loaded(dump, owner=apollo.users["carol"]).project
    story = WorkItem.objects.get(project=project, ref=3)
    (entry,) = apollo.carol.get(f"/history/userstory/{story.pk}").json()
    (row, *_more) = apollo.carol.get(f"/timeline/project/{project.pk}").json()
    assert row["data"]["values_diff"]["attachments"]["new"][0]["url"] == file["url"]
    assert entry["snapshot"]["attachments"][0]["url"] == file["url"]
    assert "token=" not in str([entry["diff"], entry["values_diff"], entry["snapshot"], row["data"]["values_diff"]])
