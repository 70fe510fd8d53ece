"""/exporter: a project as a dump to take away."""

from taiga.base import errors
from taiga.base.media import signing as media
from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import Query, endpoint, route
from taiga.projects.api import lookup
from taiga.projects.models import Project
from taiga.projects.permissions import ADMIN
from taiga.transfer.services import exports

FORMATS = ("plain", "gzip")


@endpoint(
    needs=ADMIN,
    query=(Query("dump_format", text="Whether the dump is zipped.", choices=FORMATS),),
    answers={"type": "object", "properties": {"url": {"type": "string", "format": "uri"}}, "required": ["url"]},
    throttle="import-mode import-dump-mode",
)
def export(request: Request) -> Reply:
    """Write a dump, and tell where it is."""
    if not request.viewer.is_authenticated:
        raise errors.NotAuthenticated
    project = lookup.first(Project.objects.all(), {"id": request.args["id"]})
    if project is None:
        raise errors.Missing
    lookup.allow(request, project.pk)
    path = exports.export(project, zipped=request.query.get("dump_format") == "gzip")
    return ok({"url": media.media_url(path)})


urls = [route("exporter/{id}", GET=export)]
