"""Silent changes: those of many items at once that get no history entry; the next entry of each item includes them.

`rows.update(unrecorded=plus("swimlane"), swimlane=lane)` keeps the value of a field that the history knows, unless one
is kept already (decision 0016).
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Expression, F, JSONField

from taiga.changes.record import Recorder
from taiga.projects.models import Kind, WorkItem
from taiga.projects.services import custom_values

COLUMNS = {
    "status": "status_id",
    "swimlane": "swimlane_id",
    "milestone": "milestone_id",
    "user_story": "user_story_id",
    "finish_date": "finished_date",
}
POSTGRESQL = {"finish_date": "COALESCE(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00', 'None')"}
SQLITE = {
    "tags": "json({})",
    "is_closed": "json(iif({}, 'true', 'false'))",
    "finish_date": "COALESCE(substr({} || '.000000', 1, 26) || '+00:00', 'None')",
}
"""SQL for columns whose form in the history differs from the database's JSON."""


class WithPresentValues(Expression):
    """An expression: `unrecorded` plus the present values of columns, by field name."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(output_field=JSONField())
        self.fields = fields
        self.columns: list[Any] = [F(COLUMNS.get(field, field)) for field in fields]

    def get_source_expressions(self) -> list[Any]:
        return self.columns

    def set_source_expressions(self, exprs: Any) -> None:
        self.columns = exprs

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        pairs = [f"'{field}', {value}" for field, value in self.fields_in_sql(compiler, POSTGRESQL)]
        return f"(jsonb_build_object({', '.join(pairs)}) || COALESCE(unrecorded, '{{}}'::jsonb))", []

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        pairs = [f"'$.{field}', {value}" for field, value in self.fields_in_sql(compiler, SQLITE)]
        return f"json_insert(COALESCE(unrecorded, '{{}}'), {', '.join(pairs)})", []

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sqlite(compiler, connection)

    def fields_in_sql(self, compiler: Any, forms: dict[str, str]) -> list[tuple[str, str]]:
        """The fields with their columns in SQL."""
        columns = [compiler.compile(column)[0] for column in self.columns]
        return [(field, forms.get(field, "{}").format(sql)) for field, sql in zip(self.fields, columns, strict=True)]


def plus(*fields: str) -> WithPresentValues:
    """The expression to update `unrecorded` with."""
    return WithPresentValues(fields)


def add(item: WorkItem, field: str, value: Any) -> None:
    """The same for a field that is not a column. Does not save the item."""
    item.unrecorded = {field: value, **(item.unrecorded or {})}


def last_recorded(item: Any, frozen: dict[str, Any]) -> dict[str, Any]:
    """The frozen item, as the history knows it."""
    return {**frozen, **{name: value for name, value in (item.unrecorded or {}).items() if name in frozen}}


def consume(item: WorkItem, frozen: dict[str, Any], changed: Collection[str], recorder: Recorder) -> dict[str, Any]:
    """The same for a change whose entry will include the silent ones, which are then forgotten. Does not save the item.

    The sprint of a task that followed its story is not attributed to the author of the change. Files stay unrecorded
    until one of them changes, since their order alone gets no entry.
    """
    pending = item.unrecorded or {}
    before = last_recorded(item, frozen)
    if item.kind == Kind.TASK and "milestone" not in changed and "user_story" not in changed:
        before["milestone"] = frozen["milestone"]
    if "custom_attributes" in pending:
        recorder.add_diff("custom_attributes", pending["custom_attributes"], custom_values.frozen(item))
    item.unrecorded = {name: pending[name] for name in ("attachments",) if name in pending} or None
    return before
