"""What is special about tasks: they are in the sprint of their story, and may close it."""

from typing import Any

from django.db.models import QuerySet

from taiga.base import clock
from taiga.base.prepared import Param, Prepared
from taiga.changes.record import Announcement, announce
from taiga.projects.models import Task, UserStory, WorkItem
from taiga.projects.services import closing, origins, statuses
from taiga.projects.services.finishing import set_finished_date
from taiga.projects.services.ordering import Orders, changed, make_room, shifted, store
from taiga.projects.services.saving import Saving

SPRINT = Prepared(lambda: UserStory.objects.filter(pk=Param("id")).order_by().values_list("milestone_id"))


def before_save(saving: Saving) -> None:
    """Before the task is saved."""
    task = saving.item
    if saving.before is None:
        now = clock.milliseconds()
        task.us_order = saving.values.get("us_order", now)
        task.taskboard_order = saving.values.get("taskboard_order", now)
    if task.user_story_id is not None:
        row = SPRINT.one(id=task.user_story_id)
        if row is not None and row[0] != task.milestone_id:
            task.milestone_id = row[0]
    set_finished_date(saving)


def after_save(saving: Saving) -> None:
    """After the task is saved: the orders of others, its stories, its sprints."""
    task = saving.item
    if saving.before is not None:
        reorder_others(saving)
    if saving.before is None or saving.changed("status_id", "user_story_id"):
        stories = {task.user_story_id, saving.loaded["user_story_id"]}
        statuses.close_or_reopen_stories(task.project_id, stories, saving.by)
    closing.update_milestones({task.milestone_id, saving.loaded["milestone_id"]}, by=saving.by)


def after_delete(saving: Saving) -> None:
    """After the task is gone."""
    statuses.close_or_reopen_stories(saving.item.project_id, [saving.item.user_story_id], saving.by)
    closing.update_milestones([saving.item.milestone_id], only_close=True, by=saving.by)


def reorder_others(saving: Saving) -> None:
    """Make room among the other tasks when the task gets another order."""
    task = saving.item
    in_story = saving.changed("us_order", "user_story_id", "project_id")
    on_board = saving.changed("taskboard_order", "user_story_id", "status_id", "project_id")
    if not in_story and not on_board:
        return
    tasks = Task.objects.filter(project_id=task.project_id)
    if task.user_story_id:
        tasks = tasks.filter(user_story_id=task.user_story_id)
    if in_story:
        saving.orders |= reorder_list(saving, tasks, "us_order")
    if on_board:
        cell = {"status_id": task.status_id, "milestone_id": task.milestone_id}
        board = tasks.filter(**{name: value for name, value in cell.items() if value})
        saving.orders |= reorder_list(saving, board, "taskboard_order")
    announce(Announcement(task.project_id, "tasks", Task.type_key, list(saving.orders), saving.by.session_id))


def reorder_list(saving: Saving, rows: "QuerySet[Any]", column: str) -> Orders:
    """Reorder a list for one saved row and those of the header `set-orders`. Returns the written orders."""
    item, other_orders = saving.item, saving.other_orders()
    if not other_orders:
        return {item.pk: getattr(item, column), **make_room(rows, column, item)}
    base = dict(rows.order_by().values_list("pk", column))
    moved = shifted(base, [(item.pk, getattr(item, column)), *other_orders.items()])
    store(WorkItem, column, changed(moved, base))
    return moved


def snapshot_extras(task: WorkItem) -> dict[str, Any]:
    """What the history remembers of a task besides its columns."""
    return {"promoted_to": origins.stories_of(task)}
