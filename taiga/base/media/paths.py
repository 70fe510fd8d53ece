"""What a file is called in the store; pure text, nothing here touches a disk."""

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
    """A height of 0 means: as high as it comes."""

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
    """What the name of a thumbnail says."""

    source: str
    size: Size
    format: str


def stored_path(folder: Folder, filename: str) -> str:
    """A fresh path that nobody can guess: `attachments/a/b/c/d/<60 hex digits>/<safe name>`."""
    digest = sha256(time.time_ns().to_bytes(8) + secrets.token_bytes(32)).hexdigest()
    return "/".join((folder, *digest[:4], digest[4:], safe_name(filename)))


def safe_name(filename: str) -> str:
    """The name a file has in the store: letters, digits, `-`, `_` and at most one dot."""
    name = PurePosixPath(original_name(filename).lower())
    base = slugify(unidecode(name.stem))[:STORED_NAME_LENGTH].strip("-_") or NAMELESS
    extension = re.sub(r"[^a-z0-9]", "", unidecode(name.suffix).lower())[:EXTENSION_LENGTH]
    return f"{base}.{extension}" if extension else base


def original_name(filename: str) -> str:
    """The name people see: the last part of a path, in its own script, without what could break a line or a header."""
    last = re.split(r"[\\/]", filename)[-1]
    shown = "".join(filter(_is_shown, last)).strip()
    if shown in ("", ".", ".."):
        return NAMELESS
    extension = PurePosixPath(shown).suffix[: NAME_LENGTH - 1]
    return PurePosixPath(shown).stem[: NAME_LENGTH - len(extension)] + extension


def may_have_thumbnail(filename: str) -> bool:
    """Attachments and logos get one by their extension; avatars whatever they are called."""
    return PurePosixPath(filename).suffix.lower() in _WITH_THUMBNAIL


def thumbnail_path(path: str | None, alias: str, picture_format: str) -> str | None:
    """Where the thumbnail is, or None when there is no picture; `picture_format` is what the file's row remembers."""
    return f"{path}{_SUFFIXES[alias]}{picture_format}" if path and picture_format else None


def thumbnail_of(path: str) -> Thumbnail | None:
    """The reverse of `thumbnail_path`; only the sizes that have an alias are known."""
    match = _THUMBNAIL.fullmatch(path)
    if match is None or match["size"] not in _SIZES:
        return None
    return Thumbnail(match["source"], _SIZES[match["size"]], match["format"])


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in _TURNS_TEXT_AROUND
