"""The filters of work items: one table for each kind."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from taiga.projects.models import Kind
from taiga.projects.queries.filter_kinds import (
    AnyOf,
    AssignedUsers,
    Filter,
    Flag,
    FullText,
    InEpics,
    InOwnProjects,
    OneValue,
    Roles,
    Slug,
    Tags,
    Variants,
    Watchers,
    When,
)

OPERATORS = ("", "lt", "lte", "gt", "gte")


def moments(name: str, path: str = "", *, day: bool = False) -> list[Filter]:
    """The five filters of one date."""
    return [When(f"{name}__{op}" if op else name, path or name, operator=op, day=day) for op in OPERATORS]


def with_exclude(name: str, path: str, cls: type[AnyOf] = AnyOf, **more: Any) -> list[Filter]:
    """A filter and its `exclude_`."""
    return [cls(name, path, **more), cls(f"exclude_{name}", path, exclude=True, **more)]


def shared() -> list[Filter]:
    """The filters of every kind."""
    return [
        OneValue("project", "project"),
        Slug("project__slug", "project__slug"),
        *with_exclude("status", "status"),
        Flag("status__is_closed", "status__is_closed"),
        *with_exclude("assigned_to", "assigned_to"),
        *with_exclude("owner", "owner"),
        Tags("tags"),
        Tags("exclude_tags", exclude=True),
        Watchers("watchers"),
        FullText("q"),
        *moments("created_date"),
        *moments("modified_date"),
    ]


def sprint_dates() -> list[Filter]:
    """The dates of the sprint."""
    return [
        *moments("milestone__estimated_start", day=True),
        *moments("milestone__estimated_finish", day=True),
    ]


FILTERS: dict[Kind, dict[str, Filter]] = {
    kind: {one.name: one for one in [*shared(), *more]}
    for kind, more in {
        Kind.EPIC: [],
        Kind.USERSTORY: [
            Flag("status__is_archived", "status__is_archived"),
            Flag("is_closed", "is_closed"),
            *with_exclude("assigned_users", "", AssignedUsers),
            *with_exclude("role", "", Roles, stories=True),
            *moments("finish_date", "finished_date"),
            *sprint_dates(),
            OneValue("milestone", "milestone"),
            Flag("milestone__isnull", "milestone", isnull=True),
            *with_exclude("epic", "", InEpics),
            *with_exclude("swimlane", "swimlane"),
            AnyOf("swimnlane", "swimlane"),
            InOwnProjects("dashboard"),
        ],
        Kind.TASK: [
            *with_exclude("role", "", Roles),
            *moments("finished_date"),
            *sprint_dates(),
            OneValue("milestone", "milestone"),
            OneValue("user_story", "user_story"),
        ],
        Kind.ISSUE: [
            *with_exclude("role", "", Roles),
            *moments("finished_date"),
            OneValue("milestone", "milestone"),
            *with_exclude("type", "type"),
            *with_exclude("severity", "severity"),
            *with_exclude("priority", "priority"),
        ],
    }.items()
}


@dataclass(frozen=True)
class Chosen:
    """The filters of one request: their variants and values."""

    kind: Kind
    variants: tuple[tuple[str, str], ...]
    values: dict[str, Any]

    def without(self, *names: str) -> "Chosen":
        """The same without some filters."""
        kept = tuple(pair for pair in self.variants if pair[0] not in names)
        values = {name: value for name, value in self.values.items() if name not in names}
        return Chosen(self.kind, kept, values)


def chosen(kind: Kind, query: dict[str, str]) -> Chosen:
    """The filters that the parameters of a request choose. Raises BadRequest."""
    return Chosen(kind, *read(FILTERS[kind], query))


def read(table: dict[str, Filter], query: dict[str, str]) -> tuple[Variants, dict[str, Any]]:
    """The variants and values of the filters that a request uses. Raises BadRequest."""
    variants, values = [], {}
    for name, text in query.items():
        filter_ = table.get(name)
        parsed = filter_.read(text) if filter_ else None
        if parsed:
            variants.append((name, parsed[0]))
            values.update(parsed[1])
    return tuple(sorted(variants)), values


def applied(rows: "QuerySet[Any]", kind: Kind, variants: Variants, *, anywhere: bool = False) -> "QuerySet[Any]":
    """The rows that match the filters; `anywhere` for lists over all projects."""
    return narrowed(rows, FILTERS[kind], variants, anywhere=anywhere)


def narrowed(
    rows: "QuerySet[Any]", table: dict[str, Filter], variants: Variants, *, anywhere: bool = False
) -> "QuerySet[Any]":
    """The rows that match the filters of a table."""
    for name, variant in variants:
        filter_ = table[name]
        rows = rows.filter(filter_.anywhere(variant) if anywhere else filter_.condition(variant))
    return rows
