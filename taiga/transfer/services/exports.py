"""Dumps as files in the store, which whoever knows their address can download."""

import gzip
from contextlib import nullcontext
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, cast
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from taiga.base import jobs
from taiga.base.database import writing
from taiga.base.media import storage
from taiga.projects.models import Project
from taiga.transfer.dump import dump

log = structlog.get_logger("taiga.transfer")


def export(project: Project, *, zipped: bool) -> str:
    """Write a dump; returns its path, which nobody can guess. It is deleted after `settings.EXPORTS_TTL`."""
    path = f"exports/{project.pk}/{project.slug}-{uuid4().hex}.json" + (".gz" if zipped else "")
    with TemporaryFile() as draft:
        with packed(draft) if zipped else nullcontext(draft) as out:
            dump(project, out)
        draft.seek(0)
        with writing():  # before the file is written, so that it is never left behind
            jobs.enqueue(f"{__name__}.forget", delay=timedelta(seconds=settings.EXPORTS_TTL), path=path)
        stored = default_storage.save(path, File(draft))
    log.info("a project was exported", project=project.slug)
    return stored


def packed(draft: IO[bytes]) -> IO[bytes]:
    """A file object that gzips into the draft."""
    return cast("IO[bytes]", gzip.GzipFile(filename="", mode="wb", fileobj=draft, compresslevel=6))


def forget(path: str) -> None:
    """A job: delete a dump."""
    storage.delete(path)
