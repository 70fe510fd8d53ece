"""The format of the JSON in history entries, so that a dump cannot store what the API could not read."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from taiga.base.bodies import LARGEST_KEY
from taiga.changes.models import Change
from taiga.transfer.problems import Wrong

Shape = Callable[[Any], None]


def is_id(value: Any) -> bool:
    """Whether a value can be an id. Taiga's importers use zero and negative numbers for what they did not find."""
    return type(value) is int and abs(value) <= LARGEST_KEY


def text(value: Any) -> None:
    """A text, or null."""
    if not isinstance(value, str | None):
        raise Wrong(_("Expected a text."))


def labels(value: Any) -> None:
    """Names by id; null for an object without a name."""
    if not isinstance(value, dict) or not all(isinstance(name, str | None) for name in value.values()):
        raise Wrong(_("Expected an object of texts."))


def names(value: Any) -> None:
    """E-mail addresses of people, or their names by id."""
    if isinstance(value, dict):
        labels(value)
    elif not isinstance(value, list) or not all(isinstance(one, str | None) for one in value):
        raise Wrong(_("Expected a list of e-mail addresses."))


def mapping(value: Any) -> None:
    """An object, or null."""
    if not isinstance(value, dict | None):
        raise Wrong(_("Expected an object."))


def reference(value: Any) -> None:
    """An id, or null."""
    if value is not None and not is_id(value):
        raise Wrong(_("Expected an id or null."))


def name_or_id(value: Any) -> None:
    """A name, an id of the other server, or null."""
    if not isinstance(value, str):
        reference(value)


def references(value: Any) -> None:
    """A list of ids, or null."""
    if value is not None and not (isinstance(value, list) and all(map(is_id, value))):
        raise Wrong(_("Expected a list of ids."))


def identified(value: Any) -> None:
    """A list of objects with ids, or null."""
    if value is not None and not (
        isinstance(value, list) and all(isinstance(one, dict) and is_id(one.get("id")) for one in value)
    ):
        raise Wrong(_("Expected a list of objects with ids."))


SIDES: Mapping[str, Shape] = {
    **dict.fromkeys(("description", "content", "blocked_note"), text),
    "owner": reference,
    "assigned_users": references,
    "points": mapping,
    "attachments": identified,
    "custom_attributes": identified,
}
"""The format of both sides of a difference, by field. Other fields are shown as they are."""
FROZEN: Mapping[str, Shape] = {
    **dict.fromkeys(("owner", "assigned_to", "status"), name_or_id),
    "assigned_users": references,
    "attachments": identified,
    "custom_attributes": identified,
}
"""The format of a snapshot's members."""
LABELS: Mapping[str, Shape] = {
    **dict.fromkeys(("status", "milestone", "swimlane", "priority", "severity", "type", "user_story"), labels),
    **dict.fromkeys(("roles", "points"), labels),
    "users": names,
}
"""The format of the names in an entry."""


def problems_of(change: Change) -> Iterator[tuple[str, str]]:
    """Where a change has another format, and which one is expected."""
    for name, pair in change.diff.items():
        if not isinstance(pair, list) or len(pair) != 2:
            yield f"diff.{name}", _("A difference must be a pair of an old and a new value.")
        else:
            yield from refused("diff", name, SIDES.get(name), *pair)
    for name, value in (change.snapshot or {}).items():
        yield from refused("snapshot", name, FROZEN.get(name), value)
    for name, value in change.values.items():
        yield from refused("values", name, LABELS.get(name), value)


def refused(where: str, name: str, shape: Shape | None, *values: Any) -> Iterator[tuple[str, str]]:
    """The problem of the first of these values that has another format."""
    if shape is None:
        return
    try:
        for value in values:
            shape(value)
    except Wrong as refusal:
        yield f"{where}.{name}", str(refusal)
