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

ONLY_WHO_CAME_OR_WENT = {facts.MEMBER, facts.ACCOUNT}


def count(changes: Sequence[Change]) -> None:
    """Before changes are stored: mark those that count as activity."""
    for change in visible_changes(changes, facts.KINDS):
        change.is_activity = is_told(change)


def remember(gone: Sequence[Change]) -> None:
    """Before deletions are stored: keep the facts that cannot be queried later, and whom they concern."""
    for change, described in facts.read([change for change in gone if change.kind in facts.SOURCES]):
        project = described.data.pop("project")
        if change.kind == Project.type_key:
            described.data["project"] = project
        known = {"facts": described.data, "people": described.people, "story_project": described.story_project_id}
        change.context = {**known, **change.context}


def write(changes: Sequence[Change]) -> None:
    """In the transaction of the changes: write their rows."""
    store(rows([change for change in visible_changes(changes, facts.KINDS) if is_told(change)]))
    for change in changes:
        if change.is_first_activity and change.project_id is not None:
            activity.recount_all(change.project_id)


def is_told(change: Change) -> bool:
    """Whether a change appears in timelines. Changes without an actor do not; of members and accounts only creation and
    deletion do.
    """
    if change.kind in ONLY_WHO_CAME_OR_WENT:
        return change.type != ChangeType.CHANGE
    return change.by_id is not None


@dataclass(frozen=True)
class Told:
    """The row of one change, and the timelines that show it."""

    row: dict[str, Any]
    """All columns but those of `timelines`."""
    timelines: list[tuple[int | None, str]]
    """Their `user` and `namespace`."""


def store(told: Sequence[Told]) -> None:
    """Insert the rows of some changes."""
    writes.insert_spread(TimelineEntry, [(one.row, one.timelines) for one in told], ("user_id", "namespace"))


def rows(changes: Sequence[Change]) -> list[Told]:
    """The rows of some changes.

    An edited comment is shown as the entry it belongs to, but in the project where it was edited: the object may have
    moved since.
    """
    described = facts.described([change.entry or change for change in changes])
    return [spread(told, one, change.project_id) for change, (told, one) in zip(changes, described, strict=True)]


def spread(change: Change, described: facts.Described, project_id: int | None) -> Told:
    """One row for the project, and one for each person concerned."""
    row = {
        "event_type": f"{change.kind}.{VERBS[change.type]}",
        "project_id": project_id,
        "story_project_id": described.story_project_id,
        "data": described.data,
        "created": described.created or change.at,
    }
    timelines: list[tuple[int | None, str]] = []
    if project_id is not None:
        timelines.append((None, f"project:{project_id}"))
    actor = described.namespace_of or change.by_id
    timelines += [(person, f"user:{actor}") for person in described.people]
    return Told(row, timelines)
