"""Files of a dump into the store, and files of the store into a dump.

The files of an import are noted in a journal before they are written, so that they are removed if the process is
killed.
"""

import base64
import binascii
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from taiga.base.media import paths, storage, thumbnails
from taiga.base.media.journal import Journal
from taiga.transfer.problems import Wrong

IN_MEMORY = 1_048_576
AT_ONCE = 3 * 262_144
"""Bytes that are encoded together; divisible by three, so that the pieces can be joined."""
_PIECE = re.compile(r"([A-Za-z0-9+/]*)(=*)")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Kept:
    """A file of the dump that was stored, and what its row has to keep."""

    path: str
    name: str
    size: int
    sha1: str
    thumbnail_format: str


@dataclass(frozen=True)
class Stored:
    """A stored file that becomes a part of a dump."""

    path: str

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.path).name

    def base64(self) -> Iterator[bytes]:
        """Its content in base64, in pieces."""
        with default_storage.open(self.path) as file:
            while piece := file.read(AT_ONCE):
                yield base64.b64encode(piece)


def of(path: str | None) -> Stored | None:
    """The file at a path; None without a path, and if the file is missing."""
    return Stored(path) if path and default_storage.exists(path) else None


class Files:
    """The files of an import."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._paths: list[str] = []

    def keep(self, value: Any, folder: paths.Folder) -> Kept | None:
        """Store the file in `{name, data}`; None for null. Raises Wrong."""
        if value is None:
            return None
        if not isinstance(value, dict) or not isinstance(value.get("data"), str):
            raise Wrong(_("A file must be an object with a name and base64 data."))
        name = paths.original_name(str(value.get("name") or ""))
        with SpooledTemporaryFile(IN_MEMORY) as draft:
            size, sha1 = decode(value["data"], draft)
            draft.seek(0)
            picture = thumbnails.format_for(draft, name)
            draft.seek(0)
            return Kept(self._store(draft, name, folder), name, size, sha1, picture)

    def settle(self) -> None:
        """Flush all files to the disk together, which is much faster than one by one."""
        if self._paths and isinstance(default_storage, FileSystemStorage):
            os.sync()

    def remove(self) -> None:
        """Delete all files."""
        for path in self._paths:
            storage.delete(path)

    def _store(self, draft: Any, name: str, folder: paths.Folder) -> str:
        path = paths.stored_path(folder, name)
        self._journal.note(path)
        self._paths.append(path)
        if isinstance(default_storage, FileSystemStorage):
            write_locally(Path(default_storage.path(path)), draft)
            return path
        return default_storage.save(path, File(draft, name=name))


def write_locally(path: Path, draft: IO[bytes]) -> None:
    """Write a file without flushing it, since nobody looks for it before the import is committed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        shutil.copyfileobj(draft, out)
        if settings.FILE_UPLOAD_PERMISSIONS is not None:
            os.fchmod(out.fileno(), settings.FILE_UPLOAD_PERMISSIONS)


def decode(data: str, out: Any) -> tuple[int, str]:
    """Write the content of base64 text; returns its size and SHA-1. Padded pieces may be joined. Raises Wrong."""
    size, sha1, text = 0, hashlib.sha1(usedforsecurity=False), _BLANK.sub("", data)
    position = 0
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None or not piece[0]:
            raise Wrong(_("This is not base64."))
        for start in range(0, len(piece[0]), AT_ONCE * 4):
            content = decoded(piece[0][start : start + AT_ONCE * 4])
            size += len(content)
            sha1.update(content)
            out.write(content)
        position = piece.end()
    return size, sha1.hexdigest()


def decoded(text: str) -> bytes:
    """The content of a piece of base64. Raises Wrong."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(_("This is not base64.")) from None


@contextmanager
def of_one_import() -> Iterator[Files]:
    """The files of an import, which are deleted if the block fails, or by `sweep` if the process dies."""
    journal = Journal()
    files = Files(journal)
    try:
        yield files
    except (OperationalError, InterfaceError):
        journal.leave()  # the transaction may have been committed
        raise
    except BaseException:
        files.remove()
        journal.close()
        raise
    journal.close()
