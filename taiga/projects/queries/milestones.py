"""Sprints as the API shows them, with their points and stories."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet

from taiga.base import clock, sql
from taiga.base.prepared import Ids, Param, Prepared
from taiga.projects.models import Milestone, RolePoints, UserStory
from taiga.projects.permissions import Can
from taiga.projects.queries import filters, item_columns, rows, scopes
from taiga.projects.queries.filter_kinds import Filter, Flag, Slug, Variants
from taiga.projects.queries.workitems import Scope
from taiga.users import queries as people

Row = rows.Row
FILTERS: dict[str, Filter] = {
    one.name: one
    for one in [
        Slug("project__slug", "project__slug"),
        Flag("closed", "closed"),
        *filters.moments("created_date"),
        *filters.moments("modified_date"),
        *filters.moments("estimated_start", day=True),
        *filters.moments("estimated_finish", day=True),
    ]
}
ORDERS: dict[str, tuple[str, ...]] = {
    "project": ("project__name", "project"),
    **{name: (name,) for name in ("name", "estimated_start", "estimated_finish", "closed", "created_date")},
}
STORED = (
    *("id", "name", "slug", "owner", "project", "estimated_start", "estimated_finish", "created_date"),
    *("modified_date", "closed", "disponibility", "order"),
)
OF_PROJECT = ("project_name", "project_slug", "project_logo", "project_logo_format")
OF_STATUS = ("status_name", "status_color", "status_is_closed")


@dataclass(frozen=True)
class Table:
    """A compiled query, and the names of its columns."""

    names: tuple[str, ...]
    query: Prepared

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """The rows for these ids."""
        found = self.query.all(ids=list(ids)) if ids else []
        return [dict(zip(self.names, row, strict=True)) for row in found]


def chosen_from(columns: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Some of the columns of work items."""
    return {name: columns[name] for name in names}


def points(**only: Any) -> sql.Total:
    """The total points of a sprint's stories."""
    found = RolePoints.objects.filter(user_story__milestone=OuterRef("pk"), **only)
    return sql.Total(found.order_by().values(value=F("points__value")))


def table(found: "QuerySet[Any]", stored: Sequence[str], computed: dict[str, Any]) -> Table:
    """The query of rows with these columns."""
    aliased = {f"x_{name}": expression for name, expression in computed.items()}
    return Table((*stored, *computed), Prepared(lambda: found.annotate(**aliased).values_list(*stored, *aliased)))


@cache
def sprints() -> Table:
    """Sprints by their ids."""
    computed = {
        **chosen_from(item_columns.shared(), OF_PROJECT),
        "total_points": points(),
        "closed_points": points(user_story__is_closed=True),
    }
    return table(Milestone.objects.filter(pk__among=Ids("ids")).order_by(), STORED, computed)


STORY = (
    *("id", "ref", "subject", "milestone", "project", "status", "assigned_to", "created_date", "modified_date"),
    *("due_date", "due_date_reason", "client_requirement", "team_requirement", "external_reference", "version"),
    *("is_blocked", "blocked_note", "backlog_order", "sprint_order", "kanban_order", "is_closed"),
)


@cache
def stories() -> Table:
    """The stories of sprints, by the ids of these, in the order of the backlog."""
    computed = {
        **chosen_from(item_columns.shared(), (*OF_PROJECT, *OF_STATUS)),
        **chosen_from(item_columns.story_columns(), ("finish_date", "epics", "points", "total_points")),
    }
    found = UserStory.objects.filter(milestone__among=Ids("ids")).order_by("backlog_order", "ref")
    return table(found, STORY, computed)


def by_ids(ids: Sequence[int]) -> list[Row]:
    """The sprints with these ids, in their order; a constant number of queries for however many."""
    found = {row["id"]: row for row in sprints().rows(ids)}
    share = rows.SharedParts(None, {}, {}, clock.today())
    for row in found.values():
        row["project_extra_info"] = share.project(row)
        row["user_stories"] = []
        remove_columns(row, OF_PROJECT)
    nested = stories().rows(ids)
    share.cards = people.cards(story["assigned_to"] for story in nested)
    for story in nested:
        found[story["milestone"]]["user_stories"].append(finished(story, share))
    return [found[key] for key in ids if key in found]


def finished(story: Row, share: rows.SharedParts) -> Row:
    """A story as a sprint shows it."""
    story["project_extra_info"] = share.project(story)
    story["status_extra_info"] = share.status(story)
    story["assigned_to_extra_info"] = share.cards.get(story["assigned_to"])
    story["due_date_status"] = share.due(story)
    remove_columns(story, (*OF_PROJECT, *OF_STATUS))
    return story


def remove_columns(row: Row, names: Sequence[str]) -> None:
    """Remove columns that were only needed to compute others."""
    for name in names:
        del row[name]


@dataclass(frozen=True)
class Listing:
    """A list as requested."""

    scope: Scope
    variants: Variants
    values: dict[str, Any]
    order_by: str
    viewer: Any

    def count(self) -> int:
        """How many rows there are."""
        row = compiled(self.scope.name, self.variants, "").count.one(**self._values())
        return int(row[0]) if row else 0

    def page(self, limit: int | None, offset: int) -> list[Row]:
        """The rows of a page."""
        query = compiled(self.scope.name, self.variants, self.order_by).ids
        return by_ids([row[0] for row in query.all(limit=limit, offset=offset, **self._values())])

    def _values(self) -> dict[str, Any]:
        return {**self.values, "project": self.scope.project, "viewer": self.viewer.id}


@dataclass(frozen=True)
class Compiled:
    """The statements of one combination of filters and order."""

    ids: Prepared
    count: Prepared


@lru_cache(maxsize=256)
def compiled(scope: str, variants: Variants, order_by: str) -> Compiled:
    """The statements, made once for each combination."""

    def matching() -> "QuerySet[Any]":
        found = scopes.scoped(Milestone.objects.order_by(), scope, Can.VIEW_MILESTONES)
        return filters.narrowed(found, FILTERS, variants)

    return Compiled(
        ids=Prepared(lambda: matching().order_by(*terms(order_by)).values_list("id")),
        count=Prepared(lambda: sql.counted(matching())),
    )


def terms(order_by: str) -> tuple[str, ...]:
    """The requested order, else the latest start first; ties by descending id."""
    sign = "-" if order_by.startswith("-") else ""
    paths = ORDERS.get(order_by.removeprefix("-"))
    return (*(f"{sign}{path}" for path in paths), "-id") if paths else ("-estimated_start", "-id")


TOTALS = Prepared(
    lambda: (
        Milestone.objects.filter(project=Param("project"))
        .order_by()
        .values("project")
        .annotate(opened=Count("id", filter=Q(closed=False)), done=Count("id", filter=Q(closed=True)))
        .values_list("opened", "done")
    )
)


def totals(project_id: int) -> tuple[int, int]:
    """The numbers of open and closed sprints of a project."""
    row = TOTALS.one(project=project_id)
    return (row[0], row[1]) if row else (0, 0)
