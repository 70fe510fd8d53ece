"""When stories and sprints are closed. No other code sets their flags.

Users may set the flag of a sprint by hand; that lasts until an item of the sprint is saved.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from taiga.base import clock
from taiga.base.prepared import Ids, Param, Prepared
from taiga.changes.models import ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.models import Kind, Milestone, Task, UserStory, WorkItem
from taiga.projects.services import unrecorded

OPEN = Q(status__isnull=True) | Q(status__is_closed=False)
TASKS = Prepared(
    lambda: (
        WorkItem.objects.filter(user_story=Param("story"))
        .order_by()
        .values("user_story")
        .annotate(total=Count("id"), open=Count("id", filter=OPEN))
        .values_list("total", "open")
    )
)


def is_story_closed(story: WorkItem, status_is_closed: bool) -> bool:
    """Whether a story is closed: with tasks, when all of them are; without, when its status is."""
    if story.status_id is None:
        return False
    counts = TASKS.one(story=story.pk) if story.pk else None
    return counts[1] == 0 if counts else status_is_closed


def set_closed(story: WorkItem, status_is_closed: bool) -> None:
    """Set a story's flag and its finish date, without saving."""
    closed = is_story_closed(story, status_is_closed)
    if not closed:
        story.finished_date = None
    elif not story.is_closed:
        story.finished_date = clock.now()
    story.is_closed = closed


def update_stories(ids: Collection[int | None], *, by: Actor) -> list[int]:
    """Update the flags of stories whose tasks or statuses changed, in a constant number of queries; then those of their
    sprints.

    Returns the stories that were closed or reopened.
    """
    keys = [key for key in ids if key is not None]
    if not keys:
        return []
    tasks = Task.objects.filter(user_story=OuterRef("pk"))
    stories = UserStory.objects.filter(pk__in=keys).annotate(
        has_tasks=Exists(tasks), has_open_tasks=Exists(tasks.filter(OPEN)), status_closed=Q(status__is_closed=True)
    )
    to_close: list[int] = []
    to_reopen: list[int] = []
    sprints: set[int | None] = set()
    for story in stories:
        closed = story.status_id is not None and (
            not story.has_open_tasks if story.has_tasks else bool(story.status_closed)
        )
        if closed != story.is_closed:
            (to_close if closed else to_reopen).append(story.pk)
            sprints.add(story.milestone_id)
    now = clock.now()
    silent = {"unrecorded": unrecorded.plus("is_closed", "finish_date"), "modified_date": now}
    if to_close:
        UserStory.objects.filter(pk__in=to_close).update(is_closed=True, finished_date=now, **silent)
    if to_reopen:
        UserStory.objects.filter(pk__in=to_reopen).update(is_closed=False, finished_date=None, **silent)
    update_milestones(sprints, by=by)
    return [*to_close, *to_reopen]


def sprints() -> Any:
    """Sprints with whether they have any items, and any open ones. Tasks of stories do not count.

    Stories are looked at first: most sprints have an open one, and the index finds it at once.
    """
    items = WorkItem.objects.filter(milestone=OuterRef("pk")).order_by()
    stories = items.filter(kind=Kind.USERSTORY)
    others = items.filter(Q(kind=Kind.ISSUE) | Q(kind=Kind.TASK, user_story__isnull=True))
    states: dict[str, Any] = {
        "has_items": Exists(stories) | Exists(others),
        "has_undone": Exists(stories.filter(is_closed=False)) | Exists(others.filter(OPEN)),
    }
    found = Milestone.objects.filter(pk__among=Ids("ids")).order_by("id").annotate(**states)
    return found.values_list("id", "closed", *states)


SPRINTS = Prepared(sprints)


def update_milestones(ids: Iterable[int | None], *, by: Actor, only_close: bool = False) -> None:
    """Close the sprints that are done and reopen the others; with `only_close` (after a deletion) none is reopened."""
    keys = sorted({key for key in ids if key is not None})
    for key, closed, has_items, has_undone in SPRINTS.all(ids=keys) if keys else ():
        done = bool(has_items and not has_undone)
        if done != bool(closed) and (done or not only_close):
            Milestone.objects.filter(pk=key).update(closed=done)
            publish([automatic_change(Milestone.objects.get(pk=key), done, by)])


def automatic_change(milestone: Milestone, closed: bool, by: Actor) -> Any:
    """The hidden change of a sprint that its items closed or reopened: boards reload it, histories omit it."""
    return change_of(milestone, ChangeType.CHANGE, by=by, diff={"closed": [not closed, closed]}, is_hidden=True)
