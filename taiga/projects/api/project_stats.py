"""Statistics of projects."""

from collections.abc import Callable
from typing import Any

from taiga.base.requests import Reply, Request, ok
from taiga.base.routes import endpoint, route
from taiga.projects.api import project_lookup, project_shapes
from taiga.projects.permissions import Can
from taiga.projects.queries import burndown, issues_stats, member_stats


@endpoint(needs=Can.VIEW_PROJECT, answers=project_shapes.STATISTICS)
def read(request: Request, of: Callable[[int], Any]) -> Reply:
    """One of the statistics."""
    return ok(of(project_lookup.to_act(request).project.id))


urls = [
    route("projects/{id}/stats", {"of": burndown.of}, GET=read),
    route("projects/{id}/member_stats", {"of": member_stats.of}, GET=read),
    route("projects/{id}/issues_stats", {"of": issues_stats.of}, GET=read),
]
