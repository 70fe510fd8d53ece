"""The content of change mails: comments, and changed fields with names instead of ids."""

from collections.abc import Iterable
from typing import Any

from taiga.changes.models import Change
from taiga.history import differences

Entry = dict[str, Any]
HIDDEN = {
    "description_html",
    "content_html",
    "blocked_note_html",
    "epics_order",
    "backlog_order",
    "kanban_order",
    "sprint_order",
    "taskboard_order",
    "us_order",
    "finish_date",
    "tribe_gig",
}
"""Fields that no mail shows."""
NOT_MERGED = {"description", "blocked_note", "content", "custom_attributes", "points", "attachments", "watchers"}
"""Fields of which each change is shown; of others only the first old and the last new value."""
TEXTS = {"description", "content", "blocked_note"}
LISTS = {"tags", "watchers"}


def of(changes: Iterable[Change]) -> list[Entry]:
    """The entries of a mail about some changes of one object, in order. Changes that cancel each other out have
    none.
    """
    result: list[Entry] = []
    merged: dict[str, list[Any]] = {}
    values: dict[str, Any] = {}
    for change in changes:
        if change.comment:
            result.append(entry(change, change.diff))
            continue
        for name, (old, new) in change.diff.items():
            if name in NOT_MERGED:
                result.append(entry(change, {name: [old, new]}))
            elif name not in HIDDEN:
                merged.setdefault(name, [old, new])[1] = new
        values = joined(values, change.values)
    left = {name: pair for name, pair in merged.items() if pair[0] != pair[1]}
    result.append({"comment": "", "comment_html": "", "changes": fields(left, values)})
    return [one for one in result if one["comment"] or one["changes"]]


def entry(change: Change, diff: dict[str, Any]) -> Entry:
    """The entry of one change, or of a part of it."""
    deleted = change.delete_comment_date is not None
    return {
        "comment": "" if deleted else change.comment,
        "comment_html": "" if deleted else change.comment_html,
        "changes": fields(diff, change.values),
    }


def joined(values: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The labels of several changes."""
    return {name: {**values.get(name, {}), **more.get(name, {})} for name in {**values, **more}}


def fields(diff: dict[str, Any], values: dict[str, Any]) -> list[Entry]:
    """The changed fields of an entry."""
    shown = {name: pair for name, pair in diff.items() if name not in HIDDEN}
    result: list[Entry] = [{"field": name} for name in shown if name in TEXTS]
    words = differences.values_diff(Change(diff=shown, values=values), without=TEXTS)
    for name, value in words.items():
        result += field(name, value)
    return result


def field(name: str, value: Any) -> list[Entry]:
    """A changed field; some are shown in several lines."""
    if name == "points":
        return [{"field": name, "of": role, "old": old, "new": new} for role, (old, new) in value.items()]
    if name == "attachments":
        names = {what: [one["filename"] for one in files] for what, files in value.items()}
        return [{"field": name, "added": names["new"], "changed": names["changed"], "removed": names["deleted"]}]
    if name == "custom_attributes":
        return custom_attributes(name, value)
    old, new = value
    if name in LISTS:
        return [{"field": name, "added": missing(new, old), "removed": missing(old, new)}]
    return [{"field": name, "old": plain(old), "new": plain(new)}]


def custom_attributes(name: str, value: dict[str, list[Entry]]) -> list[Entry]:
    """A line for each custom field."""
    added = [(one["name"], None, one["value"]) for one in value["new"]]
    changed = [(one["name"], *one["changes"]["value"]) for one in value["changed"]]
    removed = [(one["name"], one["value"], None) for one in value["deleted"]]
    return [
        {"field": name, "of": called, "old": plain(old), "new": plain(new)}
        for called, old, new in [*added, *changed, *removed]
    ]


def missing(some: Any, others: Any) -> list[str]:
    """Those of some values that are not among others, as texts."""
    return [str(one) for one in some or () if one not in (others or ())]


def plain(value: Any) -> Any:
    """A value as text; booleans and numbers stay, since the template shows them in the recipient's language."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else ", ".join(map(str, value))
