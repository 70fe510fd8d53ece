"""Statistics of a sprint: its points by role, how many are done, and what was open on each day."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from taiga.projects.models import Milestone, RolePoints, Task, UserStory

Row = dict[str, Any]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Story:
    """A story of the sprint: its points by role, and whether it is done."""

    id: int
    is_closed: bool
    finished: datetime | None
    points: dict[int, float]

    @property
    def total(self) -> float:
        """Its total points."""
        return sum(self.points.values())


def stats(milestone: Milestone) -> Row:
    """All statistics, from three queries."""
    stories = stories_of(milestone)
    # by ids: with a join the database would look up the stories of all tasks of all projects
    theirs = Q(milestone=milestone) | Q(user_story__among=[story.id for story in stories])
    tasks = list(Task.objects.filter(theirs).select_related("status").order_by("pk"))
    own = [task for task in tasks if task.milestone_id == milestone.pk]
    total = by_role(stories)
    return {
        "name": milestone.name,
        "estimated_start": milestone.estimated_start,
        "estimated_finish": milestone.estimated_finish,
        "total_points": {str(role): points for role, points in total.items()},
        "completed_points": list(by_role([story for story in stories if story.is_closed]).values()),
        "total_userstories": len(stories),
        "completed_userstories": sum(story.is_closed for story in stories),
        "total_tasks": len(own),
        "completed_tasks": sum(task.status is not None and task.status.is_closed for task in own),
        "iocaine_doses": sum(task.is_iocaine for task in own),
        "days": days(milestone, sum(total.values()), done_by_day(stories, tasks)),
    }


def stories_of(milestone: Milestone) -> list[Story]:
    """The stories of a sprint, in the order of the backlog."""
    columns = ("user_story_id", "role_id", "points__value")
    estimates = RolePoints.objects.filter(user_story__milestone=milestone).order_by("user_story_id", "role_id")
    points: dict[int, dict[int, float]] = {}
    for story, role, value in estimates.values_list(*columns):
        points.setdefault(story, {})[role] = value or 0
    rows = UserStory.objects.filter(milestone=milestone).order_by("backlog_order", "ref")
    return [Story(*row, points=points.get(row[0], {})) for row in rows.values_list("id", "is_closed", "finished_date")]


def by_role(stories: list[Story]) -> dict[int, float]:
    """The points of each role that has any, in the order in which roles first occur."""
    sums: dict[int, float] = {}
    for story in stories:
        for role, points in story.points.items():
            if points:
                sums[role] = sums.get(role, 0) + points
    return {role: points for role, points in sums.items() if points}


def done_by_day(stories: list[Story], tasks: list[Any]) -> dict[date, float]:
    """The points done on each day: a story without tasks counts at once, others in equal parts with each of their
    tasks.
    """
    sizes = Counter(task.user_story_id for task in tasks)
    done: dict[date, float] = defaultdict(float)
    for story in stories:
        if not sizes[story.id] and story.finished is not None:
            done[story.finished.date()] += story.total
    totals = {story.id: story.total for story in stories}
    for task in tasks:
        if task.user_story_id in totals and task.finished_date is not None:
            done[task.finished_date.date()] += totals[task.user_story_id] / sizes[task.user_story_id]
    return done


def days(milestone: Milestone, total: float, done: dict[date, float]) -> list[Row]:
    """Every day of the sprint. What was done before the sprint counts on its first day."""
    start, finish = milestone.estimated_start, milestone.estimated_finish
    span = (finish - start).days
    step = total / span if span else 0
    opened, ideal = total - sum(points for day, points in done.items() if day < start), total
    result = []
    for offset in range(span + 1):
        day = start + offset * DAY
        opened -= done.get(day, 0)
        result.append({"day": day, "name": day.day, "open_points": opened, "optimal_points": ideal})
        ideal -= step
    return result
