"""Lanes of the kanban board, each with its story statuses."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from taiga.base.prepared import Ids, Prepared
from taiga.projects.models import Swimlane, SwimlaneUserStoryStatus
from taiga.projects.permissions import Can, visible
from taiga.projects.queries.attributes import Row, with_translated_name

COLUMNS = ("id", "name", "order", "project")
LIMIT = ("id", "status", "swimlane", "wip_limit")
STATUS = ("id", "name", "slug", "order", "is_closed", "is_archived", "color")
STATUSES = Prepared(
    lambda: (
        SwimlaneUserStoryStatus.objects.filter(swimlane__among=Ids("ids"))
        .order_by("status__order", "status__name")
        .values_list("swimlane", *(f"status__{name}" for name in STATUS), "wip_limit", "id")
    )
)


def with_statuses(lanes: list[Row]) -> list[Row]:
    """Lanes with their statuses; one query for all of them."""
    found: dict[int, list[Row]] = {lane["id"]: [] for lane in lanes}
    names = (*STATUS, "wip_limit", "swimlane_userstory_status_id")
    for lane, *values in STATUSES.all(ids=list(found)) if found else ():
        found[lane].append(with_translated_name(dict(zip(names, values, strict=True))))
    return [{**lane, "statuses": found[lane["id"]]} for lane in lanes]


def limits(viewer: Any, project: int | None) -> "QuerySet[Any, Any]":
    """The limits that the viewer may see, lane by lane."""
    rows = SwimlaneUserStoryStatus.objects.filter(visible(viewer, Can.VIEW_PROJECT, "swimlane__project__"))
    if project is not None:
        rows = rows.filter(swimlane__project=project)
    return rows.order_by("swimlane", "status", "id").values_list(*LIMIT)


def serialized_limits(limits: Collection[Any]) -> list[Row]:
    """Limits, each of a status in a lane."""
    return [dict(zip(LIMIT, limit, strict=True)) for limit in limits]


def serialized_limit(limit: SwimlaneUserStoryStatus) -> Row:
    """A loaded limit, as the API shows it."""
    return {"id": limit.pk, "status": limit.status_id, "swimlane": limit.swimlane_id, "wip_limit": limit.wip_limit}


def serialized_lane(lane: Swimlane) -> Row:
    """A loaded lane, as the API shows it."""
    row = {"id": lane.pk, "name": lane.name, "order": lane.order, "project": lane.project_id}
    return with_statuses([with_translated_name(row)])[0]
