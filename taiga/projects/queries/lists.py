"""Lists of rows that belong to projects: of one project, or of all that the viewer sees. Each is compiled once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from taiga.base import sql
from taiga.base.prepared import Param, Prepared, Row
from taiga.projects.permissions import Access, Can
from taiga.projects.queries import scopes
from taiga.projects.queries.workitems import Scope


@dataclass(frozen=True)
class Statements:
    """The compiled statements of one kind of list."""

    rows: Prepared
    count: Prepared


class ProjectRows:
    """The rows of a model, as `with_columns` picks their columns, in an order."""

    def __init__(
        self, model: Any, shown: Callable[[Any], Any], order: Sequence[Any], view: Can = Can.VIEW_PROJECT
    ) -> None:
        self.model = model
        self.with_columns = shown
        self.order = order
        self.view = view
        self.compiled: dict[tuple[str, ...], Statements] = {}
        self.lock = Lock()

    def listing(self, viewer: Any, project: int | None, access: Access | None, **filters: int | None) -> "Listing":
        """The list as requested; filters are columns, None where not used."""
        values = {name: value for name, value in filters.items() if value is not None}
        return Listing(self, scopes.scope_of(viewer, project, access, self.view), viewer, values)

    def statements(self, scope: str, filters: Sequence[str]) -> Statements:
        """The statements of a scope and its filters."""
        key = (scope, *filters)
        with self.lock:
            if key not in self.compiled:
                self.compiled[key] = Statements(
                    Prepared(lambda: self.with_columns(self.matching(scope, filters).order_by(*self.order))),
                    Prepared(lambda: sql.counted(self.matching(scope, filters))),
                )
            return self.compiled[key]

    def matching(self, scope: str, filters: Sequence[str]) -> "QuerySet[Any]":
        """The rows that match the filters."""
        rows = self.model.objects.filter(**{name: Param(name) for name in filters}).order_by()
        return scopes.scoped(rows, scope, self.view)


@dataclass(frozen=True)
class Listing:
    """A list as requested; without a scope the viewer sees none of its rows."""

    rows: ProjectRows
    scope: Scope | None
    viewer: Any
    filters: dict[str, int]

    def count(self) -> int:
        """How many rows there are."""
        found = self._statements(self.scope).count.one(**self._values(self.scope)) if self.scope else None
        return int(found[0]) if found else 0

    def page(self, limit: int | None, offset: int) -> list[Row]:
        """Some of the rows."""
        if self.scope is None:
            return []
        return self._statements(self.scope).rows.all(limit=limit, offset=offset, **self._values(self.scope))

    def _statements(self, scope: Scope) -> Statements:
        return self.rows.statements(scope.name, sorted(self.filters))

    def _values(self, scope: Scope) -> dict[str, Any]:
        return {"viewer": self.viewer.id, "project": scope.project, **self.filters}
