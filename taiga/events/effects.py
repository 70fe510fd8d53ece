"""The messages that open boards receive of a change."""

from collections.abc import Sequence

from taiga.changes.models import VERBS, Change
from taiga.changes.record import Announcement
from taiga.events import broadcast as live
from taiga.events.messages import Message

SUBJECTS = {
    "userstories.userstory": "userstories",
    "tasks.task": "tasks",
    "issues.issue": "issues",
    "epics.epic": "epics",
    "epics.relateduserstory": "epics",
    "milestones.milestone": "milestones",
    "wiki.wikipage": "wiki",
    "projects.userstorystatus": "projects",
    "projects.swimlane": "projects",
    "projects.swimlaneuserstorystatus": "projects",
}
"""The kinds of object whose changes are sent, and the last part of their routing key."""


def broadcast(changes: Sequence[Change]) -> None:
    """Right after the commit: a message for each change that boards display, also for those that the history hides."""
    live.push_many(message(change) for change in changes if change.kind in SUBJECTS and change.entry_id is None)


def message(change: Change) -> Message:
    """The message of a change."""
    data = {"type": VERBS[change.type], "matches": change.kind, "pk": change.object_id}
    return Message(routing_key=key(change.project_id, SUBJECTS[change.kind]), data=data, session_id=change.session_id)


def key(project_id: int | None, subject: str) -> str:
    """The routing key of a project's changes."""
    return f"changes.project.{project_id}.{subject}"


def announce(announcement: Announcement) -> None:
    """Right after the commit: a message for rows that were reordered."""
    data = {"type": "change", "matches": announcement.matches, "pk": announcement.ids}
    live.push(key(announcement.project_id, announcement.subject), data, session_id=announcement.session_id)


def ask_again(project_id: int, user_ids: list[int] | None) -> None:
    """Right after the commit: subscribers of a project may have lost their permissions."""
    live.permissions_changed(project_id, user_ids)
