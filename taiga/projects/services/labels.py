"""The names behind the ids in a change, stored with it since the rows may be deleted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

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


@dataclass(frozen=True)
class Label:
    """How to label the ids in a field: the rows' model, and a function of some of their columns."""

    model: type[Model]
    of: Callable[..., str] = str
    columns: tuple[str, ...] = ("name",)


LABELS = {
    "status": Label(Status),
    "milestone": Label(Milestone),
    "swimlane": Label(Swimlane),
    "priority": Label(Priority),
    "severity": Label(Severity),
    "type": Label(IssueType),
    "user_story": Label(WorkItem, lambda ref, subject: f"#{ref} {subject}", ("ref", "subject")),
}
PEOPLE = Label(User, lambda full_name, username: full_name or username, ("full_name", "username"))
ASSIGNEES = ("assigned_to", "assigned_users")
ROLE, POINTS = Label(Role), Label(Points)
Found = dict[int, str]
Names = dict[str, dict[str, str]]


def name_what_changed(changes: Sequence[Change]) -> None:
    """Fill `values` of changes; one query for each kind of id in the batch."""
    own = [change for change in changes if change.entry_id is None]
    touched = {field for change in own for field in change.diff}
    found = {field: names(label, ids(own, field)) for field, label in LABELS.items() if field in touched}
    people = names(PEOPLE, {key for field in ASSIGNEES if field in touched for key in ids(own, field)})
    estimates = [side or {} for change in own for side in change.diff.get("points", ())] if "points" in touched else []
    roles = names(ROLE, {int(key) for side in estimates for key in side})
    points = names(POINTS, {key for side in estimates for key in side.values()})
    for change in own:
        names_by_field: Names = {"users": labels(people, {key for field in ASSIGNEES for key in ids([change], field)})}
        names_by_field |= {
            field: labels(found[field], ids([change], field)) for field in LABELS if field in change.diff
        }
        if "points" in change.diff:
            names_by_field |= names_of_estimate(change.diff["points"], roles, points)
        change.values = {**names_by_field, **change.values}


def names_of_estimate(change: Sequence[dict[str, int] | None], roles: Found, points: Found) -> Names:
    """The roles and points of a changed estimate."""
    sides = [side or {} for side in change]
    return {
        "roles": {key: roles[int(key)] for key in {**sides[0], **sides[1]} if int(key) in roles},
        "points": labels(points, {key for side in sides for key in side.values()}),
    }


def ids(changes: Iterable[Change], field: str) -> set[int]:
    """The ids that stand in a field of the changes."""
    sides = [side for change in changes for side in change.diff.get(field, ())]
    return {key for side in sides for key in (side if isinstance(side, list) else [side]) if isinstance(key, int)}


def names(label: Label, keys: set[int]) -> Found:
    """The labels of rows, by id."""
    rows = rows_of(label).all(ids=sorted(keys)) if keys else []
    return {row[0]: label.of(*row[1:]) for row in rows}


def labels(found: Found, keys: Iterable[int]) -> dict[str, str]:
    """The labels of the wanted ids, by the id as text."""
    return {str(key): found[key] for key in sorted(keys) if key in found}


@cache
def rows_of(label: Label) -> Prepared:
    """The query of some columns of rows."""
    rows = label.model._base_manager.filter(pk__among=Ids("ids")).order_by()
    return Prepared(lambda: rows.values_list("pk", *label.columns))
