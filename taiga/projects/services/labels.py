"""The names behind the ids of a change, kept with it since the rows may go."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.db.models import Model

from taiga.base.prepared import Ids, Prepared
from taiga.changes.models import Change
from taiga.projects.models import (
    IssueType,
    Milestone,
    Points,
    Priority,
    Role,
    Severity,
    Status,
    Swimlane,
    WorkItem,
)
from taiga.users.models import User

NAMED: dict[str, type[Model]] = {
    "status": Status,
    "milestone": Milestone,
    "swimlane": Swimlane,
    "priority": Priority,
    "severity": Severity,
    "type": IssueType,
}
Names = dict[str, dict[str, str]]


def name_what_changed(changes: Sequence[Change]) -> None:
    """Fill `values` of changes; a batch costs one query for each kind of id in it."""
    mine = [change for change in changes if change.entry_id is None]
    found: dict[str, dict[int, str]] = {}
    for field, model in NAMED.items():
        found[field] = names(model, ids(mine, field), lambda row: row[1])
    found["user_story"] = names(WorkItem, ids(mine, "user_story"), lambda row: f"#{row[1]} {row[2]}", "ref", "subject")
    people = {key for field in ("assigned_to", "assigned_users") for key in ids(mine, field)}
    found["users"] = names(User, people, lambda row: row[1] or row[2], "full_name", "username")
    roles = {int(key) for change in mine for side in change.diff.get("points", ()) for key in side or ()}
    found["roles"] = names(Role, roles, lambda row: row[1])
    found["points"] = names(
        Points,
        {key for c in mine for side in c.diff.get("points", ()) for key in (side or {}).values()},
        lambda row: row[1],
    )
    for change in mine:
        change.values = {**values_of(change, found), **change.values}


def ids(changes: Iterable[Change], field: str) -> set[int]:
    """The ids that stand in a field of the changes."""
    sides = [side for change in changes for side in change.diff.get(field, ())]
    return {key for side in sides for key in (side if isinstance(side, list) else [side]) if isinstance(key, int)}


def names(model: type[Model], wanted: set[int], label: Callable[[Any], str], *columns: str) -> dict[int, str]:
    """The labels of rows, by id."""
    keys = sorted(wanted)
    if not keys:
        return {}
    return {row[0]: label(row) for row in named(model, columns or ("name",)).all(ids=keys)}


@cache
def named(model: type[Model], columns: tuple[str, ...]) -> Prepared:
    """The query of some columns of rows."""
    rows = model._base_manager.filter(pk__among=Ids("ids")).order_by()
    return Prepared(lambda: rows.values_list("pk", *columns))


def values_of(change: Change, found: dict[str, dict[int, str]]) -> Names:
    """The labels of one change."""
    people = ids([change], "assigned_to") | ids([change], "assigned_users")
    told: Names = {"users": {str(key): found["users"][key] for key in sorted(people) if key in found["users"]}}
    for field in (*NAMED, "user_story"):
        if field in change.diff:
            told[field] = {str(k): found[field][k] for k in sorted(ids([change], field)) if k in found[field]}
    if "points" in change.diff:
        before, after = change.diff["points"]
        told["roles"] = {k: found["roles"][int(k)] for k in (before or after or {}) if int(k) in found["roles"]}
        told["points"] = {
            str(k): found["points"][k]
            for k in {*(before or {}).values(), *(after or {}).values()}
            if k in found["points"]
        }
    return told
