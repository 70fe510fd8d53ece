"""Creating, changing and deleting work items of any kind. What is special about a kind is in the kind's own file."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from taiga.base import clock, errors, writes
from taiga.base.bodies import UNSET, Fields
from taiga.base.prepared import Param, Prepared
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, Recorder, change_of, publish, recorded
from taiga.projects.models import Kind, Membership, WorkItem
from taiga.projects.permissions import Access
from taiga.projects.queries import texts
from taiga.projects.services import (
    attachments,
    custom_values,
    epics,
    freezing,
    issues,
    moving,
    origins,
    tags,
    tasks,
    transitions,
    unrecorded,
    userstories,
    watching,
)
from taiga.projects.services.kinds import KINDS, fill_defaults, foreign_object
from taiga.projects.services.saving import OtherOrders, Saving
from taiga.projects.services.versions import ensure_no_conflict

BEFORE_SAVE: dict[Kind, Callable[[Saving], None]] = {
    Kind.EPIC: epics.before_save,
    Kind.USERSTORY: userstories.before_save,
    Kind.TASK: tasks.before_save,
    Kind.ISSUE: issues.before_save,
}
AFTER_SAVE: dict[Kind, Callable[[Saving], None]] = {
    Kind.EPIC: epics.after_save,
    Kind.USERSTORY: userstories.after_save,
    Kind.TASK: tasks.after_save,
    Kind.ISSUE: issues.after_save,
}
SNAPSHOT_EXTRAS: dict[Kind, Callable[[WorkItem], dict[str, Any]]] = {
    Kind.EPIC: epics.snapshot_extras,
    Kind.USERSTORY: userstories.snapshot_extras,
    Kind.TASK: tasks.snapshot_extras,
    Kind.ISSUE: issues.snapshot_extras,
}
NOT_COLUMNS = {"project", "version", "comment", "watchers", "points", "assigned_users", "tags"}
COLUMN_NAMES = {"finish_date": "finished_date"}


def create(kind: Kind, fields: Fields[Any], *, access: Access, by: Actor) -> Saving:
    """Create an item; it is the `item` of the result."""
    values = dict(fields.values)
    item: WorkItem = KINDS[kind].model(project_id=access.project.id, kind=kind, owner_id=by.id)
    for name in KINDS[kind].defaults:
        values.setdefault(name, None)
    if values.get("version") is not None:
        item.version = max(1, values["version"])
    saving = Saving(item, values, fields.found, access, by, before=None)
    apply(saving)
    item.ref = next_refs(access.project.id, 1)
    writes.insert([item])
    AFTER_SAVE[kind](saving)
    watching.ensure_policy_of_author(access, by)
    origins.comment_on_origin(saving)
    comment = values.get("comment") or ""
    involved = watching.involve(item, access.project.slug, text=item.description, comment=comment, by=by)
    publish([creation(item, saving, comment, involved)])
    return saving


def creation(item: WorkItem, saving: Saving, comment: str = "", context: dict[str, Any] | None = None) -> Change:
    """The change of a new item."""
    return change_of(
        item,
        ChangeType.CREATE,
        by=saving.by,
        snapshot=snapshot(item, saving.access),
        comment=comment,
        comment_html=html(comment, saving.access),
        context=context or {},
    )


def change(item: WorkItem, fields: Fields[Any], *, access: Access, by: Actor, other_orders: OtherOrders) -> Saving:
    """Change some fields, comment, or both: one version, one history entry.

    `other_orders` returns the orders that further items of the same list want (the header `set-orders`).
    """
    values = dict(fields.values)
    ensure_no_conflict(item, values.pop("version", UNSET), fields.sent)
    access.ensure_open()
    item.version += 1
    return save(item, values, fields.found, access=access, by=by, other_orders=other_orders)


def save(
    item: WorkItem,
    values: dict[str, Any],
    found: dict[str, tuple[Any, ...]],
    *,
    access: Access,
    by: Actor,
    other_orders: OtherOrders = dict,
) -> Saving:
    """Make a change that is known to be allowed. The caller raises the version."""
    kind = Kind(item.kind)
    comment = values.pop("comment", "") or ""
    frozen = freezing.freeze(item)
    saving = Saving(item, values, found, access, by, before=frozen, other_orders=other_orders)
    saving.before = before = consume_unrecorded(saving, frozen)
    commented: dict[str, Any] = {"comment": comment, "comment_html": html(comment, access)}
    with recorded(
        item, by=by, freeze=freezing.freeze, before=before, recorder=saving.recorder, **commented
    ) as recorder:
        recorder.context["version"] = item.version
        apply(saving)
        item.modified_date = clock.now()
        writes.update(item, saving.columns())
        AFTER_SAVE[kind](saving)
        if saving.changed("project_id"):
            moving.after_save(saving, next_refs)
        add_html_diffs(saving, recorder)
        former = saving.loaded["description"]
        recorder.context |= watching.involve(
            item, access.project.slug, text=item.description, comment=comment, by=by, former_text=former
        )
        for name, people in saving.watchers.items():
            recorder.add_people(name, people)
        recorder.only_order = freezing.ONLY_ORDER.get(item.type_key, frozenset())
    return saving


def consume_unrecorded(saving: Saving, frozen: dict[str, Any]) -> dict[str, Any]:
    """The frozen item as the history knows it; the entry of this change will include what has changed silently.

    The sprint of a task that followed its story is not attributed to the author of the change. Files stay unrecorded
    until one of them changes, since their order alone gets no entry.
    """
    item = saving.item
    pending = item.unrecorded or {}
    before = unrecorded.last_recorded(item, frozen)
    if item.kind == Kind.TASK and not {"milestone", "user_story"} & saving.values.keys():
        before["milestone"] = frozen["milestone"]
    if "custom_attributes" in pending:
        saving.recorder.add_diff("custom_attributes", pending["custom_attributes"], custom_values.frozen(item))
    if "points" in pending:
        before["points"] = pending["points"]
    item.unrecorded = {name: pending[name] for name in ("attachments",) if name in pending} or None
    return before


def delete(item: WorkItem, *, access: Access, by: Actor, silent: bool = False) -> None:
    """Delete an item and everything that belongs to it.

    The changes of items deleted along with it, and of a `silent` deletion (after a promotion), are hidden: only boards
    and the change feed see them.
    """
    if not silent:
        access.ensure_open()
    saving = Saving(item, {}, {}, access, by, before=freezing.freeze(item))
    details = {} if silent else {"snapshot": snapshot(item, access)}
    deleted_with = DELETED_WITH[Kind(item.kind)](item)
    publish(
        [deletion(item, by, is_hidden=silent, **details), *(deletion(one, by, is_hidden=True) for one in deleted_with)]
    )
    attachments.delete_files_of(item__in=[item, *deleted_with])
    key = item.pk
    WorkItem.objects.filter(pk=key).delete()
    AFTER_DELETE[Kind(item.kind)](saving)


def deletion(item: WorkItem, by: Actor, **more: Any) -> Change:
    """The change of a deleted item."""
    silent = unrecorded.silent_diff(item)
    return change_of(item, ChangeType.DELETE, by=by, diff=silent, context=deleted_facts(item), **more)


def no_items(item: WorkItem) -> list[WorkItem]:
    """The items that are deleted along with most items: none."""
    return []


def deleted_facts(item: WorkItem) -> dict[str, Any]:
    """The facts of a deleted item that effects need."""
    return {"ref": item.ref, "subject": item.subject}


def apply(saving: Saving) -> None:
    """Set the columns: check the values, fill in defaults, and apply the rules of the kind."""
    item, values = saving.item, saving.values
    kind = Kind(item.kind)
    fill_defaults(kind, values, saving.access.project)
    if item.project_id != saving.access.project.id:
        moving.before_save(saving, next_refs)
    ensure_fits(kind, saving)
    for name, value in values.items():
        if name not in NOT_COLUMNS:
            name = COLUMN_NAMES.get(name, name)
            setattr(item, item._meta.get_field(name).attname, value)  # type: ignore[union-attr]
    if saving.changed("status_id") and not saving.changed("project_id"):
        transitions.ensure_allowed(saving.access, kind, [(item, saving.loaded["status_id"], item.status_id)])
    if "tags" in values:
        apply_tags(saving)
    if not item.is_blocked:
        item.blocked_note = ""
    BEFORE_SAVE[kind](saving)
    if "watchers" in values and item.pk:
        saving.watchers = watching.replace(item, values["watchers"])


def apply_tags(saving: Saving) -> None:
    """Set the tags, and add new ones to the project's palette."""
    pairs = saving.values["tags"]
    saving.item.tags = [name for name, _color in pairs] if pairs is not None else None
    tags.add_to_palette(saving.item.project_id, pairs or [])


def ensure_fits(kind: Kind, saving: Saving) -> None:
    """Refuse related objects of other projects."""
    sent = {name for name, value in saving.values.items() if value is not None}
    for name in KINDS[kind].in_project:
        if name in sent and name in saving.found and saving.found[name][0] != saving.item.project_id:
            raise foreign_object(kind, name)
    for name in origins.ORIGINS:
        if name in sent:
            origins.ensure_valid_origin(saving, name)


MEMBER = Prepared(
    lambda: Membership.objects.filter(project=Param("project"), user=Param("user")).order_by().values_list("id")
)


def ensure_assignable(project_id: int, user_id: int | None) -> None:
    """Refuse an assignee who is not a member. Raises Invalid."""
    if user_id is not None and MEMBER.one(project=project_id, user=user_id) is None:
        raise errors.Invalid({"assigned_to": [_("The user must be a project member.")]})


PEOPLE_CHECKS: dict[str, Callable[[int, Any], None]] = {
    "assigned_to": ensure_assignable,
    "assigned_users": lambda _project_id, user_ids: userstories.ensure_are_users(user_ids),
    "watchers": watching.ensure_may_watch,
}
"""The fields that refer to users, and the checks of these users in a project."""


def ensure_valid_people(values: Mapping[str, Any], project_id: int) -> None:
    """Check the users in all fields together. Raises Invalid."""
    problems: dict[str, Any] = {}
    for name in PEOPLE_CHECKS.keys() & values.keys():
        try:
            PEOPLE_CHECKS[name](project_id, values[name])
        except errors.Invalid as refusal:
            problems.update(refusal.fields)
    if problems:
        raise errors.Invalid(problems)


def next_refs(project_id: int, count: int) -> int:
    """Take `count` consecutive #numbers of a project; returns the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_project SET last_ref = last_ref + %s WHERE id = %s RETURNING last_ref",
            [count, project_id],
        )
        return int(cursor.fetchone()[0]) - count + 1


def add_html_diffs(saving: Saving, recorder: Recorder) -> None:
    """Add the HTML of changed Markdown fields, before and after, to the diff."""
    for name in ("description", "blocked_note"):
        old, new = (saving.before or {}).get(name, ""), getattr(saving.item, name)
        if old != new:
            recorder.add_diff(f"{name}_html", html(old, saving.access), html(new, saving.access))


def html(text: str, access: Access) -> str:
    """Markdown of a project as HTML."""
    return texts.html(text, access.project.id, access.project.slug)


def snapshot(item: WorkItem, access: Access, extras: dict[str, Any] | None = None) -> dict[str, Any]:
    """Everything that the history remembers of an item; `extras` are the parts that are not columns, if known."""
    return {
        **freezing.freeze(item),
        "description_html": html(item.description, access),
        "blocked_note_html": html(item.blocked_note, access),
        "attachments": [],
        "custom_attributes": [],
        **(SNAPSHOT_EXTRAS[Kind(item.kind)](item) if extras is None else extras),
    }


DELETED_WITH: dict[Kind, Callable[[WorkItem], list[WorkItem]]] = {
    Kind.EPIC: no_items,
    Kind.USERSTORY: userstories.tasks_of,
    Kind.TASK: no_items,
    Kind.ISSUE: no_items,
}
AFTER_DELETE: dict[Kind, Callable[[Saving], None]] = {
    Kind.EPIC: epics.after_delete,
    Kind.USERSTORY: userstories.after_delete,
    Kind.TASK: tasks.after_delete,
    Kind.ISSUE: issues.after_delete,
}
