"""The data folder: whether it can be written, and has free space. The bucket, if there is one."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from taiga.base.errors import in_one_line
from taiga.server.doctor.finding import Finding, fail, ok, warn

MEGABYTE = 1024 * 1024
TIGHT, FULL = 1024, 100
"""Megabytes below which to worry, and below which to stop."""

PROBE = "exports/doctor.txt"


def findings() -> Iterator[Finding]:
    data: Path = settings.TAIGA_DATA
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as problem:
        remedy = f"Give the user that runs Taiga this folder, or name another in TAIGA_DATA: chown -R USER {data}"
        yield fail("data folder", f"{data} can't be written ({problem.strerror})", remedy)
        return
    yield _room(data)
    if settings.TAIGA_STORAGE_URL.startswith("s3:"):
        yield _bucket()
    front = settings.TAIGA_FRONT_DIR
    if front is not None and not (front / "index.html").is_file():
        remedy = "TAIGA_FRONT_DIR must be the folder that holds the front's index.html."
        yield fail("front", f"{front} holds no index.html", remedy)


def _room(data: Path) -> Finding:
    free = shutil.disk_usage(data).free // MEGABYTE
    remedy = f"Make room on the disk of {data}, or move TAIGA_DATA to a larger one."
    if free < FULL:
        return fail("data folder", f"only {free} MB are free at {data}", remedy)
    if free < TIGHT:
        return warn("data folder", f"only {free} MB are free at {data}", remedy)
    return ok("data folder", f"{data}, {free // 1024} GB free")


def _bucket() -> Finding:
    """Write a file to the bucket and delete it: that the bucket exists does not say what the key may do."""
    try:
        name = default_storage.save(PROBE, ContentFile(b"written by taiga doctor"))
        default_storage.delete(name)
    except Exception as problem:  # any layer between here and the bucket may raise its own exceptions
        return fail(
            "bucket",
            f"it takes no files: {in_one_line(problem)}",
            "Look at TAIGA_STORAGE_URL and at the rights of the key.",
        )
    return ok("bucket", "takes files")
