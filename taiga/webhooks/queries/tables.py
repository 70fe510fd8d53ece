"""The rows that payloads are made from."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q

from taiga.base import sql
from taiga.base.prepared import Ids, Prepared
from taiga.projects.models import (
    AssignedUser,
    CustomAttribute,
    Milestone,
    Project,
    RelatedUserStory,
    RolePoints,
    Watch,
    WikiPage,
    WorkItem,
)

Data = dict[str, Any]
LABELS = ("type", "priority", "severity")
ITEM_COLUMNS: dict[str, Any] = {
    **{name: name for name in ("id", "kind", "ref", "subject", "description", "tags", "created_date")},
    **{name: name for name in ("modified_date", "finished_date", "due_date", "due_date_reason", "is_closed")},
    **{name: name for name in ("is_blocked", "blocked_note", "external_reference", "tribe_gig", "from_task_ref")},
    **{name: name for name in ("client_requirement", "team_requirement", "us_order", "taskboard_order")},
    **{name: name for name in ("is_iocaine", "epics_order", "color", "attributes_values")},
    **{name: f"{name}_id" for name in ("project", "owner", "assigned_to", "milestone", "user_story")},
    **{name: f"{name}_id" for name in ("generated_from_issue", "generated_from_task")},
    **{f"status_{name}": f"status__{name}" for name in ("id", "name", "slug", "color", "is_closed", "is_archived")},
    **{f"{name}_{part}": f"{name}__{part}" for name in LABELS for part in ("id", "name", "color")},
}
MILESTONE_COLUMNS = {
    **{name: name for name in ("id", "name", "slug", "estimated_start", "estimated_finish", "created_date")},
    **{name: name for name in ("modified_date", "closed", "disponibility")},
    "project": "project_id",
    "owner": "owner_id",
}
PAGE_COLUMNS = {
    **{name: name for name in ("id", "slug", "content", "created_date", "modified_date")},
    **{name: f"{name}_id" for name in ("project", "owner", "last_modifier")},
}
RELATION_COLUMNS = {"id": "id", "user_story": "user_story_id", "epic": "epic_id", "order": "order"}


def ids_of(rows: Any, value: str) -> sql.IdList:
    """A column of the rows as a list, in order."""
    return sql.IdList(rows.order_by(value).values(value=F(value)))


def gathered() -> dict[str, Any]:
    """Expressions for what belongs to an item in other tables."""
    stories = Q(**sql.outer("generated_from_issue")) | Q(**sql.outer("generated_from_task"))
    estimates = RolePoints.objects.filter(**sql.outer("user_story")).order_by("role__order", "role__slug")
    return {
        "watchers": ids_of(Watch.objects.filter(**sql.outer("item")), "user_id"),
        "assigned_users": ids_of(AssignedUser.objects.filter(**sql.outer("user_story")), "user_id"),
        "promoted_to": ids_of(WorkItem.objects.filter(stories), "id"),
        "points": sql.listed(estimates, role="role__name", name="points__name", value="points__value"),
    }


class Table:
    """Rows of a model by id, as dictionaries of these columns (name = path or expression)."""

    def __init__(self, model: Any, columns: dict[str, Any]) -> None:
        self.columns = columns
        rows = model.objects.filter(pk__among=Ids("ids")).order_by()
        self.query = Prepared(lambda: rows.values_list(*self.columns.values()))

    def read(self, ids: Iterable[int | None]) -> list[Data]:
        """The rows with these ids; no query without ids."""
        wanted = sorted({key for key in ids if key is not None})
        found = self.query.all(ids=wanted) if wanted else []
        return [dict(zip(self.columns, row, strict=True)) for row in found]


ITEMS = Table(WorkItem, {**ITEM_COLUMNS, **gathered()})
MILESTONES = Table(Milestone, MILESTONE_COLUMNS)
PAGES = Table(WikiPage, PAGE_COLUMNS)
RELATIONS = Table(RelatedUserStory, RELATION_COLUMNS)
PROJECTS = Table(Project, {name: name for name in ("id", "name", "slug", "logo", "logo_format")})
FIELDS = Prepared(
    lambda: CustomAttribute.objects.filter(pk__among=Ids("ids")).order_by("order", "name").values_list("id", "name")
)


def custom_fields(rows: Iterable[Data]) -> dict[int, str]:
    """The names of the custom fields for which items have values, by id."""
    keys = {int(key) for row in rows for key in row.get("attributes_values") or ()}
    return {row[0]: row[1] for row in FIELDS.all(ids=sorted(keys))} if keys else {}
