"""Allowed changes of status, as the API shows them."""

from typing import Any

from django.db.models import QuerySet

from taiga.projects.models import StatusTransition
from taiga.projects.permissions import Can, visible

COLUMNS = ("id", "project", "kind", "from_status", "to_status", "roles")


def listing(viewer: Any, project: int | None, kind: str | None) -> "QuerySet[StatusTransition, dict[str, Any]]":
    """The rows that the viewer may see, optionally of one project or kind."""
    rows: QuerySet[StatusTransition] = StatusTransition.objects.filter(visible(viewer, Can.VIEW_PROJECT, "project__"))
    if project is not None:
        rows = rows.filter(project=project)
    if kind is not None:
        rows = rows.filter(kind=kind)
    order = ("project__name", "project_id", "kind", "id")
    found: QuerySet[StatusTransition, dict[str, Any]] = rows.order_by(*order).values(*COLUMNS)
    return found


def serialized(found: StatusTransition) -> dict[str, Any]:
    """A loaded row, as the API shows it."""
    return {
        "id": found.pk,
        "project": found.project_id,
        "kind": found.kind,
        "from_status": found.from_status_id,
        "to_status": found.to_status_id,
        "roles": found.roles,
    }
