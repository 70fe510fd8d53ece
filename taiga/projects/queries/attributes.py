"""Values of a project's lists, as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import QuerySet

from taiga.base import clock, sql
from taiga.base.prepared import Prepared
from taiga.projects.permissions import Can
from taiga.projects.queries import scopes
from taiga.projects.queries.rows import translated
from taiga.projects.queries.workitems import Scope

Row = dict[str, Any]
Columns = tuple[str, ...]


@dataclass(frozen=True)
class Statements:
    """The compiled statements of one model's list within one scope."""

    rows: Prepared
    count: Prepared


@cache
def statements(model: Any, columns: Columns, scope: str) -> Statements:
    """The statements, compiled once."""
    order = ("order", "name") if scope == "project" else ("project__name", "project", "order", "name")

    def visible() -> "QuerySet[Any]":
        return scopes.scoped(model.objects.order_by(), scope, Can.VIEW_PROJECT)

    return Statements(
        rows=Prepared(lambda: visible().order_by(*order).values_list(*columns)),
        count=Prepared(lambda: sql.counted(visible())),
    )


@dataclass(frozen=True)
class Listing:
    """A list as requested."""

    model: Any
    columns: Columns
    scope: Scope
    viewer: Any

    def count(self) -> int:
        """How many rows there are."""
        row = self._statements.count.one(project=self.scope.project, viewer=self.viewer.id)
        return int(row[0]) if row else 0

    def page(self, limit: int | None, offset: int) -> Sequence[Any]:
        """The rows of a page."""
        return self._statements.rows.all(limit=limit, offset=offset, project=self.scope.project, viewer=self.viewer.id)

    def serialized(self, rows: Sequence[Any]) -> list[Row]:
        """The rows as the API shows them."""
        return [with_translated_name(dict(zip(self.columns, row, strict=True))) for row in rows]

    @property
    def _statements(self) -> Statements:
        return statements(self.model, self.columns, self.scope.name)


def with_translated_name(row: Row) -> Row:
    """The row, with its name translated."""
    row["name"] = translated(row["name"])
    return row


def serialized(found: Any, columns: Columns) -> Row:
    """A loaded value, as its list would show it."""
    return with_translated_name(
        {name: column_value(getattr(found, type(found)._meta.get_field(name).attname)) for name in columns}
    )


def column_value(value: Any) -> Any:
    """A column of an object, as the API shows it."""
    return clock.stamp(value) if isinstance(value, datetime) else value
