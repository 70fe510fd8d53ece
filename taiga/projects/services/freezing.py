"""What the history remembers of an object: its fields as plain JSON, before and after a change."""

from collections.abc import Callable
from datetime import date
from typing import Any

from taiga.projects.models import Epic, Issue, Milestone, Task, UserStory, WikiPage

Frozen = dict[str, Any]


def moment(value: Any) -> str:
    """A timestamp as the history writes it."""
    return value.isoformat(" ", "microseconds") if value is not None else "None"


SHARED = ("ref", "owner_id", "status_id", "subject", "description", "tags", "is_blocked", "blocked_note")
REQUIREMENTS = ("client_requirement", "team_requirement")
TRACKED: dict[str, tuple[str, ...]] = {
    Epic.type_key: (*SHARED, "color", "epics_order", "assigned_to_id", *REQUIREMENTS),
    UserStory.type_key: (
        *SHARED,
        *("swimlane_id", "is_closed", "finished_date", "backlog_order", "sprint_order", "kanban_order", "milestone_id"),
        *REQUIREMENTS,
        *("generated_from_issue_id", "generated_from_task_id", "tribe_gig", "due_date"),
    ),
    Task.type_key: (
        *SHARED,
        *("milestone_id", "assigned_to_id", "taskboard_order", "us_order", "user_story_id", "is_iocaine", "due_date"),
    ),
    Issue.type_key: (
        *SHARED,
        *("priority_id", "severity_id", "type_id", "milestone_id", "assigned_to_id", "due_date"),
    ),
    WikiPage.type_key: ("slug", "owner_id", "content"),
    Milestone.type_key: (
        *("name", "slug", "owner_id", "estimated_start", "estimated_finish", "closed", "disponibility"),
    ),
}
"""The columns of each kind of object that the history remembers. The assignees of a story are not a column; the
services record them as `assigned_users`.
"""
HISTORY_NAMES = {
    "finished_date": "finish_date",
    "generated_from_issue_id": "from_issue",
    "generated_from_task_id": "from_task",
}
"""Their names in the history, where it is not the column without `_id`."""
CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "finished_date": moment,
    **dict.fromkeys(("due_date", "estimated_start", "estimated_finish"), lambda day: day and date.isoformat(day)),
    "tags": lambda tags: None if tags is None else list(tags),
}
"""Their form in the history, where it is not the value itself."""
MARKDOWN = ("description", "blocked_note", "content")
"""Fields of Markdown, for which the history also keeps the HTML."""
ONLY_ORDER = {
    Epic.type_key: frozenset({"epics_order", "user_stories"}),
    UserStory.type_key: frozenset({"backlog_order", "sprint_order", "kanban_order"}),
    Task.type_key: frozenset({"us_order", "taskboard_order"}),
}
"""A change of only these fields is hidden."""
FIELDS = {
    kind: [
        (HISTORY_NAMES.get(column, column.removesuffix("_id")), column, CONVERTERS.get(column)) for column in columns
    ]
    for kind, columns in TRACKED.items()
}


def freeze(item: Any) -> Frozen:
    """The fields of an object that are columns of it."""
    return {
        name: form(getattr(item, column)) if form else getattr(item, column)
        for name, column, form in FIELDS[item.type_key]
    }
