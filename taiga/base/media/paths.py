"""Paths and names of stored files. Nothing here touches a disk."""

import re
import secrets
import time
import unicodedata
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from django.utils.text import slugify
from text_unidecode import unidecode

Folder = Literal["attachments", "project", "user"]

NAME_LENGTH = 255
STORED_NAME_LENGTH = 100
EXTENSION_LENGTH = 16
NAMELESS = "file"

_INVISIBLE = {"Cc", "Cs", "Zl", "Zp"}
_TURNS_TEXT_AROUND = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WITH_THUMBNAIL = {".png", ".svg", ".gif", ".bmp", ".jpeg", ".jpg", ".psd"}


class Size(NamedTuple):
    """A size in pixels; a height of 0 keeps the proportions."""

    width: int
    height: int
    crop: bool = True

    def __str__(self) -> str:
        return f"{self.width}x{self.height}_q85{'_crop' if self.crop else ''}"


ALIASES = {
    "avatar": Size(80, 80),
    "big-avatar": Size(300, 300),
    "logo-small": Size(80, 80),
    "logo-big": Size(300, 300),
    "card-image": Size(300, 200),
    "timeline-image": Size(640, 0),
    "preview-image": Size(800, 0, crop=False),
}
_SUFFIXES = {alias: f".{size}." for alias, size in ALIASES.items()}
_SIZES = {str(size): size for size in ALIASES.values()}
_THUMBNAIL = re.compile(r"(?P<source>.+)\.(?P<size>\d+x\d+_q85(_crop)?)\.(?P<format>jpg|png)")


class Thumbnail(NamedTuple):
    """The parts of a thumbnail's path."""

    source: str
    size: Size
    format: str


def stored_path(folder: Folder, filename: str) -> str:
    """A new path that nobody can guess: `attachments/a/b/c/d/<60 hex digits>/<safe name>`."""
    digest = sha256(time.time_ns().to_bytes(8) + secrets.token_bytes(32)).hexdigest()
    return "/".join((folder, *digest[:4], digest[4:], safe_name(filename)))


def safe_name(filename: str) -> str:
    """The name of a file in the store: ASCII letters, digits, `-`, `_` and at most one dot."""
    name = PurePosixPath(original_name(filename).lower())
    base = slugify(unidecode(name.stem))[:STORED_NAME_LENGTH].strip("-_") or NAMELESS
    extension = re.sub(r"[^a-z0-9]", "", unidecode(name.suffix).lower())[:EXTENSION_LENGTH]
    return f"{base}.{extension}" if extension else base


def original_name(filename: str) -> str:
    """The name that is displayed: the last part of a path, without characters that could break a line or a header."""
    last = re.split(r"[\\/]", filename)[-1]
    shown = "".join(filter(_is_shown, last)).strip()
    if shown in ("", ".", ".."):
        return NAMELESS
    extension = PurePosixPath(shown).suffix[: NAME_LENGTH - 1]
    return PurePosixPath(shown).stem[: NAME_LENGTH - len(extension)] + extension


def may_have_thumbnail(filename: str) -> bool:
    """Whether an attachment or logo may have a thumbnail, by its extension. Avatars may have one whatever their
    name.
    """
    return PurePosixPath(filename).suffix.lower() in _WITH_THUMBNAIL


def thumbnail_path(path: str | None, alias: str, picture_format: str) -> str | None:
    """The path of a thumbnail; None for a file without one. `picture_format` is stored in the file's row."""
    return f"{path}{_SUFFIXES[alias]}{picture_format}" if path and picture_format else None


def thumbnail_of(path: str) -> Thumbnail | None:
    """The parts of a thumbnail's path; None for another path, and for a size without an alias."""
    match = _THUMBNAIL.fullmatch(path)
    if match is None or match["size"] not in _SIZES:
        return None
    return Thumbnail(match["source"], _SIZES[match["size"]], match["format"])


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in _TURNS_TEXT_AROUND
