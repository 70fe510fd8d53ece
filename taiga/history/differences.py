"""A diff of ids in words, as clients show it."""

from collections.abc import Collection
from typing import Any

from taiga.base.textdiff import diff_html
from taiga.changes.models import Change

Values = dict[str, Any]
MARKDOWN = ("description", "content", "blocked_note")
PEOPLE = ("assigned_to", "owner")
LABELLED = ("status", "milestone", "swimlane", "priority", "severity", "type", "user_story")
OMITTED = ("watchers", "description_diff", "content_diff", "blocked_note_diff")
NOT_COMPARED = ("filename", "url", "order")


def values_diff(change: Change, *, without: Collection[str] = ()) -> Values:
    """The diff as people read it: names instead of ids, and HTML diffs of texts. Fields in `without` are left out."""
    shown: Values = {}
    for name, (old, new) in change.diff.items():
        if name in OMITTED or name in without:
            continue
        key, value = field_diff(name, old, new, change.values)
        if value is not None:
            shown[key] = value
    return shown


def field_diff(name: str, old: Any, new: Any, values: Values) -> tuple[str, Any]:
    """One field: the key it has in words, and its value (None: nothing to tell)."""
    if name in MARKDOWN:
        html = diff_html(old or "", new or "")
        return f"{name}_diff", [None, html] if html else None
    if name in PEOPLE:
        return name, [person(old, values), person(new, values)]
    if name == "assigned_users":
        return name, [people(old, values), people(new, values)]
    if name == "points":
        return name, points(old or {}, new or {}, values)
    if name == "attachments":
        return name, attachments(old or [], new or [])
    if name == "custom_attributes":
        return name, custom_attributes(old or [], new or [])
    if name in LABELLED:
        labels = values.get(name, {})
        return name, [labels.get(str(old)), labels.get(str(new))]
    return name, [old, new]


def person(key: Any, values: Values) -> str | None:
    """The name of one person."""
    users = values.get("users") or {}
    return users.get(str(key)) if isinstance(users, dict) and key is not None else None


def people(keys: Any, values: Values) -> str | None:
    """The names of several, or null for nobody."""
    if not keys:
        return None
    names = [person(key, values) for key in keys]
    return ", ".join(name for name in names if name)


def points(old: Values, new: Values, values: Values) -> Values | None:
    """`{role: [points, points]}` of the roles whose estimate changed, without those that are gone."""
    roles, names = values.get("roles", {}), values.get("points", {})
    changed = {}
    for role, after in new.items():
        before = old.get(role)
        if before != after:
            changed[roles.get(str(role), str(role))] = [names.get(str(before)), names.get(str(after))]
    return changed or None


def attachments(old: list[Values], new: list[Values]) -> Values | None:
    """Files that were added, deleted or described differently."""
    before, after = {one["id"]: one for one in old}, {one["id"]: one for one in new}
    changed = []
    for key in before.keys() & after.keys():
        changes = {
            name: [before[key].get(name), value]
            for name, value in after[key].items()
            if name not in NOT_COMPARED and before[key].get(name) != value
        }
        if changes:
            shown = {"filename": after[key].get("filename"), "url": after[key].get("url"), "thumb_url": ""}
            changed.append({**shown, "changes": changes})
    result = {
        "new": [one for key, one in after.items() if key not in before],
        "changed": changed,
        "deleted": [one for key, one in before.items() if key not in after],
    }
    return result if any(result.values()) else None


def custom_attributes(old: list[Values], new: list[Values]) -> Values | None:
    """Custom fields that were set, changed or cleared. Entries of old dumps may lack some keys."""
    before, after = {one["id"]: one for one in old}, {one["id"]: one for one in new}
    result: dict[str, list[Values]] = {"new": [], "changed": [], "deleted": []}
    for key, one in after.items():
        if key not in before:
            result["new"].append({**one, "value_diff": value_diff(one.get("type"), None, one.get("value"))})
        elif before[key].get("value") != one.get("value"):
            old_value, new_value = before[key].get("value"), one.get("value")
            result["changed"].append(
                {
                    "name": one.get("name"),
                    "type": one.get("type"),
                    "changes": {"value": [old_value, new_value]},
                    "value_diff": value_diff(one.get("type"), old_value, new_value),
                }
            )
    result["deleted"] = [one for key, one in before.items() if key not in after]
    return result if any(result.values()) else None


def value_diff(kind: str | None, old: Any, new: Any) -> Any:
    """The comparison of two values of a custom field: an HTML diff for texts, a pair for others."""
    if kind in ("number", "checkbox"):
        return [old, new]
    return diff_html(str(old or ""), str(new or ""))
