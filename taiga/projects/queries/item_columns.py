"""The columns of work items: those of all kinds, and those of one kind."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import JSONObject

from taiga.base import sql
from taiga.base.prepared import Param
from taiga.changes.models import Change
from taiga.projects.models import (
    AssignedUser,
    Attachment,
    Kind,
    RelatedUserStory,
    RolePoints,
    Task,
    UserStory,
    Vote,
    Watch,
)
from taiga.users.queries import CARD

Columns = dict[str, Any]
SHARED = [
    "id",
    "ref",
    "subject",
    "created_date",
    "modified_date",
    "version",
    "project",
    "owner",
    "assigned_to",
    "status",
    "tags",
    "is_blocked",
    "blocked_note",
]
PEOPLE = ("owner", "assigned_to")
"""The relations whose user cards an item shows."""
DATED = ("milestone", "due_date", "due_date_reason", "external_reference")


def shared() -> Columns:
    """The computed columns of every kind, and those that `rows.serialized` combines into other members."""
    return {
        "project_name": F("project__name"),
        "project_slug": F("project__slug"),
        "project_logo": F("project__logo"),
        "project_logo_format": F("project__logo_format"),
        "status_name": F("status__name"),
        "status_color": F("status__color"),
        "status_is_closed": F("status__is_closed"),
        "is_voter": Exists(Vote.objects.filter(user=Param("viewer"), **sql.outer("item"))),
        "total_voters": sql.Count(Vote.objects.filter(**sql.outer("item")).values("id")),
        "watchers": sql.IdList(
            Watch.objects.filter(**sql.outer("item")).order_by("user_id").values(value=F("user_id"))
        ),
    }


def detail() -> Columns:
    """The columns of a single item only, including surroundings that lists query for all rows together."""
    people = {f"{person}_{name}": F(f"{person}__{name}") for person in PEOPLE for name in CARD[1:]}
    return {"description": F("description"), "tags_colors": F("project__tags_colors"), **people}


def comments(model: Any) -> Columns:
    """The number of comments of the item."""
    rows = Change.objects.filter(kind=model.type_key, object_id=OuterRef("pk"), entry=None).exclude(comment="")
    return {"total_comments": sql.Count(rows.order_by().values("id"))}


def epics_of(story: str) -> sql.JsonList:
    """The epics of a story (`story` leads to its id)."""
    rows = RelatedUserStory.objects.filter(user_story=OuterRef(story)).order_by("epic__project__name", "epic__ref")
    project = JSONObject(id="epic__project_id", name="epic__project__name", slug="epic__project__slug")
    return sql.listed(
        rows, id="epic_id", ref="epic__ref", subject="epic__subject", color="epic__color", project=project
    )


def story_columns() -> Columns:
    """The members that only stories have."""
    points = RolePoints.objects.filter(**sql.outer("user_story"))
    return {
        **comments(UserStory),
        "is_closed": F("is_closed"),
        "milestone_slug": F("milestone__slug"),
        "milestone_name": F("milestone__name"),
        "finish_date": F("finished_date"),
        "points": sql.JsonMap(points.order_by("role_id").values(key=F("role_id"), value=F("points_id"))),
        "total_points": sql.Total(points.order_by().values(value=F("points__value"))),
        "assigned_users": sql.IdList(
            AssignedUser.objects.filter(**sql.outer("user_story")).order_by("user_id").values(value=F("user_id"))
        ),
        "epics": epics_of("pk"),
        "epic_order": sql.First(
            RelatedUserStory.objects.filter(epic=Param("shown_epic"), **sql.outer("user_story"))
            .order_by()
            .values(value=F("order"))
        ),
        "total_attachments": sql.Count(Attachment.objects.filter(**sql.outer("item")).order_by().values("id")),
    }


def task_columns() -> Columns:
    """The members that only tasks have."""
    return {
        **comments(Task),
        "milestone_slug": F("milestone__slug"),
        "user_story_ref": F("user_story__ref"),
        "user_story_subject": F("user_story__subject"),
        "user_story_epics": epics_of("user_story_id"),
    }


STORED: dict[Kind, tuple[str, ...]] = {
    Kind.EPIC: (*SHARED, "color", "epics_order", "client_requirement", "team_requirement"),
    Kind.USERSTORY: (
        *SHARED,
        *DATED,
        "client_requirement",
        "team_requirement",
        "backlog_order",
        "sprint_order",
        "kanban_order",
        "swimlane",
        "generated_from_issue",
        "generated_from_task",
        "from_task_ref",
        "tribe_gig",
    ),
    Kind.TASK: (*SHARED, *DATED, "user_story", "us_order", "taskboard_order", "is_iocaine", "finished_date"),
    Kind.ISSUE: (*SHARED, *DATED, "type", "severity", "priority", "finished_date"),
}
COMPUTED: dict[Kind, Callable[[], Columns]] = {
    Kind.EPIC: dict,
    Kind.USERSTORY: story_columns,
    Kind.TASK: task_columns,
    Kind.ISSUE: dict,
}
ONLY_IN_DETAIL: dict[Kind, Callable[[], Columns]] = {
    Kind.EPIC: dict,
    Kind.USERSTORY: dict,
    Kind.TASK: lambda: {"generated_user_stories": generated("generated_from_task")},
    Kind.ISSUE: lambda: {"generated_user_stories": generated("generated_from_issue")},
}


def generated(origin: str) -> sql.JsonList:
    """The stories generated from an issue or a task."""
    rows = UserStory.objects.filter(**sql.outer(origin)).order_by("ref")
    return sql.listed(rows, id="id", ref="ref", subject="subject")


def attachments() -> sql.JsonList:
    """The files of an item, for `include_attachments`."""
    rows = Attachment.objects.filter(is_deprecated=False, **sql.outer("item")).order_by("order", "created_date", "id")
    return sql.listed(rows, id="id", attached_file="attached_file", thumbnail_format="thumbnail_format")


def tasks() -> sql.JsonList:
    """The tasks of a story, for `include_tasks`; those without a status are left out."""
    rows = Task.objects.filter(status__isnull=False, **sql.outer("user_story")).order_by("us_order", "ref")
    return sql.listed(
        rows,
        id="id",
        ref="ref",
        subject="subject",
        status_id="status_id",
        is_blocked=sql.JsonFlag(F("is_blocked")),
        is_iocaine=sql.JsonFlag(F("is_iocaine")),
        is_closed=sql.JsonFlag(F("status__is_closed")),
    )
