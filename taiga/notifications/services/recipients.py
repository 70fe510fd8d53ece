"""Who is notified of a change by mail and on the desktop: by notification levels and permissions."""

from dataclasses import dataclass, field

from taiga.changes.models import Change
from taiga.events import broadcast
from taiga.notifications import live
from taiga.notifications.queries import audience, involved, scenes
from taiga.notifications.services import notices
from taiga.projects.models import Epic, Issue, NotifyLevel, Task, UserStory, WikiPage

MAILED = (Epic.type_key, UserStory.type_key, Task.type_key, Issue.type_key, WikiPage.type_key)


@dataclass
class Recipients:
    """The recipients of a change."""

    by_mail: list[audience.Person] = field(default_factory=list)
    live: list[audience.Person] = field(default_factory=list)


def is_told(change: Change) -> bool:
    """Whether anybody is notified: not of bulk moves, nor of edited and deleted comments."""
    quiet = change.is_hidden or change.entry_id is not None or change.context.get("quiet")
    return change.kind in MAILED and not quiet and change.by_id is not None


def tell(change: Change) -> None:
    """Notify people of a change by mail and on the desktop."""
    if not is_told(change):
        return
    scene = scenes.of([change]).get(change.pk)
    if scene is None:
        return
    found = of(change, scene.place)
    notices.add(change, scene, found.by_mail)
    if live.is_shown(change):
        broadcast.push_on_commit([live.message(change, scene, person) for person in found.live])


def of(change: Change, place: audience.Place) -> Recipients:
    """Those who want to be notified of a change and may see its object, except who made it."""
    concerned = involved.in_change(change)
    candidates = concerned | audience.hearing_everything(place.id)
    found = Recipients()
    for person in audience.people(place.id, candidates - {change.by_id}):
        if person.sees(change.kind, place):
            is_concerned = person.id in concerned
            if wants(person.level(), is_concerned=is_concerned):
                found.by_mail.append(person)
            if wants(person.level(live=True), is_concerned=is_concerned):
                found.live.append(person)
    return found


def wants(level: int, *, is_concerned: bool) -> bool:
    """Whether somebody with this level is notified."""
    return level == NotifyLevel.ALL or (level == NotifyLevel.INVOLVED and is_concerned)
