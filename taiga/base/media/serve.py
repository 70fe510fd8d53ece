"""GET /media/<path>: files as downloads that cannot run scripts, images and video inline, ranges for players."""

import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date

from taiga.base.media import kinds, paths, signing, thumbnails

FOLDERS = {
    "attachments": "private, max-age=3600",
    "project": "private, max-age=604800, immutable",
    "user": "private, max-age=604800, immutable",
    "exports": "private, no-cache",
}
CHUNK = 262_144
LONGEST_NAME = 255
LONGEST_PATH = 1_000
UNSATISFIABLE = range(0)
REDIRECT_SECONDS = 300
SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'",
    "Referrer-Policy": "no-referrer",
}
_RANGE = re.compile(r"bytes=(?:(?P<first>\d+)-(?P<last>\d*)|-(?P<tail>\d+))")


def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """The file at a path of the store; attachments and their thumbnails want a valid `?token=`."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET", "HEAD"))
    if not _is_served(path):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    if path.startswith(signing.PROTECTED) and not signing.is_valid(path, request.GET.get("token", "")):
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    if not isinstance(default_storage, FileSystemStorage):
        return _from_bucket(path)
    file = _open(path) or (_open(path) if thumbnails.ensure(path) else None)
    if file is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return _from_disk(request, path, file)


class Window:
    """A part of a file in chunks. Django closes it, and with it the file, when the response ends."""

    def __init__(self, file: IO[bytes], extent: range) -> None:
        self.file = file
        self.extent = extent

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.extent.start)
        left = len(self.extent)
        while left > 0 and (chunk := self.file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.file.close()


def _is_served(path: str) -> bool:
    """Whether a path is inside of a served folder. Names that begin with a dot are files that are still being
    written.
    """
    folder, *rest = path.split("/")
    plain = folder in FOLDERS and bool(rest) and path.isprintable() and all(map(_is_plain, rest))
    return plain and len(path.encode()) <= LONGEST_PATH


def _is_plain(part: str) -> bool:
    return bool(part) and not part.startswith(".") and "\\" not in part and len(part.encode()) <= LONGEST_NAME


def _open(path: str) -> IO[bytes] | None:
    try:
        return Path(default_storage.path(path)).open("rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _from_disk(request: HttpRequest, path: str, file: IO[bytes]) -> HttpResponseBase:
    status = os.fstat(file.fileno())
    size, modified = status.st_size, int(status.st_mtime)
    etag = f'"{status.st_mtime_ns:x}-{size:x}"'
    headers = _headers(path, kinds.sniff(file.read(kinds.HEAD_LENGTH), path))
    headers |= {"ETag": etag, "Last-Modified": http_date(modified), "Accept-Ranges": "bytes"}
    answer = get_conditional_response(request, etag, modified, HttpResponse(headers=headers))
    extent = _extent(request, size, {etag, headers["Last-Modified"]})
    if answer is not None and answer.status_code != HTTPStatus.OK:
        file.close()
        return answer
    if extent == UNSATISFIABLE:
        file.close()
        headers["Content-Range"] = f"bytes */{size}"
        return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    if extent is None:
        return _answer(request, Window(file, range(size)), HTTPStatus.OK, headers)
    headers["Content-Range"] = f"bytes {extent.start}-{extent.stop - 1}/{size}"
    return _answer(request, Window(file, extent), HTTPStatus.PARTIAL_CONTENT, headers)


def _extent(request: HttpRequest, size: int, versions: set[str]) -> range | None:
    """The range that was requested. None for the whole file: without a range, with several, or if the file has
    changed.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    wanted_version = request.headers.get("If-Range")
    if match is None or request.method != "GET" or (wanted_version and wanted_version not in versions):
        return None
    if match["tail"]:
        return range(max(0, size - int(match["tail"])), size) or UNSATISFIABLE
    first, last = int(match["first"]), int(match["last"] or size)
    if last < first and match["last"]:
        return None
    return range(first, min(last + 1, size)) or UNSATISFIABLE


def _answer(request: HttpRequest, body: Window, status: HTTPStatus, headers: dict[str, str]) -> HttpResponseBase:
    headers["Content-Length"] = str(len(body.extent))
    if request.method == "HEAD":
        body.close()
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(body, status=status, headers=headers)


def _from_bucket(path: str) -> HttpResponseBase:
    """A redirect to the bucket, at an address that is signed for some minutes."""
    if paths.thumbnail_of(path) and not thumbnails.ensure(path):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    headers = _headers(path, kinds.sniff(b"", path))
    bucket: Any = default_storage
    address = bucket.url(
        path,
        parameters={
            "ResponseContentType": headers["Content-Type"],
            "ResponseContentDisposition": headers["Content-Disposition"],
        },
        expire=REDIRECT_SECONDS,
    )
    return HttpResponseRedirect(
        address, headers={"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
    )


def _headers(path: str, content_type: str) -> dict[str, str]:
    disposition = content_disposition_header(not kinds.is_shown_in_place(content_type), path.rpartition("/")[2])
    return SAFETY | {
        "Content-Type": f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type,
        "Content-Disposition": disposition or "attachment",
        "Cache-Control": FOLDERS[path.partition("/")[0]],
    }
