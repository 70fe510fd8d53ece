"""The store of uploaded files: a local folder or a bucket. What was acknowledged is on the disk."""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage

from taiga.base.errors import ApiError
from taiga.base.media import journal as journals
from taiga.base.media import paths
from taiga.base.media.journal import Journal

BUCKET_OPTIONS = {"endpoint": "endpoint_url", "region": "region_name", "prefix": "location"}
SPOOLED_IN_MEMORY = 5_242_880
HOURLY = 3600.0
"""Seconds between two sweeps."""
_swept = float("-inf")


@dataclass(frozen=True)
class Saved:
    """A stored file, and what its row has to keep."""

    path: str
    size: int
    sha1: str
    name: str


def storages_setting(url: str, data_dir: Path) -> dict[str, Any]:
    """An entry of Django's STORAGES: the folder `media` in the data folder, or what `TAIGA_STORAGE_URL` names."""
    if not url:
        return _local(data_dir / "media")
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        return _bucket(parts.netloc, dict(parse_qsl(parts.query)))
    if parts.scheme == "file" and not parts.netloc and parts.path:
        return _local(Path(unquote(parts.path)))
    raise ImproperlyConfigured(
        "TAIGA_STORAGE_URL must be like s3://bucket?endpoint=https://host&region=name&prefix=folder or file:///folder"
    )


def save(upload: "File[bytes]", folder: paths.Folder, journal: Journal | None = None) -> Saved:
    """Store an upload under a new path; returns when it is on the disk."""
    name = upload.name or ""
    size, sha1 = _measured(upload)
    path = paths.stored_path(folder, name)
    if journal is not None:
        journal.note(path)
    return Saved(path=default_storage.save(path, upload), size=size, sha1=sha1, name=paths.original_name(name))


@contextmanager
def keeping(upload: "File[bytes]", folder: paths.Folder) -> Iterator[Saved]:
    """Like `save`, around the block that writes the row. The file is deleted if the row is refused.

    Another exception may have been raised after the commit: then the file stays until it is swept, since a file without
    a row is better than a row without its file.
    """
    journal = Journal()
    file = save(upload, folder, journal)
    try:
        yield file
    except ApiError:
        delete(file.path)
        journal.close()
        raise
    except BaseException:
        journal.leave()
        raise
    journal.close_after_commit()


def copy(*originals: str) -> dict[str, str]:
    """Copy files within the store, in this transaction; returns the new paths by the old ones. A missing file is left
    out.
    """
    copies: dict[str, str] = {}
    if not originals:
        return copies
    journal = Journal()
    for path in originals:
        folder, _, name = path.rpartition("/")
        copied = paths.stored_path(cast("paths.Folder", folder.partition("/")[0]), name)
        journal.note(copied)
        with suppress(FileNotFoundError), default_storage.open(path) as original:
            copies[path] = default_storage.save(copied, original)
    journal.close_after_commit()
    return copies


def delete(path: str | None) -> None:
    """Delete a file and its thumbnails. A missing file is no error."""
    if not path:
        return
    folder, _, name = path.rpartition("/")
    try:
        _, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for found in names:
        if found == name or found.startswith(f"{name}."):
            default_storage.delete(f"{folder}/{found}")
    _remove_emptied(folder)


def delete_after_commit(*gone: str | None) -> None:
    """Delete these files once the transaction is committed."""
    named = [path for path in gone if path]
    if named:
        journal = Journal()
        journal.note(*named)
        journal.close_after_commit(partial(_delete_all, named))


def sweep() -> int:
    """Remove the files of failures and of killed processes; returns how many."""
    return journals.sweep(delete)


def sweep_hourly() -> int:
    """In a worker: `sweep`, once an hour."""
    global _swept  # noqa: PLW0603 - each process has its own
    if time.monotonic() - _swept < HOURLY:
        return 0
    _swept = time.monotonic()
    return sweep()


class LocalStorage(FileSystemStorage):
    """A folder in which a file appears complete or not at all, and survives a power cut."""

    def __init__(self, location: str) -> None:
        super().__init__(location=location, allow_overwrite=True)

    def _save(self, name: str, content: "File[bytes]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")  # `delete` finds it by its prefix
        try:
            with draft.open("xb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
                if self.file_permissions_mode is not None:
                    os.fchmod(out.fileno(), self.file_permissions_mode)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        self._sync_folders(target.parent)
        return name

    def _sync_folders(self, folder: Path) -> None:
        """Flush each folder down to the root, not only new ones: another thread may have made one a moment ago."""
        root = Path(self.location)
        for each in (folder, *folder.parents):
            _sync(each)
            if each == root:
                break


def _delete_all(named: list[str]) -> None:
    for path in named:
        delete(path)


def _local(folder: Path) -> dict[str, Any]:
    return {"BACKEND": "taiga.base.media.storage.LocalStorage", "OPTIONS": {"location": str(folder)}}


def _bucket(name: str, given: dict[str, str]) -> dict[str, Any]:
    """The bucket of this name. Credentials come from where every AWS client looks: AWS_ACCESS_KEY_ID and related
    variables, a profile, or the role of the machine.
    """
    unknown = sorted(given.keys() - BUCKET_OPTIONS.keys())
    if unknown:
        raise ImproperlyConfigured(
            f"TAIGA_STORAGE_URL: unknown {', '.join(unknown)} (known: {', '.join(BUCKET_OPTIONS)})"
        )
    options: dict[str, Any] = {BUCKET_OPTIONS[key]: value for key, value in given.items()}
    options |= {
        "bucket_name": name,
        "default_acl": None,
        "file_overwrite": True,
        "querystring_auth": True,
        "signature_version": "s3v4",
        "max_memory_size": SPOOLED_IN_MEMORY,
    }
    if "endpoint" in given:  # buckets as host names need a wildcard DNS record, which few private servers have
        options["addressing_style"] = "path"
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def _measured(upload: "File[bytes]") -> tuple[int, str]:
    size, sha1 = 0, hashlib.sha1(usedforsecurity=False)
    for chunk in upload.chunks():
        size += len(chunk)
        sha1.update(chunk)
    upload.seek(0)
    return size, sha1.hexdigest()


def _remove_emptied(folder: str) -> None:
    """Remove the innermost folder, which belongs to one file. An outer one may be getting another file at this
    moment.
    """
    if isinstance(default_storage, FileSystemStorage):
        with suppress(OSError):
            Path(default_storage.path(folder)).rmdir()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
