"""What is special about epics: a colour and an order."""

import secrets
from typing import Any

from taiga.base import clock
from taiga.changes.record import Announcement, announce
from taiga.projects.models import Epic, WorkItem
from taiga.projects.services.saving import Saving
from taiga.projects.services.tasks import reorder_list

COLORS = [
    "#fce94f",
    "#edd400",
    "#c4a000",
    "#8ae234",
    "#73d216",
    "#4e9a06",
    "#d3d7cf",
    "#fcaf3e",
    "#f57900",
    "#ce5c00",
    "#729fcf",
    "#3465a4",
    "#204a87",
    "#888a85",
    "#ad7fa8",
    "#75507b",
    "#5c3566",
    "#ef2929",
    "#cc0000",
    "#a40000",
]
"""The colours of new epics."""


def before_save(saving: Saving) -> None:
    """Before the epic is saved."""
    epic = saving.item
    if saving.before is None:
        epic.epics_order = saving.values.get("epics_order", clock.milliseconds())


def after_save(saving: Saving) -> None:
    """After the epic is saved: make room in the order of the others."""
    epic = saving.item
    if saving.changed("epics_order", "project_id"):
        saving.orders |= reorder_list(saving, Epic.objects.filter(project_id=epic.project_id), "epics_order")
        announce(Announcement(epic.project_id, "epics", Epic.type_key, list(saving.orders), saving.by.session_id))


def after_delete(saving: Saving) -> None:
    """After the epic is deleted. Its stories stay."""


def snapshot_extras(epic: WorkItem) -> dict[str, Any]:
    """What the history remembers of an epic besides its columns: nothing."""
    return {}


def random_color() -> str:
    """One of the predefined colours."""
    return secrets.choice(COLORS)
