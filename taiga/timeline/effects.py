"""Writing the timelines: every visible change is a row of its project's timeline and of the people it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taiga.base import writes
from taiga.changes.models import VERBS, Change, ChangeType
from taiga.changes.record import visible_changes
from taiga.projects.models import Project
from taiga.timeline import facts
from taiga.timeline.models import TimelineEntry
from taiga.timeline.services import activity

ONLY_CREATED_OR_DELETED = {facts.MEMBER, facts.ACCOUNT}


def count(changes: Sequence[Change]) -> None:
    """Before changes are stored: mark those that count as activity."""
    for change in visible_changes(changes, facts.KINDS):
        change.is_activity = is_listed(change)


def remember(deletions: Sequence[Change]) -> None:
    """Before deletions are stored: keep the facts that cannot be queried later, and whom they concern."""
    for change, payload in facts.read([change for change in deletions if change.kind in facts.SOURCES]):
        project = payload.data.pop("project")
        if change.kind == Project.type_key:
            payload.data["project"] = project
        facts_of_change = {"facts": payload.data, "people": payload.people, "story_project": payload.story_project_id}
        change.context = {**facts_of_change, **change.context}


def write(changes: Sequence[Change]) -> None:
    """In the transaction of the changes: write their rows."""
    store(rows([change for change in visible_changes(changes, facts.KINDS) if is_listed(change)]))
    for change in changes:
        if change.is_first_activity and change.project_id is not None:
            activity.recount_all(change.project_id)


def is_listed(change: Change) -> bool:
    """Whether a change appears in timelines. Changes without an actor do not; of members and accounts only creation and
    deletion do.
    """
    if change.kind in ONLY_CREATED_OR_DELETED:
        return change.type != ChangeType.CHANGE
    return change.by_id is not None


@dataclass(frozen=True)
class TimelineRow:
    """The row of one change, and the timelines that show it."""

    columns: dict[str, Any]
    """All columns but those of `timelines`."""
    timelines: list[tuple[int | None, str]]
    """Their `user` and `namespace`."""


def store(rows: Sequence[TimelineRow]) -> None:
    """Insert the rows of some changes."""
    writes.insert_spread(TimelineEntry, [(one.columns, one.timelines) for one in rows], ("user_id", "namespace"))


def rows(changes: Sequence[Change]) -> list[TimelineRow]:
    """The rows of some changes.

    An edited comment is shown as the entry it belongs to, but in the project where it was edited: the object may have
    moved since.
    """
    payloads = facts.payloads([change.entry or change for change in changes])
    return [
        timeline_row(source, payload, change.project_id)
        for change, (source, payload) in zip(changes, payloads, strict=True)
    ]


def timeline_row(change: Change, payload: facts.Payload, project_id: int | None) -> TimelineRow:
    """One row for the project, and one for each person concerned."""
    columns = {
        "event_type": f"{change.kind}.{VERBS[change.type]}",
        "project_id": project_id,
        "story_project_id": payload.story_project_id,
        "data": payload.data,
        "created": payload.created or change.at,
    }
    timelines: list[tuple[int | None, str]] = []
    if project_id is not None:
        timelines.append((None, f"project:{project_id}"))
    actor = payload.namespace_of or change.by_id
    timelines += [(person, f"user:{actor}") for person in payload.people]
    return TimelineRow(columns, timelines)
