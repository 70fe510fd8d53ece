"""Addresses of files. Those of attachments carry a token that expires (`ATTACHMENTS_MAX_AGE`)."""

import hmac
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha512
from urllib.parse import quote, urljoin

from django.conf import settings

from taiga.base.media import paths

PROTECTED = "attachments/"
_TOKEN = re.compile(r"(?P<time>[A-Za-z0-9_-]{1,11}):(?P<signature>[A-Za-z0-9_-]{86})")


def media_url(path: str, *, request_base: str = "", fragment: str | None = None) -> str:
    """The absolute address of a file, with a new token if it is an attachment.

    `MEDIA_URL` is usually absolute; if it is a path, `request_base` (scheme and host) precedes it.
    """
    address = urljoin(request_base, settings.MEDIA_URL) if request_base else settings.MEDIA_URL
    query = f"?token={quote(token(path))}" if path.startswith(PROTECTED) else ""
    return f"{address}{quote(path)}{query}" + (f"#{fragment}" if fragment else "")


def thumbnail_url(path: str | None, alias: str, picture_format: str, *, request_base: str = "") -> str | None:
    """The absolute address of a thumbnail; None for a file without one. No disk is read."""
    thumbnail = paths.thumbnail_path(path, alias, picture_format)
    return thumbnail and media_url(thumbnail, request_base=request_base)


def token(path: str) -> str:
    """`T:S`: the time in seconds since 1970, and the signature of path and time, both in base64."""
    seconds = int(time.time())
    moment = _text(seconds.to_bytes((seconds.bit_length() + 7) // 8))
    return f"{moment}:{_signature(path, moment)}"


def is_valid(path: str, given: str) -> bool:
    """Whether a token was made for this path, and has not expired."""
    match = _TOKEN.fullmatch(given)
    if match is None:
        return False
    if not hmac.compare_digest(_signature(path, match["time"]), match["signature"]):
        return False
    return bool(time.time() - _seconds(match["time"]) <= settings.ATTACHMENTS_MAX_AGE)


def _signature(path: str, moment: str) -> str:
    return _text(hmac.digest(_key(settings.SECRET_KEY), f"{path}:{moment}".encode(), "sha512"))


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return sha512(f"taiga-protectedsigner{secret}".encode()).digest()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _seconds(moment: str) -> int:
    return int.from_bytes(urlsafe_b64decode(moment + "=" * (-len(moment) % 4)))
