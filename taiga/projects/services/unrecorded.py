"""Silent changes: those of many items at once that get no history entry; the next entry of each item includes them.

`rows.update(unrecorded=plus("swimlane"), swimlane=lane)` keeps the value of a field that the history knows, unless one
is kept already (decision 0016).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Expression, F, JSONField

from taiga.base import writes
from taiga.base.database import is_postgres
from taiga.changes.models import Change
from taiga.changes.record import difference
from taiga.projects.models import Kind, WorkItem
from taiga.projects.services import freezing

COLUMNS = {
    "status": "status_id",
    "swimlane": "swimlane_id",
    "milestone": "milestone_id",
    "user_story": "user_story_id",
    "finish_date": "finished_date",
    "points": "id",
}
ESTIMATES = "(SELECT {}(CAST(role_id AS TEXT), points_id) FROM projects_rolepoints WHERE user_story_id = {{}})"
POSTGRESQL = {
    "finish_date": "COALESCE(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00', 'None')",
    "points": f"COALESCE({ESTIMATES.format('jsonb_object_agg')}, '{{{{}}}}'::jsonb)",
}
SQLITE = {
    "points": f"json({ESTIMATES.format('json_group_object')})",
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

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        forms = POSTGRESQL if is_postgres() else SQLITE
        columns = [compiler.compile(column)[0] for column in self.columns]
        return merged(
            {field: forms.get(field, "{}").format(sql) for field, sql in zip(self.fields, columns, strict=True)}
        ), []


def merged(values: Mapping[str, str]) -> str:
    """SQL: `unrecorded` plus fields that it does not have yet, with their values in SQL."""
    if is_postgres():
        pairs = ", ".join(f"'{field}', {value}" for field, value in values.items())
        added = f"jsonb_build_object({pairs}) || COALESCE(unrecorded, '{{}}'::jsonb)"
        return f"CASE WHEN unrecorded ?& ARRAY[{quoted(values)}] THEN unrecorded ELSE {added} END"
    pairs = ", ".join(f"'$.{field}', {value}" for field, value in values.items())
    return f"json_insert(COALESCE(unrecorded, '{{}}'), {pairs})"


class Without(Expression):
    """An expression: `unrecorded` without some fields."""

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(output_field=JSONField())
        self.fields = fields

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if is_postgres():
            return f"NULLIF(unrecorded - ARRAY[{quoted(self.fields)}], '{{}}'::jsonb)", []
        return f"NULLIF(json_remove(unrecorded, {quoted(f'$.{field}' for field in self.fields)}), '{{}}')", []


def quoted(names: Iterable[str]) -> str:
    """Names as SQL constants."""
    return ", ".join(f"'{name}'" for name in names)


def plus(*fields: str) -> WithPresentValues:
    """The expression to update `unrecorded` with."""
    return WithPresentValues(fields)


def forget(changes: Sequence[Change]) -> None:
    """Note that what had changed silently in the columns of some items of one kind is part of these changes."""
    if changes:
        fields = [name for name, _column, _form in freezing.FIELDS[changes[0].kind]]
        WorkItem.objects.filter(pk__in=[change.object_id for change in changes]).update(unrecorded=Without(fields))


def add(item: WorkItem, field: str, value: Any) -> None:
    """Keep the recorded value of a field that is not a column. Does not save the item."""
    item.unrecorded = {field: value, **(item.unrecorded or {})}


def last_recorded(item: Any, frozen: dict[str, Any]) -> dict[str, Any]:
    """The frozen item, as the history knows it."""
    return {**frozen, **{name: value for name, value in (item.unrecorded or {}).items() if name in frozen}}


def silent_diff(item: Any) -> dict[str, Any]:
    """What has changed silently since the last entry of an item, as a diff of the fields that are columns.

    The sprint of a task that followed its story is left out: the author of the next change did not move the task.
    """
    frozen = freezing.freeze(item)
    diff = difference(last_recorded(item, frozen), frozen)
    if item.kind == Kind.TASK:
        diff.pop("milestone", None)
    return diff


def take(item: Any) -> dict[str, Any]:
    """The same for an entry that will include it, after which it counts as recorded."""
    diff = silent_diff(item)
    if diff:
        rest = {name: value for name, value in item.unrecorded.items() if name not in diff}
        item.unrecorded = rest or None
        writes.update(item, ["unrecorded"])
    return diff
