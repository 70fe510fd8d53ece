"""Files that are in the store before a row names them, or still there when none does any more.

They are noted first, so that neither a process that is killed nor a transaction that fails leaves a file behind for
ever: `sweep` removes those noted files that no row names.
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
AT_ONCE = 500
log = logging.getLogger("taiga.media")


class Journal:
    """The names of some files. Until it is closed, or its process ends, nobody sweeps them away."""

    def __init__(self) -> None:
        folder().mkdir(parents=True, exist_ok=True)
        self._path = folder() / f"{secrets.token_hex(16)}.journal"
        self._file: IO[str] = self._path.open("x")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def note(self, *paths: str) -> None:
        """Write down where files will be, or where they were."""
        self._file.writelines(f"{path}\n" for path in paths)
        self._file.flush()

    def close(self) -> None:
        """All is well: what was noted has its rows, or is gone."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def leave(self) -> None:
        """Something failed, and what became of the rows is not known: `sweep` will see."""
        self._file.close()

    def close_after_commit(self, finish: Callable[[], object] | None = None) -> None:
        """As `close`, once the transaction is through and what is left to do is done; if either fails, as `leave`."""
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
    """Where the journals are."""
    return Path(settings.TAIGA_DATA) / "journals"


def sweep(remove: Callable[[str], object]) -> int:
    """Remove the files that were left behind; returns how many there were."""
    return sum(swept(path, remove) for path in folder().glob("*.journal"))


def swept(path: Path, remove: Callable[[str], object]) -> int:
    """The same for one journal, unless somebody is at work with it."""
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
            return 0  # it may be about to begin
        orphans = unnamed(noted)
        for name in orphans:
            remove(name)
        path.unlink(missing_ok=True)
    return len(orphans)


def unnamed(paths: Sequence[str]) -> list[str]:
    """Those that no row names."""
    named = import_string(settings.NAMED_FILES)
    found: list[str] = []
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        known = named(some)
        found += [path for path in some if path not in known]
    return found
