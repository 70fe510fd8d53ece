"""The CSV reports of a project: one line per item, by #number.

The cells are exactly those of Taiga's reports, except that texts which a spreadsheet would read as formulas are
escaped.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F

from taiga.base.sql import IdList, outer
from taiga.projects.models import (
    AssignedUser,
    Attachment,
    CustomAttribute,
    Kind,
    Project,
    RelatedUserStory,
    Role,
    RolePoints,
    Task,
    Vote,
    Watch,
    WorkItem,
)

Cell = Any
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
HEAD = ["id", "ref", "subject", "description"]
SPRINT = ["sprint_id", "sprint", "sprint_estimated_start", "sprint_estimated_finish"]
PEOPLE = ["owner", "owner_full_name", "assigned_to", "assigned_to_full_name"]
DATES = ["created_date", "modified_date"]
COLUMNS: dict[Kind, list[str]] = {
    Kind.EPIC: [
        *HEAD,
        *PEOPLE,
        *[
            "status",
            "epics_order",
            "client_requirement",
            "team_requirement",
            "attachments",
            "tags",
            "watchers",
            "voters",
        ],
        *DATES,
        "related_user_stories",
    ],
    Kind.USERSTORY: [
        *HEAD,
        *SPRINT,
        *PEOPLE,
        *["assigned_users", "assigned_users_full_name", "status", "is_closed", "swimlane", "*points", "total-points"],
        *["backlog_order", "sprint_order", "kanban_order"],
        *DATES,
        *["finish_date", "client_requirement", "team_requirement", "attachments", "generated_from_issue"],
        *["generated_from_task", "from_task_ref", "external_reference", "tasks", "tags", "watchers", "voters"],
        *["due_date", "due_date_reason", "epics"],
    ],
    Kind.TASK: [
        *HEAD,
        "user_story",
        *SPRINT,
        *PEOPLE,
        *[
            "status",
            "is_iocaine",
            "is_closed",
            "us_order",
            "taskboard_order",
            "attachments",
            "external_reference",
            "tags",
        ],
        *["watchers", "voters"],
        *DATES,
        *["finished_date", "due_date", "due_date_reason"],
    ],
    Kind.ISSUE: [
        *HEAD,
        *SPRINT,
        *PEOPLE,
        *[
            "status",
            "severity",
            "priority",
            "type",
            "is_closed",
            "attachments",
            "external_reference",
            "tags",
            "watchers",
            "voters",
        ],
        *DATES,
        *["finished_date", "due_date", "due_date_reason"],
    ],
}
"""`*points` stands for a column per computable role."""


def report(kind: Kind, project: Project) -> Iterator[str]:
    """The lines of a project's report."""
    roles = list(Role.objects.filter(project=project, computable=True).order_by("slug").values_list("id", "slug"))
    fields = list(
        CustomAttribute.objects.filter(project=project, kind=kind).order_by("order", "name").values_list("id", "name")
    )
    columns = [name for name in COLUMNS[kind] if name != "*points"]
    if kind == Kind.USERSTORY:
        at = columns.index("total-points")
        columns[at:at] = [f"{slug}-points" for _key, slug in roles]
    yield line([*columns, *(name for _key, name in fields)])
    items = rows(kind, project)
    if not items:
        return
    more = Extras(kind, [item["id"] for item in items], roles)
    for item in items:
        cells = {**item, **more.of(item)}
        own = [cell(cells.get(name)) for name in columns]
        values = item["attributes_values"] or {}
        yield line([*own, *(custom_cell(values.get(str(key))) for key, _name in fields)])


def line(cells: list[Cell]) -> str:
    """One line of CSV; texts are escaped against formulas."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(escaped(one) if isinstance(one, str) else one for one in cells)
    return buffer.getvalue()


def escaped(text: str) -> str:
    """The text, escaped so that no spreadsheet reads it as a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def custom_cell(value: Cell) -> Cell:
    """The value of a custom field."""
    if value is None:
        return ""
    return value if isinstance(value, (bool, int, float)) else str(value)


def cell(value: Cell) -> Cell:
    """A value as the report writes it; numbers are not escaped, so that negative ones stay numbers."""
    if value is None:
        return ""
    if isinstance(value, list):
        return str(value)
    return value if isinstance(value, (bool, int, float)) else str(value)


SHARED = {
    "owner": F("owner__username"),
    "assigned_to": F("assigned_to__username"),
    "owner_full_name": F("owner__full_name"),
    "assigned_to_full_name": F("assigned_to__full_name"),
    "status": F("status__name"),
    "status_closed": F("status__is_closed"),
    "sprint": F("milestone__name"),
    "sprint_estimated_start": F("milestone__estimated_start"),
    "sprint_estimated_finish": F("milestone__estimated_finish"),
    "user_story": F("user_story__ref"),
    "swimlane": F("swimlane__name"),
    "generated_from_issue": F("generated_from_issue__ref"),
    "generated_from_task": F("generated_from_task__ref"),
    "severity": F("severity__name"),
    "priority": F("priority__name"),
    "type": F("type__name"),
    "watchers": IdList(Watch.objects.filter(**outer("item")).order_by("user_id").values(value=F("user_id"))),
}
STORED = [
    "id",
    "ref",
    "subject",
    "description",
    "milestone_id",
    "is_closed",
    "epics_order",
    "client_requirement",
    "team_requirement",
    "backlog_order",
    "sprint_order",
    "kanban_order",
    "created_date",
    "modified_date",
    "finished_date",
    "from_task_ref",
    "external_reference",
    "tags",
    "due_date",
    "due_date_reason",
    "is_iocaine",
    "us_order",
    "taskboard_order",
    "attributes_values",
]


def rows(kind: Kind, project: Project) -> list[dict[str, Cell]]:
    """The items, with columns of directly related rows."""
    aliased = {f"x_{name}": expression for name, expression in SHARED.items()}
    items = WorkItem.objects.filter(project=project, kind=kind).order_by("ref").annotate(**aliased)
    found = []
    for row in items.values(*STORED, *aliased):
        item = {name.removeprefix("x_"): value for name, value in row.items()}
        item["sprint_id"] = item.pop("milestone_id")
        item["finish_date"] = item["finished_date"]
        closed = item.pop("status_closed")
        if kind != Kind.USERSTORY:
            item["is_closed"] = bool(closed)
        item["tags"] = ",".join(item["tags"] or ())
        found.append(item)
    return found


class Extras:
    """Data of indirectly related rows, queried for all items together."""

    def __init__(self, kind: Kind, ids: list[int], roles: list[tuple[int, str]]) -> None:
        self.kind, self.roles = kind, roles
        self.attachments = counted(Attachment, ids)
        self.votes = counted(Vote, ids)
        story = kind == Kind.USERSTORY
        self.points = estimates(ids) if story else {}
        self.tasks = (
            joined(Task.objects.filter(user_story__in=ids).order_by("ref"), "user_story_id", "ref") if story else {}
        )
        assigned = AssignedUser.objects.filter(user_story__in=ids).order_by("user__username")
        self.usernames = joined(assigned, "user_story_id", "user__username") if story else {}
        self.names = joined(assigned, "user_story_id", "user__full_name") if story else {}
        related = RelatedUserStory.objects.filter(user_story__in=ids).order_by("epic__ref")
        self.epics = joined(related, "user_story_id", "epic__ref") if story else {}
        self.stories = self._stories(ids) if kind == Kind.EPIC else {}

    def _stories(self, ids: list[int]) -> dict[int, str]:
        found: dict[int, list[str]] = {}
        related = RelatedUserStory.objects.filter(epic__in=ids).order_by("order", "id")
        for epic, slug, ref in related.values_list("epic_id", "user_story__project__slug", "user_story__ref"):
            found.setdefault(epic, []).append(f"{slug}#{ref}")
        return {key: ",".join(parts) for key, parts in found.items()}

    def of(self, item: dict[str, Cell]) -> dict[str, Cell]:
        """The cells of one item."""
        key = item["id"]
        cells: dict[str, Cell] = {"attachments": self.attachments.get(key, 0), "voters": self.votes.get(key, 0)}
        if self.kind == Kind.EPIC:
            cells["related_user_stories"] = self.stories.get(key, "")
        if self.kind == Kind.USERSTORY:
            points = self.points.get(key, {})
            cells |= {f"{slug}-points": points.get(role, 0) for role, slug in self.roles}
            values = [value for value in points.values() if value is not None]
            cells["total-points"] = sum(values) if values else None
            cells |= {
                "tasks": self.tasks.get(key, ""),
                "assigned_users": self.usernames.get(key, ""),
                "assigned_users_full_name": self.names.get(key, ""),
                "epics": self.epics.get(key, ""),
            }
        return cells


def counted(model: Any, ids: list[int]) -> dict[int, int]:
    """The number of rows per item."""
    grouped = model.objects.filter(item__in=ids).order_by().values("item_id").annotate(n=Count("id"))
    return dict(grouped.values_list("item_id", "n"))


def joined(rows_: Any, key: str, value: str) -> dict[int, str]:
    """Values of rows by a key, joined by commas."""
    found: dict[int, list[str]] = {}
    for owner, one in rows_.values_list(key, value):
        found.setdefault(owner, []).append(str(one))
    return {owner: ",".join(parts) for owner, parts in found.items()}


def estimates(ids: list[int]) -> dict[int, dict[int, float | None]]:
    """The points of stories by role."""
    found: dict[int, dict[int, float | None]] = {}
    for story, role, value in RolePoints.objects.filter(user_story__in=ids).values_list(
        "user_story_id", "role_id", "points__value"
    ):
        found.setdefault(story, {})[role] = value
    return found
