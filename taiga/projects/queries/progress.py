"""The progress of epics."""

from typing import Any

from django.db.models import Count, Q

from taiga.base.prepared import Ids, Prepared
from taiga.projects.models import RelatedUserStory

STORIES_OF_EPICS = Prepared(
    lambda: (
        RelatedUserStory.objects.filter(epic__among=Ids("ids"))
        .order_by()
        .values("id", "epic_id", "user_story__is_closed")
        .annotate(
            total=Count("user_story__tasks"),
            closed=Count("user_story__tasks", filter=Q(user_story__tasks__status__is_closed=True)),
        )
        .values_list("epic_id", "user_story__is_closed", "total", "closed")
    )
)


def add_progress(epics: list[dict[str, Any]]) -> None:
    """Add `user_stories_counts`: the number of stories, and how much of them is done (a sum of parts, not a ratio)."""
    parts: dict[int, list[float]] = {row["id"]: [] for row in epics}
    for epic, is_closed, total, closed in STORIES_OF_EPICS.all(ids=list(parts)) if parts else ():
        parts[epic].append(1 if is_closed else closed / total if total else 0)
    for row in epics:
        done = parts[row["id"]]
        row["user_stories_counts"] = {"total": len(done), "progress": sum(done) if done else None}
