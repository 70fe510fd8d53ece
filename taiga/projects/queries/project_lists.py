"""The lists inside a project's detail, as raw rows: with `project_id`, names translated, and null for empty lists."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import CharField, Value
from django.utils.translation import gettext

from taiga.base.media import signing as media
from taiga.base.prepared import Param, Prepared
from taiga.projects.default_templates import NAMES
from taiga.projects.models import (
    CustomAttribute,
    DueDate,
    IssueType,
    Kind,
    Membership,
    Milestone,
    Points,
    Priority,
    Role,
    Severity,
    Status,
    Swimlane,
)
from taiga.users.queries import gravatar_id

Row = dict[str, Any]
Rows = list[Row]

STATUS = ("id", "name", "slug", "order", "is_closed", "color", "project_id")
STORY_STATUS = ("is_archived", "wip_limit")
LABEL = ("id", "name", "order", "color", "project_id")
DUE_DATE = ("id", "name", "order", "by_default", "color", "days_to_due", "project_id")
POINTS = ("id", "name", "order", "value", "project_id")
SWIMLANE = ("id", "name", "order", "project_id")
ROLE = ("id", "name", "slug", "permissions", "order", "computable", "project_id")
CUSTOM_ATTRIBUTE = (
    *("id", "name", "description", "type", "order", "extra"),
    *("created_date", "modified_date", "project_id"),
)
MILESTONE = ("id", "slug", "name", "closed")
MEMBER = ("id", "username", "full_name", "email", "color", "photo", "photo_format", "is_active")
STATUS_LISTS = {
    Kind.EPIC: "epic_statuses",
    Kind.USERSTORY: "us_statuses",
    Kind.TASK: "task_statuses",
    Kind.ISSUE: "issue_statuses",
}
DUE_DATE_LISTS = {Kind.USERSTORY: "us_duedates", Kind.TASK: "task_duedates", Kind.ISSUE: "issue_duedates"}
CUSTOM_ATTRIBUTE_LISTS = {
    Kind.EPIC: "epic_custom_attributes",
    Kind.USERSTORY: "userstory_custom_attributes",
    Kind.TASK: "task_custom_attributes",
    Kind.ISSUE: "issue_custom_attributes",
}
LABEL_LISTS: dict[str, Any] = {"issue_types": IssueType, "priorities": Priority, "severities": Severity}


def of_project(model: Any) -> Any:
    """The rows of the project."""
    return model.objects.filter(project=Param("project"))


def labels() -> Any:
    """Types, priorities and severities in one query, each row with the name of its list."""
    parts = [
        of_project(model).order_by().annotate(list=Value(name, CharField())).values_list("list", *LABEL)
        for name, model in LABEL_LISTS.items()
    ]
    return parts[0].union(*parts[1:], all=True).order_by("order", "name")


ORDER = ("order", "name", "id")
STATUSES = Prepared(lambda: of_project(Status).order_by(*ORDER).values_list("kind", *STATUS, *STORY_STATUS))
DUE_DATES = Prepared(lambda: of_project(DueDate).order_by(*ORDER).values_list("kind", *DUE_DATE))
CUSTOM_ATTRIBUTES = Prepared(
    lambda: of_project(CustomAttribute).order_by(*ORDER).values_list("kind", *CUSTOM_ATTRIBUTE)
)
LABELS = Prepared(labels)
ALL_POINTS = Prepared(lambda: of_project(Points).order_by(*ORDER).values_list(*POINTS))
SWIMLANES = Prepared(lambda: of_project(Swimlane).order_by(*ORDER).values_list(*SWIMLANE))
ROLES = Prepared(lambda: of_project(Role).order_by("order", "slug").values_list(*ROLE))
MILESTONES = Prepared(lambda: of_project(Milestone).order_by("estimated_start", "id").values_list(*MILESTONE))
MEMBERS = Prepared(
    lambda: (
        of_project(Membership)
        .filter(user__isnull=False)
        .order_by("user__full_name", "user__username")
        .values_list(*(f"user__{name}" for name in MEMBER), "role_id", "role__name")
    )
)


def of(project_id: int) -> dict[str, Rows | None]:
    """All the lists of a project; nine queries."""
    lists: dict[str, Rows | None] = {
        **grouped(STATUSES, project_id, (*STATUS, *STORY_STATUS), STATUS_LISTS, status),
        **grouped(DUE_DATES, project_id, DUE_DATE, DUE_DATE_LISTS),
        **grouped(CUSTOM_ATTRIBUTES, project_id, CUSTOM_ATTRIBUTE, CUSTOM_ATTRIBUTE_LISTS, custom_attribute),
        **grouped(LABELS, project_id, LABEL, {name: name for name in LABEL_LISTS}),
        "points": [points(row) for row in fetched(ALL_POINTS, project_id, POINTS)],
        "swimlanes": fetched(SWIMLANES, project_id, SWIMLANE),
        "roles": fetched(ROLES, project_id, ROLE),
    }
    milestones = [dict(zip(MILESTONE, row, strict=True)) for row in MILESTONES.all(project=project_id)]
    members = [member(row) for row in MEMBERS.all(project=project_id)]
    return {**{name: rows or None for name, rows in lists.items()}, "milestones": milestones, "members": members}


def fetched(query: Prepared, project_id: int, names: tuple[str, ...]) -> Rows:
    """The rows of one list."""
    return [translated(dict(zip(names, row, strict=True))) for row in query.all(project=project_id)]


def grouped(
    query: Prepared,
    project_id: int,
    names: tuple[str, ...],
    lists: dict[Any, str],
    finish: Callable[[Row, str], Row] = lambda row, _list: row,
) -> dict[str, Rows]:
    """The rows of several lists from one query, whose first column says which list."""
    found: dict[str, Rows] = {name: [] for name in lists.values()}
    for which, *row in query.all(project=project_id):
        name = lists[which]
        found[name].append(finish(translated(dict(zip(names, row, strict=True))), name))
    return found


def translated(row: Row) -> Row:
    """The row, with its name translated if it is that of a default value."""
    if row["name"] in NAMES:
        row["name"] = gettext(row["name"])
    return row


def status(row: Row, name: str) -> Row:
    """Only statuses of stories have all the columns."""
    if name != "us_statuses":
        for column in STORY_STATUS:
            del row[column]
    return row


def points(row: Row) -> Row:
    """Whole values are written without a fraction."""
    value = row["value"]
    if value is not None and value == int(value):
        row["value"] = int(value)
    return row


def custom_attribute(row: Row, name: str) -> Row:
    """A custom field; timestamps keep all their digits here."""
    for column in ("created_date", "modified_date"):
        row[column] = datetime.fromisoformat(row[column]).isoformat()
    return row


def member(row: tuple[Any, ...]) -> Row:
    """A member, with the role."""
    facts = dict(zip((*MEMBER, "role", "role_name"), row, strict=True))
    photo, picture, email = facts.pop("photo"), facts.pop("photo_format"), facts.pop("email")
    facts["full_name_display"] = facts["full_name"] or facts["username"] or email
    facts["photo"] = media.thumbnail_url(photo, "avatar", picture)
    facts["gravatar_id"] = gravatar_id(email)
    return facts
