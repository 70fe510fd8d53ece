"""Moving many items at once on the backlog, the kanban board, the taskboard and between sprints."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from taiga.base.prepared import Ids, Param, PreparedObjects
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, Announcement, announce, change_of, difference, publish
from taiga.projects.models import Kind, Task, UserStory, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.services import closing, freezing, ordering, transitions, unrecorded, wip_limits
from taiga.projects.services.kinds import KINDS
from taiga.projects.services.ordering import Orders

Frozen = dict[int, dict[str, Any]]
SUBJECTS = {Kind.USERSTORY: "userstories", Kind.TASK: "tasks", Kind.ISSUE: "issues"}


@cache
def items_for_update(kind: Kind) -> PreparedObjects[WorkItem]:
    """The query that locks items of a project."""
    return PreparedObjects(
        KINDS[kind].model,
        lambda rows: rows.filter(project=Param("project"), pk__among=Ids("ids")).order_by("pk").select_for_update(),
    )


def locked(kind: Kind, project_id: int, ids: Iterable[int]) -> list[WorkItem]:
    """Items of a project, locked until the commit, each once and in the order of their ids in the request."""
    keys = list(dict.fromkeys(ids))
    by_key = {item.pk: item for item in items_for_update(kind).all(project=project_id, ids=keys)} if keys else {}
    return [by_key[key] for key in keys if key in by_key]


def place_in_backlog(
    project_id: int,
    ids: Sequence[int],
    milestone_id: int | None,
    *,
    before: int | None,
    after: int | None,
    by: Actor,
) -> list[dict[str, Any]]:
    """Put stories at one place of the backlog (no sprint) or of a sprint. Returns the renumbered rows."""
    column = "backlog_order" if milestone_id is None else "sprint_order"
    lock(project_id)
    stories = locked(Kind.USERSTORY, project_id, ids)
    frozen = freeze_all(stories)
    cell = UserStory.objects.filter(project=project_id, milestone=milestone_id)
    orders, former = ordering.renumbered(cell, column, ids, before=before, after=after)
    sources = {story.milestone_id for story in stories}
    changing = [story for story in stories if story.milestone_id != milestone_id]
    if changing:
        UserStory.objects.filter(pk__in=[story.pk for story in changing]).update(milestone_id=milestone_id)
    tasks = move_tasks([story.pk for story in changing], milestone_id, by=by)
    ordering.store_renumbered(cell, column, orders, former, after=after)
    for story in stories:
        story.milestone_id = milestone_id
        setattr(story, column, orders[story.pk])
    publish([*move_changes(stories, frozen, by), *tasks])
    closing.update_milestones({*sources, milestone_id}, by=by)
    announce_rows(Kind.USERSTORY, project_id, list(orders), by)
    return [{"id": key, "milestone": milestone_id, column: order} for key, order in orders.items()]


def place_on_kanban(
    access: Access,
    ids: Sequence[int],
    cell: wip_limits.Cell,
    *,
    before: int | None,
    after: int | None,
    by: Actor,
) -> tuple[list[dict[str, Any]], list[wip_limits.Excess]]:
    """Put stories at one place of a cell of the kanban board. Returns renumbered rows and exceeded WIP limits."""
    project_id, (status_id, swimlane_id) = access.project.id, cell
    lock(project_id)
    stories = locked(Kind.USERSTORY, project_id, ids)
    steps = [(story, story.status_id, status_id) for story in stories]
    transitions.ensure_allowed(access, Kind.USERSTORY, steps)
    exceeded = wip_limits.check(access.project, {story.pk: cell for story in stories})
    frozen = freeze_all(stories)
    rows = UserStory.objects.filter(project=project_id, status=status_id, swimlane=swimlane_id)
    orders, former = ordering.renumbered(rows, "kanban_order", ids, before=before, after=after)
    changing = [s.pk for s in stories if (s.status_id, s.swimlane_id) != (status_id, swimlane_id)]
    if changing:
        UserStory.objects.filter(pk__in=changing).update(status_id=status_id, swimlane_id=swimlane_id)
    ordering.store_renumbered(rows, "kanban_order", orders, former, after=after)
    closing.update_stories(changing, by=by)
    publish(move_changes(locked(Kind.USERSTORY, project_id, frozen), frozen, by))
    announce_rows(Kind.USERSTORY, project_id, list(orders), by)
    placed = [
        {"id": key, "swimlane": swimlane_id, "status": status_id, "kanban_order": order}
        for key, order in orders.items()
    ]
    return placed, exceeded


def move_to_sprint(
    kind: Kind,
    project_id: int,
    milestone_id: int,
    wanted: Sequence[tuple[int, int | None]],
    *,
    by: Actor,
    silently: bool = False,
) -> list[int]:
    """Put items into a sprint, with the order that is given for them, if any. Returns the items' ids.

    A `silent` move has no history entry of its own; the item's next entry includes it.
    """
    lock(project_id)
    items = locked(kind, project_id, [key for key, _order in wanted])
    frozen = freeze_all(items)
    sources = {item.milestone_id for item in items}
    ids = [item.pk for item in items]
    if silently:
        move_silently(WorkItem.objects.filter(pk__in=ids), milestone_id)
    else:
        WorkItem.objects.filter(pk__in=ids).update(milestone_id=milestone_id)
    if kind == Kind.USERSTORY:
        move_silently(WorkItem.objects.filter(user_story__in=ids), milestone_id)
    orders = order_in_sprint(kind, project_id, milestone_id, wanted)
    if not silently:
        publish(move_changes(locked(kind, project_id, ids), frozen, by))
    closing.update_milestones({*sources, milestone_id}, by=by)
    announce_rows(kind, project_id, list(orders) or ids, by)
    return ids


def move_silently(items: "QuerySet[WorkItem]", milestone_id: int) -> None:
    """Put items into a sprint without an entry in their history."""
    elsewhere = items.exclude(milestone_id=milestone_id)
    elsewhere.update(unrecorded=unrecorded.plus("milestone"), milestone_id=milestone_id)


SPRINT_COLUMN = {Kind.USERSTORY: "sprint_order", Kind.TASK: "taskboard_order"}


def order_in_sprint(kind: Kind, project_id: int, milestone_id: int, wanted: Sequence[tuple[int, int | None]]) -> Orders:
    """Apply algorithm S to the items of a sprint; the moved ones have the order they want."""
    column = SPRINT_COLUMN.get(kind)
    pairs = [(key, order) for key, order in wanted if order is not None]
    if column is None or not pairs:
        return {}
    rows = WorkItem.objects.filter(kind=kind, project_id=project_id, milestone_id=milestone_id)
    present = dict(rows.order_by(column, "id").values_list("id", column))
    orders = ordering.shifted({**present, **dict(pairs)}, pairs)
    ordering.store(WorkItem, column, ordering.changed(orders, present))
    return orders


def order_tasks(
    project_id: int, wanted: Sequence[tuple[int, int]], column: str, cell: dict[str, int], *, by: Actor
) -> Orders:
    """Apply algorithm S to the tasks of a cell of the taskboard. Returns the tasks whose order was written."""
    lock(project_id)
    rows = Task.objects.filter(project_id=project_id, **cell)
    base = dict(rows.order_by(column, "id").values_list("id", column))
    orders = ordering.shifted(base, wanted)
    ordering.store(WorkItem, column, ordering.changed(orders, base))
    announce_rows(Kind.TASK, project_id, list(orders), by)
    return orders


def lock(project_id: int) -> None:
    """Serialise the reordering of a project's boards."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_project SET last_change = last_change WHERE id = %s", [project_id])


def move_tasks(stories: Sequence[int], milestone_id: int | None, *, by: Actor) -> list[Change]:
    """Tasks follow their stories into a sprint."""
    if not stories:
        return []
    tasks = [task for task in Task.objects.filter(user_story__in=stories) if task.milestone_id != milestone_id]
    frozen = freeze_all(tasks)
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(milestone_id=milestone_id)
    for task in tasks:
        task.milestone_id = milestone_id
    return move_changes(tasks, frozen, by)


def freeze_all(items: Iterable[Any]) -> Frozen:
    """The items as they are before they are moved."""
    return {item.pk: unrecorded.last_recorded(item, freezing.freeze(item)) for item in items}


def move_changes(items: Iterable[Any], frozen: Frozen, by: Actor) -> list[Change]:
    """The changes of items that were moved; none for those that did not change."""
    changes = []
    for item in items:
        diff = difference(frozen[item.pk], freezing.freeze(item))
        if diff:
            hidden = diff.keys() <= freezing.ONLY_ORDER.get(item.type_key, frozenset())
            changes.append(
                change_of(item, ChangeType.CHANGE, by=by, diff=diff, is_hidden=hidden, context={"quiet": True})
            )
    unrecorded.forget(changes)
    return changes


def announce_rows(kind: Kind, project_id: int, ids: list[int], by: Actor) -> None:
    """Let open boards reload these rows."""
    announce(Announcement(project_id, SUBJECTS[kind], KINDS[kind].model.type_key, ids, by.session_id))
