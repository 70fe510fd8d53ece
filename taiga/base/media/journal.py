"""Journals of files that may be in the store without a row that refers to them.

Files are noted here before they are written or deleted, so that neither a process that is killed nor a transaction that
fails leaves one behind: `sweep` removes the noted files to which no row refers.
"""

import fcntl
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

STALE = 86_400
"""Seconds after which an empty journal is no longer one that is about to be written."""
BATCH_SIZE = 500
"""Paths that are looked up in one query."""
log = logging.getLogger("taiga.media")


class Journal:
    """Paths of some files. `sweep` skips it until it is closed or its process ends, since it is locked."""

    def __init__(self) -> None:
        folder().mkdir(parents=True, exist_ok=True)
        self._path = folder() / f"{secrets.token_hex(16)}.journal"
        self._file: IO[str] = self._path.open("x")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def note(self, *paths: str) -> None:
        """Note where files will be, or where files are that will be deleted."""
        self._file.writelines(f"{path}\n" for path in paths)
        self._file.flush()

    def close(self) -> None:
        """Delete the journal: its files have their rows, or are deleted."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def leave(self) -> None:
        """Keep the journal for `sweep`: something failed, and it is not known whether the rows exist."""
        self._file.close()

    def close_after_commit(self, finish: Callable[[], object] | None = None) -> None:
        """After the commit call `finish`, then `close`; if it fails, `leave`."""
        transaction.on_commit(partial(self._finish, finish), robust=True)

    def _finish(self, finish: Callable[[], object] | None) -> None:
        try:
            if finish is not None:
                finish()
        except Exception:
            log.exception("files could not be removed; it is tried again")
            self.leave()
        else:
            self.close()


def folder() -> Path:
    """The folder of the journals."""
    return Path(settings.TAIGA_DATA) / "journals"


def sweep(remove: Callable[[str], object]) -> int:
    """Remove the files that were left behind; returns how many."""
    return sum(swept(path, remove) for path in folder().glob("*.journal"))


def swept(path: Path, remove: Callable[[str], object]) -> int:
    """Remove the files of one journal that were left behind, unless the journal is in use; returns how many."""
    try:
        journal = path.open()
    except FileNotFoundError:
        return 0
    with journal:
        try:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        noted = journal.read().splitlines()
        if not noted and time.time() - path.stat().st_mtime < STALE:
            return 0  # its process may be about to write to it
        orphans = unnamed(noted)
        for name in orphans:
            remove(name)
        path.unlink(missing_ok=True)
    return len(orphans)


def unnamed(paths: Sequence[str]) -> list[str]:
    """The paths to which no row refers."""
    named = import_string(settings.NAMED_FILES)
    found: list[str] = []
    for start in range(0, len(paths), BATCH_SIZE):
        some = paths[start : start + BATCH_SIZE]
        known = named(some)
        found += [path for path in some if path not in known]
    return found
