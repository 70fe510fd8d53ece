"""Desktop notifications, for users who have the front open."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taiga.base import front_pages
from taiga.changes.models import Change, ChangeType
from taiga.events.messages import Message
from taiga.notifications.queries.audience import Person, Place
from taiga.notifications.queries.scenes import Scene
from taiga.notifications.rendering import language

TIMEOUT = 10_000
"""Milliseconds for which it is displayed."""
NO_SESSION = "not-existing"
"""No browser tab has this session id, so that the one which made the change gets the notification, too."""
TITLES: dict[tuple[str, int], Any] = {
    ("userstories.userstory", ChangeType.CREATE): gettext_lazy("User story created"),
    ("userstories.userstory", ChangeType.CHANGE): gettext_lazy("User story changed"),
    ("userstories.userstory", ChangeType.DELETE): gettext_lazy("User story deleted"),
    ("tasks.task", ChangeType.CREATE): gettext_lazy("Task created"),
    ("tasks.task", ChangeType.CHANGE): gettext_lazy("Task changed"),
    ("tasks.task", ChangeType.DELETE): gettext_lazy("Task deleted"),
    ("issues.issue", ChangeType.CREATE): gettext_lazy("Issue created"),
    ("issues.issue", ChangeType.CHANGE): gettext_lazy("Issue changed"),
    ("issues.issue", ChangeType.DELETE): gettext_lazy("Issue deleted"),
}
NAMES: dict[str, Any] = {
    "userstories.userstory": gettext_lazy("User story"),
    "tasks.task": gettext_lazy("Task"),
    "issues.issue": gettext_lazy("Issue"),
}


def is_shown(change: Change) -> bool:
    """Whether there are desktop notifications for this kind of object."""
    return change.kind in NAMES


def message(change: Change, scene: Scene, person: Person) -> Message:
    """The notification of a change, in the language of a person."""
    with translation.override(language(person.lang or "")):
        project = _("Project: %(name)s") % {"name": scene.place.name}
        item = f"{NAMES[change.kind]} #{change.ref} - {scene.subject or ''}"
        data = {
            "title": str(TITLES[change.kind, change.type]),
            "body": f"{project}\n{item}",
            "url": address(change, scene.place),
            "timeout": TIMEOUT,
            "id": change.uuid,
        }
    return Message(routing_key=f"live_notifications.{person.id}", data=data, session_id=NO_SESSION)


def address(change: Change, place: Place) -> str | None:
    """The page of the object; None if it was deleted."""
    if change.type == ChangeType.DELETE:
        return None
    return front_pages.address(change.kind, slug=place.slug, ref=change.ref)
