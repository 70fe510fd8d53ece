"""The points of a project: in total, done, and the burndown by sprint."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext

from taiga.base import errors
from taiga.projects.models import Milestone, Project, RolePoints

Row = dict[str, Any]
Sums = dict[str, float]


@dataclass
class Points:
    """The sums of one kind of points: in all, and by role."""

    total: float = 0
    per_role: Sums = field(default_factory=dict)

    def add(self, role: int, value: float) -> None:
        """Add points of a role; also zero points."""
        self.total += value
        self.per_role[str(role)] = self.per_role.get(str(role), 0) + value


def of(project_id: int) -> Row:
    """All statistics."""
    columns = "name", "total_milestones", "total_story_points"
    project = errors.still_there(Project.objects.only(*columns).filter(pk=project_id))
    sprints = list(Milestone.objects.filter(project_id=project_id).order_by("estimated_start", "id"))
    defined, closed, assigned = Points(), Points(), Points()
    done: dict[int | None, float] = {}
    within: dict[int | None, float] = {}
    for role, is_closed, sprint, value in sums(estimated(project_id)):
        defined.add(role, value)
        within[sprint] = within.get(sprint, 0) + value
        if is_closed:
            closed.add(role, value)
            done[sprint] = done.get(sprint, 0) + value
        if sprint is not None:
            assigned.add(role, value)
    ended = [sprint.pk for sprint in sprints if sprint.closed]
    scale = Scale(project.total_story_points or defined.total, project.total_milestones or len(sprints))
    return {
        "name": project.name,
        "total_milestones": project.total_milestones,
        "total_points": project.total_story_points,
        "closed_points": closed.total,
        "closed_points_per_role": closed.per_role,
        "defined_points": defined.total,
        "defined_points_per_role": defined.per_role,
        "assigned_points": assigned.total,
        "assigned_points_per_role": assigned.per_role,
        "milestones": list(burndown(sprints, scale, done, increments(project_id, sprints))),
        "speed": sum(within.get(key, 0) for key in ended) / len(ended) if ended else 0,
    }


def estimated(project_id: int) -> "QuerySet[RolePoints]":
    """The estimates that are known."""
    return RolePoints.objects.filter(user_story__project_id=project_id, points__value__isnull=False).order_by()


def sums(rows: "QuerySet[RolePoints]") -> Any:
    """Points by role, by whether the story is closed, and by sprint."""
    groups = ("role_id", "user_story__is_closed", "user_story__milestone_id")
    return rows.values(*groups).annotate(value=Sum("points__value")).values_list(*groups, "value")


@dataclass(frozen=True)
class Scale:
    """The total points, and the number of sprints to do them in."""

    points: float
    sprints: int

    @property
    def step(self) -> float:
        """The ideal number of points per sprint."""
        return self.points / self.sprints if self.points and self.sprints else 0


@dataclass
class Increment:
    """Points that the team or the client added while the project was running."""

    team: float = 0
    client: float = 0

    def add(self, other: "Increment") -> None:
        """Add the points of another increment."""
        self.team += other.team
        self.client += other.client


def increments(project_id: int, sprints: list[Milestone]) -> list[Increment]:
    """The points added in each sprint; the last entry is for other times."""
    added = [Increment() for _place in range(len(sprints) + 1)]
    flags = ("user_story__team_requirement", "user_story__client_requirement")
    rows = estimated(project_id).filter(Q(**{flags[0]: True}) | Q(**{flags[1]: True}))
    days = rows.annotate(day=TruncDate("user_story__created_date")).values("day", *flags)
    for day, team, client, value in days.annotate(value=Sum("points__value")).values_list("day", *flags, "value"):
        share = value / 2 if team and client else value
        added[place_of(day, sprints)].add(Increment(share if team else 0, share if client else 0))
    return added


def place_of(day: date, sprints: list[Milestone]) -> int:
    """The index of the first sprint that includes a day; if there is none, the number of sprints."""
    running = (place for place, one in enumerate(sprints) if one.estimated_start <= day < one.estimated_finish)
    return next(running, len(sprints))


def burndown(
    sprints: list[Milestone], scale: Scale, done: dict[int | None, float], added: list[Increment]
) -> Iterable[Row]:
    """One entry for each sprint, including merely planned ones, and one for the end of the project."""
    count = max(len(sprints), scale.sprints)
    optimal, left, sum_of = scale.points if count else 0, scale.points, Increment()
    for place in range(count):
        is_future = place >= len(sprints)
        if place == len(sprints):
            sum_of.add(added[-1])
        name = gettext("Future sprint") if is_future else sprints[place].name
        yield entry(name, optimal, left if place <= len(sprints) else None, sum_of)
        if not is_future:
            left -= done.get(sprints[place].pk, 0)
            sum_of.add(added[place])
        optimal -= scale.step
    is_known = count == len(sprints) and scale.points
    yield entry(gettext("Project End"), optimal, left if is_known else None, sum_of)


def entry(name: str, optimal: float, evolution: float | None, added: Increment) -> Row:
    """One point of the chart."""
    return {
        "name": name,
        "optimal": optimal,
        "evolution": evolution,
        "team-increment": added.team,
        "client-increment": added.client,
    }
