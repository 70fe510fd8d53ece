"""The bell: who hears what of a change inside the application, and what is done when it is heard."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from taiga.base import clock
from taiga.base.media import signing as media
from taiga.changes.models import Change, ChangeType
from taiga.events import broadcast
from taiga.events.messages import Message
from taiga.notifications.models import NotificationType, WebNotification
from taiga.notifications.queries import audience
from taiga.projects.models import Epic, Issue, Membership, Milestone, Task, UserStory, WikiPage, WorkItem
from taiga.users.models import User
from taiga.users.queries import gravatar_id

Data = dict[str, Any]
Ids = set[int]


@dataclass(frozen=True)
class Ring:
    """One reason why somebody's bell rings; `of` says whom a change gives it to."""

    type: NotificationType
    of: Callable[[Change], Ids]


def assigned(change: Change) -> Ids:
    """To whom it is given that had not got it before."""
    before, after = change.diff.get("assigned_to", (None, None))
    if change.type == ChangeType.CREATE:
        after = (change.snapshot or {}).get("assigned_to")
    return {after} - {before, None}


def noted(name: str) -> Callable[[Change], Ids]:
    """Those whom the service noted in the change's context."""
    return lambda change: {*change.context.get(name, ())}


def commented(change: Change) -> Ids:
    """Who watched before a comment was made; those whom it mentions hear of that instead."""
    context = change.context
    new = {*context.get("new_watchers", ()), *context.get("mentioned_in_comment", ())}
    return {*context.get("heard_by", ())} - new


def joined(change: Change) -> Ids:
    """A new member, of those who were taken in several at once."""
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
    Milestone.type_key: (WATCHING,),
    Membership.type_key: (JOINED,),
}
"""What rings for each kind of object, in the order in which it does."""
ITEMS = (Task.type_key, Issue.type_key, UserStory.type_key, Epic.type_key)


@dataclass(frozen=True)
class Wanted:
    """A ring that is due if those for whom it is want to hear it."""

    change: Change
    type: NotificationType
    people: Ids


def wanted(changes: Iterable[Change]) -> list[Wanted]:
    """Everything that should be heard of some changes; deletions and bulk moves are silent."""
    found = []
    for change in changes:
        if change.type == ChangeType.DELETE or change.by_id is None or change.context.get("quiet"):
            continue
        for ring in RINGS.get(change.kind, ()):
            people = ring.of(change) - {change.by_id}
            if people:
                found.append(Wanted(change, ring.type, people))
    return found


def ring(changes: Sequence[Change]) -> None:
    """Store the rings of some changes, and let open pages hear them after the commit. Mostly there is nothing to do."""
    due = wanted(changes)
    if not due:
        return
    ids = {one.change.project_id for one in due if one.change.project_id is not None}
    facts = Facts(due, audience.places(ids))
    rows = [row for one in due for row in rows_of(one, facts)]
    WebNotification.objects.bulk_create(row for row, _message in rows)
    broadcast.push_on_commit(message for _row, message in rows)


class Facts:
    """What has to be known to tell of the changes: four queries at most for one project."""

    def __init__(self, due: Sequence[Wanted], places: dict[int, audience.Place]) -> None:
        self.places = places
        self.people = {
            (place.id, person.id): person
            for place in places.values()
            for person in audience.people(place.id, everybody(due, place.id))
        }
        items = {one.change.object_id for one in due if one.change.kind in ITEMS}
        self.subjects = dict(WorkItem.objects.filter(pk__in=items).values_list("pk", "subject")) if items else {}
        actors = User.objects.filter(pk__in={one.change.by_id for one in due if one.change.by_id is not None})
        self.actors = {actor.pk: actor_card(actor) for actor in actors}

    def hearers(self, one: Wanted) -> list[audience.Person]:
        """Those who want to hear a ring and may."""
        change = one.change
        place = self.places.get(change.project_id or 0)
        if place is None:
            return []
        found = [self.people.get((place.id, key)) for key in sorted(one.people)]
        return [person for person in found if person and person.web_notify_level and person.sees(change.kind, place)]

    def told(self, change: Change) -> Data:
        """What a ring tells."""
        place = self.places[change.project_id or 0]
        data: Data = {"project": {"id": place.id, "slug": place.slug, "name": place.name}}
        data["user"] = self.actors.get(change.by_id or 0, {"id": change.by_id, "name": change.by_name})
        if change.kind != Membership.type_key:
            data["obj"] = {
                "id": change.object_id,
                "ref": change.ref,
                "subject": self.subjects.get(change.object_id) if change.kind in ITEMS else None,
                "content_type": change.kind.rpartition(".")[2],
            }
        return data


def everybody(due: Iterable[Wanted], project_id: int) -> Ids:
    """All people for whom something rings in a project."""
    return {key for one in due if one.change.project_id == project_id for key in one.people}


def rows_of(one: Wanted, facts: Facts) -> list[tuple[WebNotification, Message]]:
    """A ring for each of its hearers, as it is stored and as an open page hears it."""
    made = []
    for person in facts.hearers(one):
        data = facts.told(one.change)
        row = WebNotification(user_id=person.id, event_type=one.type, data=data, created=clock.now())
        key = f"web_notifications.{person.id}"
        made.append((row, Message(routing_key=key, data=data, session_id=one.change.session_id)))
    return made


def actor_card(user: User) -> Data:
    """What a ring tells of the one who caused it."""
    return {
        "id": user.pk,
        "name": user.full_name_display,
        "photo": media.thumbnail_url(user.photo, "avatar", user.photo_format),
        "big_photo": media.thumbnail_url(user.photo, "big-avatar", user.photo_format),
        "gravatar_id": gravatar_id(user.email),
        "username": user.username,
        "is_profile_visible": user.is_active and not user.is_system,
        "date_joined": clock.plain_stamp(user.date_joined),
    }


def set_as_read(rows: "QuerySet[WebNotification]") -> int:
    """Mark rings as heard now; returns how many."""
    return rows.update(read=clock.now())
