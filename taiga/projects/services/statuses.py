"""What follows for items when a status is created, edited or replaced."""

from collections.abc import Collection
from itertools import count
from typing import Any

from django.db.models import F

from taiga.base import clock
from taiga.base.slugs import slugify, unique_slug
from taiga.changes.record import Actor
from taiga.projects.models import Issue, ModulesConfig, Status, Task, UserStory
from taiga.projects.services import attributes, closing, ordering

Values = dict[str, Any]


def set_slug(status: Status) -> None:
    """Before a status is saved: its slug follows its name."""
    others = Status.objects.filter(project_id=status.project_id, kind=status.kind).exclude(pk=status.pk)
    taken = set(others.values_list("slug", flat=True))
    status.slug = unique_slug(slugify(status.name) or "null", taken, max_length=255)


def story_status_edited(status: Any, diff: Values, by: Actor) -> None:
    """After `is_closed` of a story status changed: close or reopen its stories."""
    if "is_closed" in diff:
        close_or_reopen_stories(status.project_id, stories_in(status), by)


def task_status_edited(status: Any, diff: Values, by: Actor) -> None:
    """After `is_closed` of a task status changed: close or reopen the stories of its tasks."""
    if "is_closed" in diff:
        stories = Task.objects.filter(status=status.pk, user_story__isnull=False).order_by()
        close_or_reopen_stories(status.project_id, set(stories.values_list("user_story_id", flat=True)), by)


def story_status_replaced(status: Any, to: Any, ids: list[int], by: Actor) -> None:
    """After a story status was replaced: close or reopen its stories."""
    if status.is_closed != to.is_closed:
        close_or_reopen_stories(status.project_id, ids, by)


def task_status_replaced(status: Any, to: Any, ids: list[int], by: Actor) -> None:
    """After a task status was replaced: update finish dates, stories and sprints."""
    if status.is_closed == to.is_closed:
        return
    set_finished_dates(Task, ids, is_closed=to.is_closed)
    rows: Any = Task.objects.filter(pk__among=ids).order_by().values_list("user_story_id", "milestone_id")
    close_or_reopen_stories(status.project_id, {story for story, _sprint in rows if story is not None}, by)
    closing.update_milestones({sprint for story, sprint in rows if story is None}, by=by)


def issue_status_replaced(status: Any, to: Any, ids: list[int], by: Actor) -> None:
    """After an issue status was replaced: update finish dates, sprints and integrations."""
    redirect_integrations(status, to)
    if status.is_closed == to.is_closed:
        return
    set_finished_dates(Issue, ids, is_closed=to.is_closed)
    sprints = Issue.objects.filter(pk__among=ids).order_by().values_list("milestone_id", flat=True)
    closing.update_milestones(set(sprints), by=by)


def redirect_integrations(status: Any, to: Any) -> None:
    """Let integrations close issues with the status that replaces the one they used."""
    modules = ModulesConfig.objects.select_for_update().filter(project_id=status.project_id).first()
    if modules is None or not isinstance(modules.config, dict):
        return
    sections = [section for section in modules.config.values() if isinstance(section, dict)]
    stale = [section for section in sections if section.get("close_status") == status.pk]
    for section in stale:
        section["close_status"] = to.pk
    if stale:
        modules.save(update_fields=["config"])


def stories_in(status: Any) -> list[int]:
    """The ids of the stories in a status."""
    return list(UserStory.objects.filter(status=status.pk).order_by().values_list("pk", flat=True))


def close_or_reopen_stories(project_id: int, ids: Collection[int | None], by: Actor) -> None:
    """Close or reopen stories and their sprints, and let boards reload them."""
    changed = closing.update_stories(ids, by=by)
    attributes.announce_items(UserStory, project_id, changed, by)


def set_finished_dates(model: Any, ids: list[int], *, is_closed: bool) -> None:
    """Set or clear the date on which items were finished."""
    items = model.objects.filter(pk__among=ids)
    if is_closed:
        items.filter(finished_date=None).update(finished_date=clock.now())
    else:
        items.update(finished_date=None)


def append_stories(status: Any, to: Any, by: Actor) -> None:
    """Before a story status is replaced: put its stories after those of the new status, lane by lane."""
    lanes = (F("swimlane__order").asc(nulls_last=True), "swimlane__name", "kanban_order", "pk")
    stories = UserStory.objects.filter(status=status.pk).order_by(*lanes).values_list("pk", flat=True)
    ordering.store(UserStory, "kanban_order", dict(zip(stories, count(clock.microseconds()), strict=False)))
