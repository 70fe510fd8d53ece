"""/…/csv?uuid=: a project's CSV report of one kind, for whoever knows the secret URL."""

from typing import Any

from django.http import HttpResponse

from taiga.base import errors
from taiga.base.answers import Download
from taiga.base.requests import Reply, Request
from taiga.base.routes import ANYBODY, Header, Query, Route, endpoint, route
from taiga.projects.api import lookup
from taiga.projects.models import Kind, Project
from taiga.projects.queries import reports


@endpoint(
    needs=ANYBODY,
    query=(Query("uuid", "string", "The secret of the report.", required=True),),
    answers=Download("application/csv"),
    tells=(Header("Content-Disposition", text="The name for the file."),),
)
def report(request: Request, kind: Kind, path: str) -> Reply:
    """The items of a project as CSV."""
    uuid = request.query.get("uuid")
    if not uuid:
        raise errors.Bare(404)
    project = Project.objects.filter(**{f"{path}_csv_uuid": uuid}).first()
    if project is None:
        lookup.hide(request)
    text = "".join(reports.report(kind, project))
    answer: Any = HttpResponse(text.encode(), content_type="application/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{path}.csv"'
    return Reply(answer)


def of(path: str, kind: Kind) -> Route:
    """The report of one kind."""
    return route(f"{path}/csv", {"kind": kind, "path": path}, GET=report)


urls = [
    of("epics", Kind.EPIC),
    of("userstories", Kind.USERSTORY),
    of("tasks", Kind.TASK),
    of("issues", Kind.ISSUE),
]
