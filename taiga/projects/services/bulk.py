"""Many items at once, one subject per line."""

from collections.abc import Callable, Sequence
from typing import Any

from taiga.base import clock, writes
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.models import Kind, Role, RolePoints, Status, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.services import closing, statuses, watching, wip_limits
from taiga.projects.services.epics import random_color
from taiga.projects.services.kinds import KINDS
from taiga.projects.services.workitems import next_refs, snapshot

Columns = dict[str, Any]


def lines(text: str) -> list[str]:
    """The subjects in a text: trimmed, without blank lines."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def story_columns(number: int, now: int) -> Columns:
    """The orders of the n-th story: after all others, in the order of the lines."""
    return {"backlog_order": now + number, "sprint_order": now + number, "kanban_order": now + number}


def task_columns(number: int, now: int) -> Columns:
    """The orders of the n-th task."""
    return {"us_order": now // 1000 + number, "taskboard_order": now // 1000 + number}


def epic_columns(number: int, now: int) -> Columns:
    """The order and the colour of the n-th epic."""
    return {"epics_order": now // 1000 + number, "color": random_color()}


def issue_columns(number: int, now: int) -> Columns:
    """Issues have no orders."""
    return {}


INITIAL_COLUMNS: dict[Kind, Callable[[int, int], Columns]] = {
    Kind.EPIC: epic_columns,
    Kind.USERSTORY: story_columns,
    Kind.TASK: task_columns,
    Kind.ISSUE: issue_columns,
}


def create(kind: Kind, subjects: Sequence[str], *, access: Access, by: Actor, **common: Any) -> list[WorkItem]:
    """Create items of a project with the same `common` columns. The number of statements grows with batches, not with
    items.
    """
    if not subjects:
        return []
    project = access.project
    for name, fact in KINDS[kind].defaults.items():
        if common.get(f"{name}_id") is None:
            common[f"{name}_id"] = getattr(project, fact)
    if kind == Kind.USERSTORY:
        cell = wip_limits.Cell(common["status_id"], common.get("swimlane_id"))
        wip_limits.check(project, new=[cell] * len(subjects))
    first, now = next_refs(project.id, len(subjects)), clock.microseconds()
    items = [
        KINDS[kind].model(
            kind=kind,
            project_id=project.id,
            owner_id=by.id,
            ref=first + number,
            subject=subject,
            **INITIAL_COLUMNS[kind](number, now),
            **common,
        )
        for number, subject in enumerate(subjects)
    ]
    close_new(kind, items, common.get("status_id"))
    writes.insert(items)
    watching.ensure_policy_of_author(access, by)
    extras = after_create(kind, items, access, by)
    publish([change_of(item, ChangeType.CREATE, by=by, snapshot=snapshot(item, access, extras)) for item in items])
    return items


def close_new(kind: Kind, items: Sequence[WorkItem], status_id: int | None) -> None:
    """Close new items whose status is a closed one."""
    if kind == Kind.EPIC or not Status.objects.filter(id__in=[status_id] if status_id else [], is_closed=True).exists():
        return
    now = clock.now()
    for item in items:
        item.finished_date = now
        item.is_closed = kind == Kind.USERSTORY


def after_create(kind: Kind, items: Sequence[WorkItem], access: Access, by: Actor) -> Columns:
    """Apply what follows from new items: estimates, and the state of stories and sprints.

    Returns what the history remembers of each item besides its columns.
    """
    extras: dict[Kind, Columns] = {Kind.EPIC: {}, Kind.TASK: {"promoted_to": []}, Kind.ISSUE: {"promoted_to": []}}
    if kind == Kind.USERSTORY:
        extras[kind] = {"assigned_to": None, "assigned_users": [], "points": create_estimates(items, access)}
    if kind == Kind.TASK:
        statuses.close_or_reopen_stories(access.project.id, {item.user_story_id for item in items}, by)
    closing.update_milestones({item.milestone_id for item in items}, by=by)
    return extras[kind]


def create_estimates(stories: Sequence[WorkItem], access: Access) -> dict[str, int | None]:
    """Give new stories the project's default estimate for each computable role; returns the estimates of each."""
    roles = list(Role.objects.filter(project_id=access.project.id, computable=True).values_list("id", flat=True))
    default = access.project.default_points_id
    rows = [RolePoints(user_story=story, role_id=role, points_id=default) for story in stories for role in roles]
    RolePoints.objects.bulk_create(rows, batch_size=writes.BATCH_SIZE)
    return {str(role): default for role in roles}
