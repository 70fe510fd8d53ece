"""The bell: which notifications a change causes inside the application, and marking them as read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from taiga.base import clock, writes
from taiga.changes.models import Change, ChangeType
from taiga.events import broadcast
from taiga.events.messages import Message
from taiga.notifications.models import NotificationType, WebNotification
from taiga.notifications.queries import audience, scenes, subjects
from taiga.projects.models import Epic, Issue, Membership, Milestone, Task, UserStory, WikiPage

Data = dict[str, Any]
Ids = set[int]


@dataclass(frozen=True)
class Ring:
    """A reason for a notification; `of` returns the users to whom a change gives it."""

    type: NotificationType
    of: Callable[[Change], Ids]


def assigned(change: Change) -> Ids:
    """The new assignee."""
    before, after = change.diff.get("assigned_to", (None, None))
    if change.type == ChangeType.CREATE:
        after = (change.snapshot or {}).get("assigned_to")
    return {after} - {before, None}


def noted(name: str) -> Callable[[Change], Ids]:
    """A function that returns users whom a service has put into the change's context."""
    return lambda change: {*change.context.get(name, ())}


def commented(change: Change) -> Ids:
    """Those who watched before a comment was added, except whom it mentions, who get another notification."""
    context = change.context
    if not change.comment:
        return set()
    new = {*context.get("new_watchers", ()), *context.get("mentioned_in_comment", ())}
    return {*context.get("heard_by", ()), *context.get("former_watchers", ())} - new


def joined(change: Change) -> Ids:
    """A new member, if several were added at once."""
    return {change.context["user"]["id"]} if change.context.get("in_bulk") else set()


ASSIGNED = Ring(NotificationType.ASSIGNED, assigned)
ASSIGNED_STORY = Ring(NotificationType.ASSIGNED, noted("assigned"))
WATCHING = Ring(NotificationType.ADDED_AS_WATCHER, noted("new_watchers"))
MENTIONED = Ring(NotificationType.MENTIONED, noted("mentioned"))
MENTIONED_IN_COMMENT = Ring(NotificationType.MENTIONED_IN_COMMENT, noted("mentioned_in_comment"))
COMMENT = Ring(NotificationType.COMMENT, commented)
JOINED = Ring(NotificationType.ADDED_AS_MEMBER, joined)
RINGS: dict[str, tuple[Ring, ...]] = {
    Task.type_key: (ASSIGNED, WATCHING, MENTIONED, MENTIONED_IN_COMMENT, COMMENT),
    Issue.type_key: (ASSIGNED, WATCHING, MENTIONED, MENTIONED_IN_COMMENT, COMMENT),
    UserStory.type_key: (WATCHING, MENTIONED, MENTIONED_IN_COMMENT, COMMENT, ASSIGNED_STORY),
    Epic.type_key: (ASSIGNED, WATCHING, MENTIONED_IN_COMMENT, COMMENT),
    WikiPage.type_key: (WATCHING, MENTIONED_IN_COMMENT, COMMENT),
    Milestone.type_key: (MENTIONED_IN_COMMENT, COMMENT),
    Membership.type_key: (JOINED,),
}
"""The notifications for each kind of object, in the order in which they are made."""


@dataclass(frozen=True)
class DueRing:
    """A notification for these users, as far as they want it."""

    change: Change
    type: NotificationType
    people: Ids


def due_rings(changes: Iterable[Change]) -> list[DueRing]:
    """The notifications of some changes. Deletions and bulk moves cause none."""
    found = []
    for change in changes:
        if change.type == ChangeType.DELETE or change.by_id is None or change.context.get("quiet"):
            continue
        for ring in RINGS.get(change.kind, ()):
            people = ring.of(change) - {change.by_id}
            if people:
                found.append(DueRing(change, ring.type, people))
    return found


def ring(changes: Sequence[Change]) -> None:
    """Store the notifications of some changes, and send them to open pages after the commit."""
    due = due_rings(changes)
    if not due:
        return
    facts = Facts(due)
    rows = [row for one in due for row in rows_of(one, facts)]
    writes.insert([row for row, _message in rows])
    broadcast.push_on_commit(message for _row, message in rows)


class Facts:
    """What is needed to write notifications: one query, and one for each project."""

    def __init__(self, due: Sequence[DueRing]) -> None:
        self.scenes = scenes.of(one.change for one in due)
        self.people = {
            (project_id, person.id): person
            for project_id in {scene.place.id for scene in self.scenes.values()}
            for person in audience.people(project_id, everybody(due, project_id))
        }

    def recipients(self, one: DueRing) -> list[audience.Person]:
        """The people who want a notification, and may see its object."""
        change = one.change
        scene = self.scenes.get(change.pk)
        if scene is None:
            return []
        place = scene.place
        found = [self.people.get((place.id, key)) for key in sorted(one.people)]
        return [person for person in found if person and person.web_notify_level and person.sees(change.kind, place)]

    def data_of(self, change: Change) -> Data:
        """The data of a change's notifications."""
        scene = self.scenes[change.pk]
        place = scene.place
        data: Data = {"project": {"id": place.id, "slug": place.slug, "name": place.name}, "user": scene.actor}
        if change.kind != Membership.type_key:
            data["obj"] = {
                "id": change.object_id,
                "ref": change.ref,
                "subject": scene.subject if change.kind in subjects.ITEMS else None,
                "content_type": change.kind.rpartition(".")[2],
            }
        return data


def everybody(due: Iterable[DueRing], project_id: int) -> Ids:
    """The users for whom there is a notification in a project."""
    return {key for one in due if one.change.project_id == project_id for key in one.people}


def rows_of(one: DueRing, facts: Facts) -> list[tuple[WebNotification, Message]]:
    """A notification for each of its recipients, as a row and as a message."""
    made = []
    recipients = facts.recipients(one)
    data = facts.data_of(one.change) if recipients else {}
    for person in recipients:
        row = WebNotification(user_id=person.id, event_type=one.type, data=data, created=clock.now())
        key = f"web_notifications.{person.id}"
        made.append((row, Message(routing_key=key, data=data, session_id=one.change.session_id)))
    return made


def set_as_read(rows: "QuerySet[WebNotification]") -> int:
    """Mark notifications as read now; returns how many."""
    return rows.update(read=clock.now())
