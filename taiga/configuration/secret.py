"""The key that signs tokens: set by the operator, or made once and kept in the data folder."""

import os
import secrets
from pathlib import Path

from taiga.configuration.env import BadSettings

FILE = "secret_key"


def key(given: str, data: Path) -> str:
    """The key. All processes with the same data folder have the same one: the first makes it. Raises BadSettings."""
    if given:
        return given
    file = data / FILE
    try:
        if not file.exists():
            _make(file)
        return file.read_text(encoding="ascii").strip()
    except OSError as problem:
        raise BadSettings(f"TAIGA_DATA: {file} can't be made or read ({problem.strerror}).") from problem


def _make(file: Path) -> None:
    """Write a new key, readable only by its owner, completely or not at all; another process may be faster."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    private = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(private, "w", encoding="ascii") as target:
        target.write(secrets.token_urlsafe(64) + "\n")
        target.flush()
        os.fsync(target.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
