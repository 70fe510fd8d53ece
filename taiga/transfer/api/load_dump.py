"""/importer/load_dump: a project out of a dump."""

from functools import partial
from typing import IO, Any, cast

import structlog
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.base.requests import NOBODY, Reply, Request, created
from taiga.base.routes import SIGNED_IN, endpoint, route
from taiga.projects.api import lookup, project_shapes
from taiga.projects.models import Project
from taiga.projects.queries import projects as queries
from taiga.transfer.load import load
from taiga.transfer.problems import Damaged, NotADump
from taiga.transfer.services.room import ensure_room

log = structlog.get_logger("taiga.transfer")
GZIPPED = ("application/gzip", "application/x-gzip")
BODY = {"type": "object", "properties": {"dump": {"type": "string", "format": "binary"}}, "required": ["dump"]}


@endpoint(
    needs=SIGNED_IN,
    accepts=BODY,
    answers=project_shapes.PROJECT_OF_LIST,
    atomic=False,
    throttle="import-mode import-dump-mode",
    uploads=("dump",),
)
def load_dump(request: Request) -> Reply:
    """Make a project of the caller's own; its answer is what everybody would see of it."""
    upload = request.file("dump")
    if upload is None:
        raise errors.WrongArguments(_("Needed dump file"))
    project = loaded(request, upload)
    return created(queries.by_ids([project.pk], NOBODY)[0])


def loaded(request: Request, upload: "UploadedFile[Any]") -> Project:
    """The project of a dump. If it is refused, the caller and the log get the section and the row of each problem."""
    owner = request.viewer
    try:
        return load(
            cast("IO[bytes]", upload.file),
            owner=owner,
            people="match",
            by=lookup.actor(request),
            admit=partial(ensure_room, owner),
            gzipped=True if upload.content_type in GZIPPED else None,
            most=settings.MAX_UNZIPPED_DUMP_SIZE,
        ).project
    except Damaged as refusal:
        log.info(
            "a dump was refused", by=owner.id, error=refusal.error, problems=[str(one) for one in refusal.problems]
        )
        raise errors.Bare(400, body_of(refusal)) from refusal
    except errors.NotEnoughSlots as refusal:
        log.info("a dump was refused", by=owner.id, error=refusal.message)
        raise


def body_of(refusal: Damaged) -> dict[str, Any]:
    """The body of a refusal. For a file that is no dump it has also the members of other errors, which Taiga's clients
    expect.
    """
    told = {"error": refusal.error, "details": refusal.details()}
    if isinstance(refusal, NotADump):
        return {**errors.WrongArguments(refusal.error).body(), **told}
    return told


urls = [route("importer/load_dump", POST=load_dump)]
