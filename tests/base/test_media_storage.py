"""Files are stored completely, with size and hash, and deleted with their thumbnails."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from taiga.base.errors import BadRequest
from taiga.base.media import storage

CONTENT = bytes(range(256)) * 1000


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGES = {"default": storage.storages_setting("", tmp_path)}
    return tmp_path / "media"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def upload(name: str = "Ünï Cödé.TXT", content: bytes = CONTENT) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_file_is_saved_with_its_measures(store: Path) -> None:
    saved = storage.save(upload(), "attachments")
    assert (saved.size, saved.sha1, saved.name) == (256_000, hashlib.sha1(CONTENT).hexdigest(), "Ünï Cödé.TXT")
    assert saved.path.endswith("/uni-code.txt")
    assert (store / saved.path).read_bytes() == CONTENT


def test_a_big_file_that_waits_on_the_disk_is_saved_too(store: Path) -> None:
    with TemporaryUploadedFile("big.bin", "application/octet-stream", 0, None) as waiting:
        waiting.write(CONTENT * 20)
        saved = storage.save(waiting, "attachments")
    assert saved.size == (store / saved.path).stat().st_size == len(CONTENT) * 20


def test_the_file_and_all_folders_to_it_are_synced_before_the_answer(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, real = set(), os.fsync

    def sync(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        real(handle)

    monkeypatch.setattr(os, "fsync", sync)
    saved = storage.save(upload(), "user")
    file = store / saved.path
    way = [file, *file.parents][: len(Path(saved.path).parts) + 1]
    assert way[-1] == store
    assert {each.stat().st_ino for each in way} <= synced


def test_a_file_that_breaks_off_leaves_nothing(store: Path) -> None:
    class Broken(SimpleUploadedFile):
        reads = 0

        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            self.reads += 1
            yield b"half"
            if self.reads == 2:
                raise OSError("the line went dead")

    with pytest.raises(OSError, match="dead"):
        storage.save(Broken("x.txt", b"half"), "attachments")
    assert files_in(store) == []


@pytest.mark.django_db
def test_a_file_goes_again_when_its_row_is_refused_and_only_then(store: Path) -> None:
    with storage.keeping(upload(), "project") as saved:
        pass
    with pytest.raises(BadRequest), storage.keeping(upload(), "project"):
        raise BadRequest
    assert files_in(store) == [store / saved.path]
    with pytest.raises(OSError, match="dead"), storage.keeping(upload(), "project") as unsure:
        raise OSError("the line went dead")
    assert set(files_in(store)) == {store / saved.path, store / unsure.path}


def test_deleting_takes_the_thumbnails_and_the_folder_along(store: Path) -> None:
    saved, other = storage.save(upload("a.png"), "user"), storage.save(upload("b.png"), "user")
    file = store / saved.path
    file.with_name("a.png.80x80_q85_crop.png").write_bytes(b"small")
    storage.delete(saved.path)
    assert not file.parent.exists()
    assert files_in(store) == [store / other.path]


def test_deleting_what_is_gone_or_never_was_is_no_error(store: Path) -> None:
    saved = storage.save(upload(), "user")
    storage.delete(saved.path)
    storage.delete(saved.path)
    storage.delete("")
    storage.delete(None)
    assert files_in(store) == []


@pytest.mark.django_db
def test_a_file_goes_only_when_the_transaction_is_through(
    store: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    saved = storage.save(upload(), "user")
    with django_capture_on_commit_callbacks(execute=True):
        storage.delete_after_commit(saved.path)
        storage.delete_after_commit(None)
        assert (store / saved.path).exists()
    assert files_in(store) == []


def test_a_path_never_leaves_the_store() -> None:
    with pytest.raises(SuspiciousFileOperation):
        default_storage.save("../../escaped.txt", upload())


def test_text_can_be_written_to_the_store(store: Path) -> None:
    default_storage.save("exports/1/x.json", SimpleUploadedFile("x", b"{}"))
    assert (store / "exports/1/x.json").read_text() == "{}"


def test_a_folder_can_be_named(tmp_path: Path) -> None:
    setting = storage.storages_setting("file:///srv/my%20media", tmp_path)
    assert setting["OPTIONS"] == {"location": "/srv/my media"}


def test_a_bucket_can_be_named(tmp_path: Path) -> None:
    setting = storage.storages_setting(
        "s3://taiga?endpoint=https://s3.example:9000&region=eu-1&prefix=media/x", tmp_path
    )
    assert setting["BACKEND"] == "storages.backends.s3.S3Storage"
    wanted = {
        "bucket_name": "taiga",
        "endpoint_url": "https://s3.example:9000",
        "region_name": "eu-1",
        "location": "media/x",
    }
    assert wanted.items() <= setting["OPTIONS"].items()
    assert setting["OPTIONS"]["addressing_style"] == "path"
    assert not {"access_key", "secret_key"} & setting["OPTIONS"].keys()


@pytest.mark.parametrize("url", ["s3://", "ftp://host/x", "media", "file://host/x", "s3://bucket?endpont=https://x"])
def test_what_cannot_be_a_store_is_said_at_once(url: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="TAIGA_STORAGE_URL"):
        storage.storages_setting(url, tmp_path)
