"""Work-in-progress limits, which a project may warn about or enforce."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import Count
from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.projects.models import Project, Status, SwimlaneUserStoryStatus, UserStory, WipLimitMode
from taiga.projects.permissions import ProjectFacts

HEADER = "Taiga-Info-Wip-Limit-Exceeded"
Excess = dict[str, Any]


class Cell(NamedTuple):
    """A column of the kanban board in one swimlane (or in none)."""

    status: int | None
    swimlane: int | None


class WipLimitExceeded(errors.ApiError):
    """A cell of the board would hold more stories than its limit."""

    def __init__(self, excess: Excess) -> None:
        super().__init__(_("At most %(limit)s stories are allowed here; this would make %(count)s.") % excess)
        self.excess = excess

    def body(self) -> Any:
        kind = "taiga.projects.exceptions.WipLimitExceeded"
        return {"_error_message": self.message, "_error_type": kind, **self.excess}


def check(project: ProjectFacts, moved: Mapping[int, Cell] | None = None, new: Iterable[Cell] = ()) -> list[Excess]:
    """The limits that would be exceeded if stories were put into these cells. Raises WipLimitExceeded in mode `block`.

    Call it before the move, in the same transaction: `moved` are the cells of existing stories by id, `new` has one
    cell for each new story. Until the commit nobody else can put stories into limited cells of the project. Cells that
    do not grow are not checked, and in mode `off` nothing is.
    """
    moved = moved or {}
    entering = Counter([*moved.values(), *new])
    if project.wip_limit_mode == WipLimitMode.OFF or not entering:
        return []
    limits = limits_of(entering)
    if not limits:
        return []
    lock_project(project.id)
    growth = entering - Counter(present_cells(moved))
    counts = counted(project.id, growth.keys() & limits.keys())
    exceeded = [
        {"status": cell.status, "swimlane": cell.swimlane, "limit": limits[cell], "count": counts[cell] + growth[cell]}
        for cell in entering
        if cell in limits and growth[cell] > 0 and counts[cell] + growth[cell] > limits[cell]
    ]
    if exceeded and project.wip_limit_mode == WipLimitMode.BLOCK:
        raise WipLimitExceeded(exceeded[0])
    return exceeded


def headers(found: list[Excess]) -> dict[str, str]:
    """The response headers about exceeded limits."""
    return {HEADER: json.dumps(found)} if found else {}


def limits_of(cells: Iterable[Cell]) -> dict[Cell, int]:
    """The limits of the cells that have one: the swimlane's own, else that of the status."""
    statuses = {cell.status for cell in cells if cell.status is not None}
    lanes = {cell.swimlane for cell in cells if cell.swimlane is not None}
    by_status: dict[int | None, int | None] = dict(
        Status.objects.filter(pk__in=statuses).values_list("id", "wip_limit")
    )
    own = {}
    if lanes:
        rows = SwimlaneUserStoryStatus.objects.filter(status__in=statuses, swimlane__in=lanes, wip_limit__isnull=False)
        own = {Cell(*row[:2]): row[2] for row in rows.values_list("status", "swimlane", "wip_limit")}
    found = {cell: own.get(cell, by_status.get(cell.status)) for cell in cells}
    return {cell: limit for cell, limit in found.items() if limit is not None}


def lock_project(project_id: int) -> None:
    """Lock the project, so that others count its stories after our commit.

    Every change takes this lock before its commit anyway, so nobody waits longer because of it.
    """
    list(Project.objects.select_for_update(no_key=True).filter(pk=project_id).values_list("pk"))


def present_cells(ids: Iterable[int]) -> list[Cell]:
    """The present cells of stories."""
    keys = list(ids)
    if not keys:
        return []
    return [Cell(*row) for row in UserStory.objects.filter(pk__among=keys).values_list("status", "swimlane")]


def counted(project_id: int, cells: Iterable[Cell]) -> Counter[Cell]:
    """How many stories each cell holds."""
    statuses = {cell.status for cell in cells}
    if not statuses:
        return Counter()
    stories = UserStory.objects.filter(project=project_id, status__in=statuses).order_by()
    rows = stories.values("status", "swimlane").annotate(count=Count("id")).values_list("status", "swimlane", "count")
    return Counter({Cell(*row[:2]): row[2] for row in rows})
