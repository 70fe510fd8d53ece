"""Work items as the API shows them: one query for the rows, a fixed few for what many rows share."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext

from taiga.base import clock, sql
from taiga.base.media import signing as media
from taiga.base.prepared import Ids, Param, Prepared
from taiga.changes.models import Change
from taiga.projects.default_templates import NAMES
from taiga.projects.models import (
    AssignedUser,
    Attachment,
    Epic,
    Issue,
    Kind,
    Project,
    RelatedUserStory,
    RolePoints,
    Task,
    UserStory,
    Vote,
    Watch,
    WorkItem,
)
from taiga.projects.queries import progress, texts
from taiga.users import queries as people

Row = dict[str, Any]
Columns = dict[str, Any]
MODELS: dict[Kind, Any] = {Kind.EPIC: Epic, Kind.USERSTORY: UserStory, Kind.TASK: Task, Kind.ISSUE: Issue}
DUE_SOON = timedelta(days=14)
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
DATED = ("milestone", "due_date", "due_date_reason", "external_reference")


def shared() -> Columns:
    """What every kind shows, and what is taken apart again in `written`."""
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


def comments(model: Any) -> Columns:
    """How many comments the item has."""
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
    """What only stories show."""
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
        "origin_issue_ref": F("generated_from_issue__ref"),
        "origin_issue_subject": F("generated_from_issue__subject"),
        "origin_task_ref": F("generated_from_task__ref"),
        "origin_task_subject": F("generated_from_task__subject"),
        "epics": epics_of("pk"),
        "epic_order": sql.First(
            RelatedUserStory.objects.filter(epic=Param("shown_epic"), **sql.outer("user_story"))
            .order_by()
            .values(value=F("order"))
        ),
        "total_attachments": sql.Count(Attachment.objects.filter(**sql.outer("item")).order_by().values("id")),
    }


def task_columns() -> Columns:
    """What only tasks show."""
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
    """The stories that came of an issue or a task."""
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


@dataclass(frozen=True)
class Shape:
    """Which of its facts an item is shown with."""

    detail: bool = False
    attachments: bool = False
    tasks: bool = False


LIST, DETAIL = Shape(), Shape(detail=True)


@dataclass
class Table:
    """The compiled query of one kind in one shape, and the names of its columns."""

    names: list[str]
    query: Prepared


@cache
def table(kind: Kind, shape: Shape) -> Table:
    """The query of rows by their ids."""
    columns = {**shared(), **COMPUTED[kind]()}
    if shape.detail:
        columns |= {"description": F("description"), **ONLY_IN_DETAIL[kind]()}
    if shape.attachments:
        columns["attachments"] = attachments()
    if shape.tasks and kind == Kind.USERSTORY:
        columns["tasks"] = tasks()
    stored = STORED[kind]
    taken = {f"x_{name}": expression for name, expression in columns.items()}
    names = [*stored, *columns]

    def rows() -> QuerySet[Any, Any]:
        items = WorkItem.objects.filter(pk__among=Ids("ids")).order_by()
        return items.annotate(**taken).values_list(*stored, *taken)

    return Table(names, Prepared(rows))


def by_ids(kind: Kind, ids: Sequence[int], *, viewer: Any, shape: Shape = LIST, epic: int | None = None) -> list[Row]:
    """The rows with these ids, in their order."""
    if not ids:
        return []
    plan = table(kind, shape)
    found = plan.query.all(ids=ids, viewer=viewer.id, shown_epic=epic)
    by_key = {row[0]: row for row in found}
    ordered = [dict(zip(plan.names, by_key[key], strict=True)) for key in ids if key in by_key]
    return written(kind, ordered, viewer=viewer, shape=shape)


def written(kind: Kind, rows: list[Row], *, viewer: Any, shape: Shape) -> list[Row]:
    """The rows in the API's words."""
    cards = people.cards(key for row in rows for key in (row["owner"], row["assigned_to"]))
    palettes = palettes_of(rows)
    share = Shared(viewer.id, cards, palettes, clock.today())
    finish = FINISH[kind]
    for row in rows:
        share.finish(row)
        finish(row, share)
    if kind == Kind.EPIC:
        progress.add(rows)
    return rows


PALETTES = Prepared(lambda: Project.objects.filter(pk__among=Ids("ids")).order_by().values_list("id", "tags_colors"))


def palettes_of(rows: Iterable[Row]) -> dict[int, dict[str, str | None]]:
    """The colours of tags, by project; asked only when an item has tags."""
    ids = {row["project"] for row in rows if row["tags"]}
    if not ids:
        return {}
    return {key: {pair[0]: pair[1] for pair in pairs or ()} for key, pairs in PALETTES.all(ids=sorted(ids))}


@dataclass
class Shared:
    """What many rows of one answer have in common; each part is made once."""

    viewer: int | None
    cards: dict[int | None, Any]
    palettes: dict[int, dict[str, str | None]]
    today: date
    projects: dict[int, Any] = field(default_factory=dict)
    statuses: dict[int, Any] = field(default_factory=dict)

    def finish(self, row: Row) -> None:
        """What every kind shows."""
        row["owner_extra_info"] = self.cards.get(row["owner"])
        row["assigned_to_extra_info"] = self.cards.get(row["assigned_to"])
        row["project_extra_info"] = self.project(row)
        row["status_extra_info"] = self.status(row)
        watchers = row["watchers"]
        row["is_watcher"] = self.viewer is not None and self.viewer in watchers
        row["total_watchers"] = len(watchers)
        palette = self.palettes.get(row["project"], {})
        row["tags"] = [(tag, palette.get(tag)) for tag in row["tags"] or ()]
        row["attachments"] = with_thumbnails(row["attachments"]) if row.get("attachments") else []
        if "due_date_reason" in row:
            row["due_date_status"] = self.due(row)
        if "description" in row:
            row["comment"] = ""
        if "is_closed" not in row:
            row["is_closed"] = bool(row["status_is_closed"])
        del row["status_name"], row["status_color"], row["status_is_closed"]
        del row["project_name"], row["project_slug"], row["project_logo"], row["project_logo_format"]

    def project(self, row: Row) -> Any:
        """`project_extra_info`."""
        key = row["project"]
        if key not in self.projects:
            logo = media.thumbnail_url(row["project_logo"], "logo-small", row["project_logo_format"])
            self.projects[key] = {
                "name": row["project_name"],
                "slug": row["project_slug"],
                "logo_small_url": logo,
                "id": key,
            }
        return self.projects[key]

    def status(self, row: Row) -> Any:
        """`status_extra_info`, its name in the language of the answer."""
        key = row["status"]
        if key is None:
            return None
        if key not in self.statuses:
            self.statuses[key] = {
                "name": translated(row["status_name"]),
                "color": row["status_color"],
                "is_closed": row["status_is_closed"],
            }
        return self.statuses[key]

    def due(self, row: Row) -> str:
        """How near the due date is."""
        if row["due_date"] is None:
            return "not_set"
        if row["status_is_closed"]:
            return "no_longer_applicable"
        due = date.fromisoformat(row["due_date"])
        if self.today > due:
            return "past_due"
        return "due_soon" if self.today + DUE_SOON >= due else "set"


def project_extra_info(project: Project) -> Row:
    """A project as other objects show it."""
    logo = media.thumbnail_url(project.logo, "logo-small", project.logo_format)
    return {"name": project.name, "slug": project.slug, "logo_small_url": logo, "id": project.pk}


def translated(name: str) -> str:
    """A name of a default value in the language of the answer; others stay as they are."""
    return gettext(name) if name in NAMES else name


def with_thumbnails(raw: Any) -> list[Row]:
    """Attachments of a list, with the address of their small picture."""
    files: list[Row] = json.loads(bytes(raw))
    for one in files:
        one["thumbnail_card_url"] = media.thumbnail_url(one["attached_file"], "card-image", one.pop("thumbnail_format"))
    return files


def minimal(row: Row, relation: str, key: Any) -> Row | None:
    """`{id, ref, subject}` of a related item, from its columns."""
    ref, subject = row.pop(f"{relation}_ref"), row.pop(f"{relation}_subject")
    return None if key is None else {"id": key, "ref": ref, "subject": subject}


def finish_story(row: Row, share: Shared) -> None:
    """What only stories show."""
    row["origin_issue"] = minimal(row, "origin_issue", row["generated_from_issue"])
    row["origin_task"] = minimal(row, "origin_task", row["generated_from_task"])
    assigned = row["assigned_users"]
    if row["assigned_to"] is not None and row["assigned_to"] not in assigned:
        assigned.append(row["assigned_to"])
    row.setdefault("tasks", None)
    row["tasks"] = row["tasks"] or []
    row["comment"] = ""


def finish_task(row: Row, share: Shared) -> None:
    """What only tasks show."""
    epics = row.pop("user_story_epics")
    row["user_story_extra_info"] = minimal(row, "user_story", row["user_story"])
    if row["user_story_extra_info"]:
        row["user_story_extra_info"]["epics"] = epics


def nothing_more(row: Row, share: Shared) -> None:
    """Epics and issues have nothing else to finish."""


FINISH: dict[Kind, Callable[[Row, Shared], None]] = {
    Kind.EPIC: nothing_more,
    Kind.USERSTORY: finish_story,
    Kind.TASK: finish_task,
    Kind.ISSUE: nothing_more,
}


def rich(row: Row) -> Row:
    """The row of one item with its texts as HTML."""
    project = row["project_extra_info"]
    for name in ("description", "blocked_note"):
        row[f"{name}_html"] = texts.html(row[name], project["id"], project["slug"])
    return row
