"""The media type of a file, by its first bytes and its name, and whether a browser may display it."""

import mimetypes
import re
from pathlib import PurePosixPath

UNKNOWN = "application/octet-stream"
HEAD_LENGTH = 32

_MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "image/avif"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb"....ftypM4A", re.DOTALL), "audio/mp4"),
    (re.compile(rb"....ftyp(isom|iso\d|mp4\d|avc1|M4V)", re.DOTALL), "video/mp4"),
    (re.compile(rb"%PDF-"), "application/pdf"),
)
_BY_EXTENSION = {
    ".avif": "image/avif",
    ".flac": "audio/flac",
    ".gz": "application/gzip",
    ".js": "text/javascript",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
}
_TOLD_BY_MAGIC = {kind for _, kind in _MAGIC if kind.startswith("image/")}
_SHOWN_IN_PLACE = _TOLD_BY_MAGIC | {
    "image/bmp",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "video/mp4",
    "video/ogg",
    "video/webm",
}
_known = mimetypes.MimeTypes()


def sniff(head: bytes, name: str) -> str:
    """The media type. A name with the extension of an image is not believed if the bytes are no image.

    Without bytes (a file in a bucket) the name alone decides.
    """
    for magic, kind in _MAGIC:
        if magic.match(head):
            return kind
    kind = _by_name(name)
    return UNKNOWN if head and kind in _TOLD_BY_MAGIC else kind


def is_shown_in_place(content_type: str) -> bool:
    """Whether browsers may display it: images, audio and video. What could run a script or imitate our pages is a
    download.
    """
    return content_type in _SHOWN_IN_PLACE


def _by_name(name: str) -> str:
    extension = PurePosixPath(name).suffix.lower()
    if extension in _BY_EXTENSION:
        return _BY_EXTENSION[extension]
    kind, encoding = _known.guess_type(f"x{extension}")
    return UNKNOWN if kind is None or encoding else kind
