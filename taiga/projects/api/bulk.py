"""Many items at once: `bulk_create`, and the endpoints that reorder boards."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from taiga.base.answers import Several
from taiga.base.bodies import (
    BigInteger,
    Body,
    Fields,
    FilledText,
    Id,
    MaybeId,
    is_null,
    to_key,
)
from taiga.base.requests import Reply, Request, no_content, ok
from taiga.base.routes import Route, endpoint, route
from taiga.projects.api import in_project, item_shapes, lookup
from taiga.projects.api.in_project import Ids, InProject
from taiga.projects.models import (
    EpicStatus,
    Issue,
    Kind,
    Milestone,
    Swimlane,
    Task,
    TaskStatus,
    UserStory,
    UserStoryStatus,
)
from taiga.projects.permissions import TO_ADD, TO_MODIFY, Access
from taiga.projects.queries import rows
from taiga.projects.services import boards, bulk, wip_limits


class BulkBody(InProject):
    """The body of `bulk_create`: one subject per line, under the key `lines_key`."""

    lines_key: ClassVar[str] = ""


class BulkEpics(BulkBody):
    """New epics."""

    lines_key = "bulk_epics"
    refusals = in_project.OF_EPICS
    belonging: ClassVar = {"status_id": EpicStatus}
    nullable = ("status_id",)
    bulk_epics: FilledText
    status_id: MaybeId = None


class BulkStories(BulkBody):
    """New stories."""

    lines_key = "bulk_stories"
    refusals = in_project.OF_STORIES
    belonging: ClassVar = {"status_id": UserStoryStatus, "swimlane_id": Swimlane}
    nullable = ("swimlane_id",)
    bulk_stories: FilledText
    status_id: MaybeId = None
    swimlane_id: MaybeId = None


class BulkTasks(BulkBody):
    """New tasks of a sprint, or of one of its stories."""

    lines_key = "bulk_tasks"
    refusals = in_project.OF_TASKS
    belonging: ClassVar = {"status_id": TaskStatus, "milestone_id": Milestone, "us_id": UserStory}
    bulk_tasks: FilledText
    milestone_id: Id
    us_id: MaybeId = None
    status_id: MaybeId = None

    @classmethod
    def examine(cls, data: dict[str, Any], found: dict[str, tuple[Any, ...]], problems: dict[str, Any]) -> None:
        super().examine(data, found, problems)
        if data.get("us_id") is None or problems.keys() & {"us_id", "milestone_id", "project_id"}:
            return
        if not UserStory.objects.filter(id=to_key(data["us_id"]) or 0, milestone=to_key(data["milestone_id"])).exists():
            problems["us_id"] = [cls.refusal("us_id")]


class BulkIssues(BulkBody):
    """New issues."""

    lines_key = "bulk_issues"
    belonging: ClassVar = {"milestone_id": Milestone}
    nullable = ("milestone_id",)
    bulk_issues: FilledText
    milestone_id: MaybeId = None


COLUMN = {"us_id": "user_story_id"}


@endpoint(needs=TO_ADD, answers=Several(item_shapes.detail_of_kind))
def create(request: Request, kind: Kind, body: type[BulkBody]) -> Reply:
    """Create items, one for each line that is not blank."""
    fields = body.read(request.fields)
    access = allowed(request, fields)
    common = {
        COLUMN.get(name, name): value
        for name, value in fields.values.items()
        if name not in ("project_id", body.lines_key)
    }
    subjects = bulk.lines(fields.values[body.lines_key])
    items = bulk.create(kind, subjects, access=access, by=lookup.actor(request), **common)
    ids = [item.pk for item in items]
    if kind == Kind.ISSUE:
        ids.reverse()
    found = rows.by_ids(kind, ids, viewer=request.viewer, shape=rows.DETAIL)
    return ok([rows.with_html(row) for row in found])


def allowed(request: Request, fields: Fields[Any]) -> Access:
    """The caller's access to the project of the body, which must not be blocked."""
    access = lookup.allow(request, fields.values["project_id"])
    access.ensure_unblocked()
    return access


class Placing(InProject):
    """Stories, and the neighbour before or after which they are put."""

    bulk_userstories: Ids
    after_userstory_id: MaybeId = None
    before_userstory_id: MaybeId = None

    @classmethod
    def examine(cls, data: dict[str, Any], found: dict[str, tuple[Any, ...]], problems: dict[str, Any]) -> None:
        super().examine(data, found, problems)
        anchors = [name for name in ("after_userstory_id", "before_userstory_id") if not is_null(data.get(name))]
        if len(anchors) > 1:
            refusal = _("You can't use after and before at the same time.")
            problems.setdefault("before_userstory_id", [refusal])
            return
        for name in anchors:
            if name in problems or problems.keys() & cls.cell_keys:
                continue
            if not UserStory.objects.filter(id=to_key(data[name]) or 0, **cls.cell(data)).exists():
                problems[name] = [cls.refusal(name)]

    cell_keys: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def cell(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The columns that the rows of the target have in common."""
        raise NotImplementedError


class BacklogOrder(Placing):
    """Stories for a sprint or, without one, for the backlog."""

    refusals = in_project.IN_BACKLOG
    belonging: ClassVar = {
        "bulk_userstories": UserStory,
        "milestone_id": Milestone,
        **dict.fromkeys(("after_userstory_id", "before_userstory_id"), UserStory),
    }
    nullable = ("milestone_id", "after_userstory_id", "before_userstory_id")
    cell_keys = frozenset({"project_id", "milestone_id"})
    milestone_id: MaybeId = None

    @classmethod
    def cell(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {"milestone_id": to_key(data.get("milestone_id"))}


class KanbanOrder(Placing):
    """Stories for a status, in a swimlane or in none."""

    refusals = in_project.ON_KANBAN
    belonging: ClassVar = {
        "bulk_userstories": UserStory,
        "status_id": UserStoryStatus,
        "swimlane_id": Swimlane,
        **dict.fromkeys(("after_userstory_id", "before_userstory_id"), UserStory),
    }
    nullable = ("after_userstory_id", "before_userstory_id")
    cell_keys = frozenset({"project_id", "status_id", "swimlane_id"})
    status_id: Id
    swimlane_id: MaybeId = None

    @classmethod
    def cell(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {"status_id": to_key(data.get("status_id")), "swimlane_id": to_key(data.get("swimlane_id"))}


@endpoint(needs=TO_MODIFY, accepts=BacklogOrder, answers=Several(item_shapes.PLACED))
def backlog_order(request: Request, **more: Any) -> Reply:
    """Put stories at one place of the backlog or of a sprint."""
    fields = BacklogOrder.read(request.fields)
    access = allowed(request, fields)
    values = fields.values
    placed = boards.place_in_backlog(
        access.project.id,
        values["bulk_userstories"],
        values["milestone_id"],
        before=values["before_userstory_id"],
        after=values["after_userstory_id"],
        by=lookup.actor(request),
    )
    return ok(placed)


@endpoint(needs=TO_MODIFY, accepts=KanbanOrder, answers=Several(item_shapes.PLACED), tells=(item_shapes.EXCEEDED,))
def kanban_order(request: Request, **more: Any) -> Reply:
    """Put stories at one place of a cell of the kanban board."""
    fields = KanbanOrder.read(request.fields)
    access = lookup.allow(request, fields.values["project_id"])
    access.ensure_open()
    values = fields.values
    placed, exceeded = boards.place_on_kanban(
        access,
        values["bulk_userstories"],
        wip_limits.Cell(values["status_id"], values["swimlane_id"]),
        before=values["before_userstory_id"],
        after=values["after_userstory_id"],
        by=lookup.actor(request),
    )
    return Reply(placed, headers=wip_limits.headers(exceeded))


class StoryPlace(Body):
    """A story and the order it wants."""

    us_id: Id
    order: BigInteger


class TaskPlace(Body):
    """A task and the order it wants."""

    task_id: Id
    order: BigInteger


class IssuePlace(Body):
    """An issue."""

    issue_id: Id


class StoriesOfSprint(InProject):
    """Stories for a sprint."""

    refusals = in_project.OF_SPRINT
    belonging: ClassVar = {"milestone_id": Milestone, "bulk_stories": UserStory}
    milestone_id: Id
    bulk_stories: list[StoryPlace]


class TasksOfSprint(InProject):
    """Tasks for a sprint."""

    refusals = in_project.OF_SPRINT
    belonging: ClassVar = {"milestone_id": Milestone, "bulk_tasks": Task}
    milestone_id: Id
    bulk_tasks: list[TaskPlace]


class IssuesOfSprint(InProject):
    """Issues for a sprint."""

    refusals = in_project.OF_SPRINT
    belonging: ClassVar = {"milestone_id": Milestone, "bulk_issues": Issue}
    milestone_id: Id
    bulk_issues: list[IssuePlace]


SPRINT_BODIES: dict[Kind, tuple[type[InProject], str]] = {
    Kind.USERSTORY: (StoriesOfSprint, "bulk_stories"),
    Kind.TASK: (TasksOfSprint, "bulk_tasks"),
    Kind.ISSUE: (IssuesOfSprint, "bulk_issues"),
}


def sprint_body(given: Mapping[str, Any]) -> type[InProject]:
    """The body that puts items of a kind into a sprint."""
    return SPRINT_BODIES[given["kind"]][0]


def read_sprint(kind: Kind, data: dict[str, Any]) -> tuple[Fields[Any], list[tuple[int, int | None]]]:
    """A body that puts items into a sprint: its fields, and the items with the orders they want."""
    body, listed = SPRINT_BODIES[kind]
    key = in_project.ROW_KEYS[listed]
    fields = body.read(data) if data.get(listed) != [] else body.read(data | {listed: []})
    wanted = [(getattr(one, key), getattr(one, "order", None)) for one in fields.values[listed]]
    return fields, wanted


@endpoint(needs=TO_MODIFY, accepts=sprint_body, answers=item_shapes.ORDERS)
def sprint(request: Request, kind: Kind, **more: Any) -> Reply:
    """Put items into a sprint. Unlike stories and tasks, issues get no history entry."""
    fields, wanted = read_sprint(kind, request.fields)
    access = lookup.allow(request, fields.values["project_id"])
    milestone, ids = fields.values["milestone_id"], []
    if wanted:
        by, silently = lookup.actor(request), kind == Kind.ISSUE
        ids = boards.move_to_sprint(kind, access.project.id, milestone, wanted, by=by, silently=silently)
    return no_content() if kind == Kind.USERSTORY else ok({str(key): milestone for key in ids})


class TaskOrder(InProject):
    """Tasks of a cell of the taskboard, with the orders they want."""

    refusals = in_project.OF_TASKS
    belonging: ClassVar = {"status_id": TaskStatus, "us_id": UserStory, "milestone_id": Milestone}
    bulk_tasks: list[TaskPlace]
    status_id: MaybeId = None
    us_id: MaybeId = None
    milestone_id: MaybeId = None

    @classmethod
    def examine(cls, data: dict[str, Any], found: dict[str, tuple[Any, ...]], problems: dict[str, Any]) -> None:
        ids = {name: data[name] for name in cls.belonging if data.get(name) is not None and name not in problems}
        super().examine(data, found, problems)
        if not isinstance(data.get("bulk_tasks"), list) or "bulk_tasks" in problems or not data["bulk_tasks"]:
            return
        keys = {to_key(one.get("task_id")) or 0 for one in data["bulk_tasks"]}
        cell = {COLUMN.get(name, name): to_key(value) for name, value in ids.items()}
        project = to_key(data["project_id"]) if "project_id" in found else None
        if Task.objects.filter(pk__in=keys, project=project, **cell).count() < len(keys):
            problems["bulk_tasks"] = [cls.refusal("bulk_tasks")]


@endpoint(needs=TO_MODIFY, accepts=TaskOrder, answers=item_shapes.ORDERS)
def task_order(request: Request, column: str, **more: Any) -> Reply:
    """Give tasks their places on the taskboard or under their story."""
    fields = TaskOrder.read(request.fields)
    access = allowed(request, fields)
    wanted = [(one.task_id, one.order) for one in fields.values["bulk_tasks"]]
    cell = {name: fields.values[name] for name in ("status_id", "milestone_id") if fields.values[name] is not None}
    orders = boards.order_tasks(access.project.id, wanted, column, cell, by=lookup.actor(request)) if wanted else {}
    return ok({str(key): order for key, order in orders.items()})


def creating(path: str, kind: Kind, body: type[BulkBody]) -> Route:
    """`bulk_create` of one kind."""
    return route(f"{path}/bulk_create", {"kind": kind, "body": body}, POST=create)


STORIES, TASKS, ISSUES = {"kind": Kind.USERSTORY}, {"kind": Kind.TASK}, {"kind": Kind.ISSUE}
urls = [
    creating("epics", Kind.EPIC, BulkEpics),
    creating("userstories", Kind.USERSTORY, BulkStories),
    creating("tasks", Kind.TASK, BulkTasks),
    creating("issues", Kind.ISSUE, BulkIssues),
    route("userstories/bulk_update_backlog_order", STORIES, POST=backlog_order),
    route("userstories/bulk_update_kanban_order", STORIES, POST=kanban_order),
    route("userstories/bulk_update_milestone", STORIES, POST=sprint),
    route("tasks/bulk_update_milestone", TASKS, POST=sprint),
    route("tasks/bulk_update_taskboard_order", {**TASKS, "column": "taskboard_order"}, POST=task_order),
    route("tasks/bulk_update_us_order", {**TASKS, "column": "us_order"}, POST=task_order),
    route("issues/bulk_update_milestone", ISSUES, POST=sprint),
]
