"""The feed: every visible change is a row of its project's timeline and of those whom it concerns."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from taiga.base import clock, writes
from taiga.base.fields import moment_parameter
from taiga.base.prepared import run
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import heard
from taiga.projects.models import Project
from taiga.timeline import facts
from taiga.timeline.models import TimelineEntry

VERBS = {ChangeType.CHANGE: "change", ChangeType.CREATE: "create", ChangeType.DELETE: "delete"}
ONLY_WHO_CAME_OR_WENT = {facts.MEMBER, facts.ACCOUNT}


def remember(changes: Sequence[Change]) -> None:
    """Before a deletion is stored: keep with it what could not be looked up any more, and whom it concerned."""
    gone = [change for change in changes if change.type == ChangeType.DELETE and change.kind in facts.SOURCES]
    for change, described in facts.read(gone):
        project = described.data.pop("project")
        if change.kind == Project.type_key:
            described.data["project"] = project
        known = {"facts": described.data, "people": described.people, "story_project": described.story_project_id}
        change.context = {**known, **change.context}


def write(changes: Sequence[Change]) -> None:
    """In the transaction of the change: its rows, and the counters of its project."""
    told = [change.entry or change for change in heard(changes, facts.KINDS) if is_told(change)]
    if not told:
        return
    writes.insert(rows(told))
    count(Counter(change.project_id for change in told if change.project_id is not None))


def is_told(change: Change) -> bool:
    """Changes without an actor are not told; of members and accounts only that they came or went."""
    if change.kind in ONLY_WHO_CAME_OR_WENT:
        return change.type != ChangeType.CHANGE
    return change.by_id is not None


def rows(told: Sequence[Change]) -> list[TimelineEntry]:
    """The rows of some changes: what became of a comment is told as the entry that it is about."""
    return [row for change, described in facts.described(told) for row in entries(change, described)]


def entries(change: Change, described: facts.Described) -> Iterable[TimelineEntry]:
    """One row for the project, and one for each person concerned."""
    common: dict[str, Any] = {
        "event_type": f"{change.kind}.{VERBS[ChangeType(change.type)]}",
        "project_id": change.project_id,
        "story_project_id": described.story_project_id,
        "data": described.data,
        "created": described.created or change.at,
    }
    if change.project_id is not None:
        yield TimelineEntry(namespace=f"project:{change.project_id}", user_id=None, **common)
    for person in described.people:
        actor = described.namespace_of or change.by_id
        yield TimelineEntry(namespace=f"user:{actor}", user_id=person, **common)


COUNTED = """
UPDATE projects_project SET total_activity = total_activity + %s,
  total_activity_last_week = total_activity_last_week + %s, total_activity_last_month = total_activity_last_month + %s,
  total_activity_last_year = total_activity_last_year + %s, totals_updated_datetime = %s
WHERE id = %s RETURNING id
"""


def count(rows_by_project: Counter[int]) -> None:
    """Add rows to the activity of projects; once an hour (`services.activity`) the windows are counted anew."""
    for project_id, total in sorted(rows_by_project.items()):
        run(COUNTED, [total, total, total, total, moment_parameter(clock.now()), project_id])
