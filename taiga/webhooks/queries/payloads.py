"""The payloads of changes: who changed what, and the object as it is now. Each costs a constant number of queries."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from taiga.base import clock
from taiga.changes.models import VERBS, Change, ChangeType
from taiga.history import differences
from taiga.projects.models import Epic, Issue, Milestone, RelatedUserStory, Task, UserStory, WikiPage
from taiga.users import queries as users
from taiga.webhooks.queries import shapes, tables
from taiga.webhooks.queries.shapes import Data, Known

TYPES = {
    Milestone.type_key: "milestone",
    Epic.type_key: "epic",
    RelatedUserStory.type_key: "relateduserstory",
    UserStory.type_key: "userstory",
    Task.type_key: "task",
    Issue.type_key: "issue",
    WikiPage.type_key: "wikipage",
}
"""The kinds of object whose changes are sent, and their names in payloads."""
LOOK_ELSEWHERE = "Check the history API for the exact diff"
"""What stands for the difference of a description, which may be long."""
UNCHANGED = ("points", "attachments", "custom_attributes", "description_diff")
"""Fields whose differences are sent as they are."""


def payload(change: Change) -> Data | None:
    """The payload of a change; for an edited comment, of the entry that it belongs to.

    None if the object is deleted and was not remembered.
    """
    entry = change.entry or change
    action = VERBS[entry.type]
    is_gone = action == "delete"
    data = change.context.get("payload") if is_gone else data_of(change.kind, change.object_id) or remembered(change)
    if not data:
        return None
    sent = envelope(action, TYPES[change.kind], entry.by_id, shapes.deleted(data) if is_gone else data)
    return {**sent, "change": what_changed(entry)} if action == "change" else sent


def envelope(action: str, type: str, by: int | None, data: Data) -> Data:
    """The members of every payload."""
    people = people_of([by])
    return {
        "action": action,
        "type": type,
        "by": people.get(by) if by is not None else None,
        "date": clock.stamp(clock.now()),
        "data": data,
    }


def what_changed(change: Change) -> Data:
    """The comment of an entry, and its changed fields."""
    return {
        "comment": change.comment,
        "comment_html": change.comment_html,
        "delete_comment_date": clock.stamp(change.delete_comment_date),
        "comment_versions": change.comment_versions,
        "edit_comment_date": clock.stamp(change.edit_comment_date),
        "diff": {name: from_to(name, value) for name, value in in_words(change).items()},
    }


def in_words(change: Change) -> Data:
    """The changed fields, with names instead of ids."""
    fields = differences.values_diff(change, without=("description", "description_html"))
    if "description" in change.diff:
        fields["description_diff"] = LOOK_ELSEWHERE
    return fields


def from_to(name: str, value: Any) -> Any:
    """The old and the new value of a field; for files and custom fields, lists of what was added, changed and
    removed.
    """
    if name == "points":
        return {role: {"from": old, "to": new} for role, (old, new) in value.items()}
    return value if name in UNCHANGED else {"from": value[0], "to": value[1]}


def data_of(kind: str, key: int) -> Data | None:
    """The object as it is now; None if it does not exist."""
    return READ[kind](key)


def remembered(change: Change) -> Data | None:
    """The object that was deleted before this change of it was sent, as it was then.

    None for a task that became a story: its deletion is not sent, as in Taiga.
    """
    if "promoted_to" in change.diff:
        return None
    gone = Change.objects.filter(kind=change.kind, object_id=change.object_id, type=ChangeType.DELETE)
    context = gone.values_list("context", flat=True).first()
    return context.get("payload") if context else None


def item_data(key: int) -> Data | None:
    """An epic, story, task or issue."""
    return items([key]).get(key)


def relation_data(key: int) -> Data | None:
    """The relation of a story to an epic, with both of them."""
    for row in tables.RELATIONS.read([key]):
        found = items([row["epic"], row["user_story"]])
        return {**row, "user_story": found.get(row["user_story"]), "epic": found.get(row["epic"])}
    return None


def milestone_data(key: int) -> Data | None:
    """A sprint."""
    rows = tables.MILESTONES.read([key])
    return shapes.milestone(rows[0], known_to(rows)) if rows else None


def page_data(key: int) -> Data | None:
    """A wiki page."""
    rows = tables.PAGES.read([key])
    return shapes.page(rows[0], known_to(rows)) if rows else None


READ: dict[str, Callable[[int], Data | None]] = {
    Milestone.type_key: milestone_data,
    RelatedUserStory.type_key: relation_data,
    WikiPage.type_key: page_data,
    **dict.fromkeys((one.type_key for one in (Epic, UserStory, Task, Issue)), item_data),
}


def items(ids: Iterable[int]) -> dict[int, Data]:
    """Items by id; tasks with their stories."""
    rows = tables.ITEMS.read(ids)
    stories = tables.ITEMS.read(row["user_story"] for row in rows)
    known = known_to([*rows, *stories])
    known.stories = {row["id"]: shapes.item(row, known) for row in stories}
    return {row["id"]: shapes.item(row, known) for row in rows}


def known_to(rows: Sequence[Data]) -> Known:
    """The sprints, projects, people and custom fields that the rows refer to; one query for each."""
    sprints = tables.MILESTONES.read(row.get("milestone") for row in rows)
    everything = [*rows, *sprints]
    known = Known(
        people_of(row.get(role) for row in everything for role in ("owner", "assigned_to", "last_modifier")),
        {row["id"]: row for row in tables.PROJECTS.read(row["project"] for row in everything)},
        fields=tables.custom_fields(rows),
    )
    known.milestones = {row["id"]: shapes.milestone(row, known) for row in sprints}
    return known


def people_of(ids: Iterable[int | None]) -> dict[int, Data]:
    """People by id."""
    return {card["id"]: shapes.user(card) for card in users.cards(ids).values()}
