"""The response shapes of work items, derived from the columns of their queries."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from taiga.base.answers import (
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    Schema,
    Shape,
    array,
    columns,
    computed,
    fixed,
    mapping,
    maybe,
    object_of,
    row,
)
from taiga.base.routes import Header
from taiga.projects.models import Kind, WorkItem
from taiga.projects.queries import item_columns
from taiga.projects.queries.milestones import OF_PROJECT, OF_STATUS
from taiga.projects.services import wip_limits
from taiga.users.api.shapes import CARD, PICTURES

PROJECT_CARD = fixed("ProjectCard", id=INTEGER, name=TEXT, slug=TEXT, logo_small_url=maybe(TEXT))
STATUS_CARD = fixed("StatusCard", name=TEXT, color=TEXT, is_closed=BOOLEAN)
MINIMAL = fixed("MinimalItem", "A related item.", id=INTEGER, ref=INTEGER, subject=TEXT)
NEIGHBORS = fixed(
    "Neighbors", "The previous and the next item in the list.", previous=maybe(MINIMAL), next=maybe(MINIMAL)
)
EPIC_CARD = fixed(
    "EpicCard",
    "An epic that a story belongs to.",
    id=INTEGER,
    ref=INTEGER,
    subject=TEXT,
    color=TEXT,
    project=row(id=INTEGER, name=TEXT, slug=TEXT),
)
FILE = fixed(
    "FileOfItem", "A file, for `include_attachments`.", id=INTEGER, attached_file=TEXT, thumbnail_card_url=maybe(TEXT)
)
TASK = fixed(
    "TaskOfStory",
    "A task, for `include_tasks`.",
    **dict.fromkeys(("id", "ref", "status_id"), INTEGER),
    subject=TEXT,
    **dict.fromkeys(("is_blocked", "is_iocaine", "is_closed"), BOOLEAN),
)
TASK_STORY = fixed("StoryOfTask", id=INTEGER, ref=INTEGER, subject=TEXT, epics=maybe(array(EPIC_CARD)))
TAGS: Schema = {"type": "array", "items": array(maybe(TEXT)), "description": "Pairs of a tag and its colour."}
DUE: Schema = {"type": "string", "enum": ["not_set", "set", "due_soon", "past_due", "no_longer_applicable"]}
HTML = {"description": TEXT, "description_html": TEXT, "blocked_note_html": TEXT}
NOT_SHOWN = (
    *OF_PROJECT,
    *OF_STATUS,
    *(f"{origin}_{fact}" for origin in ("origin_issue", "origin_task", "user_story") for fact in ("ref", "subject")),
    "user_story_epics",
)
"""Columns of the query that only serve to compute other members."""
SHARED: dict[str, Any] = {
    "owner_extra_info": maybe(CARD),
    "assigned_to_extra_info": maybe(CARD),
    "project_extra_info": PROJECT_CARD,
    "status_extra_info": maybe(STATUS_CARD),
    "is_watcher": BOOLEAN,
    "total_watchers": INTEGER,
    "tags": TAGS,
    "attachments": array(FILE),
    "is_closed": BOOLEAN,
}
OWN: dict[Kind, dict[str, Any]] = {
    Kind.EPIC: {"user_stories_counts": fixed("StoryCounts", total=INTEGER, progress=maybe(NUMBER))},
    Kind.USERSTORY: {
        "origin_issue": maybe(MINIMAL),
        "origin_task": maybe(MINIMAL),
        "epics": maybe(array(EPIC_CARD)),
        "tasks": array(TASK),
        "comment": TEXT,
        "due_date_status": DUE,
    },
    Kind.TASK: {"user_story_extra_info": maybe(TASK_STORY), "due_date_status": DUE},
    Kind.ISSUE: {"due_date_status": DUE},
}
ONLY_IN_DETAIL: dict[Kind, dict[str, Any]] = {
    Kind.EPIC: {},
    Kind.USERSTORY: {},
    Kind.TASK: {"generated_user_stories": maybe(array(MINIMAL))},
    Kind.ISSUE: {"generated_user_stories": maybe(array(MINIMAL))},
}
NAMES = {Kind.EPIC: "Epic", Kind.USERSTORY: "UserStory", Kind.TASK: "Task", Kind.ISSUE: "Issue"}


def members(kind: Kind) -> dict[str, Any]:
    """The members that every response shows of an item of a kind."""
    made = computed(WorkItem, {**item_columns.shared(), **item_columns.COMPUTED[kind]()})
    found = {**columns(WorkItem, item_columns.STORED[kind]), **made}
    return {name: schema for name, schema in found.items() if name not in NOT_SHOWN} | SHARED | OWN[kind]


@cache
def of_list(kind: Kind) -> Shape:
    """An item of a list."""
    some = tuple(members(kind)) if kind == Kind.USERSTORY else ()  # `only_ref` and `dashboard` show less of stories
    return Shape(f"{NAMES[kind]}OfList", lambda: members(kind), sometimes=some, text="As lists show it.")


@cache
def of_detail(kind: Kind) -> Shape:
    """A single item."""
    more = {**HTML, "comment": TEXT, "neighbors": NEIGHBORS, **ONLY_IN_DETAIL[kind]}
    return Shape(
        NAMES[kind],
        lambda: {**members(kind), **more},
        sometimes=("neighbors",),
        text="A single item. Only a GET includes its neighbours.",
    )


def list_item_of_kind(given: Mapping[str, Any]) -> Shape:
    """An item of a list, of the route's kind."""
    return of_list(given["kind"])


def detail_of_kind(given: Mapping[str, Any]) -> Shape:
    """A single item, of the route's kind."""
    return of_detail(given["kind"])


NAMED = row(id=maybe(INTEGER), name=maybe(TEXT), color=maybe(TEXT), order=INTEGER, count=INTEGER)
HOLDER = row(id=maybe(INTEGER), full_name=TEXT, count=INTEGER)
PICTURED = object_of("id", "full_name", "count", **HOLDER["properties"], **PICTURES)
EVERY_FACET = {
    "statuses": NAMED,
    "tags": row(name=TEXT, color=maybe(TEXT), count=INTEGER),
    "assigned_to": HOLDER,
    "owners": PICTURED,
}
SOME_FACETS = {
    "epics": row(id=maybe(INTEGER), ref=maybe(INTEGER), subject=maybe(TEXT), order=INTEGER, count=INTEGER),
    **dict.fromkeys(("types", "priorities", "severities", "roles"), NAMED),
    "assigned_users": PICTURED,
}
FACETS = Shape(
    "Facets",
    lambda: {name: array(facet) for name, facet in (EVERY_FACET | SOME_FACETS).items()},
    sometimes=tuple(SOME_FACETS),
    text="The values of each filter, with the number of items that each would show; null means no value.",
)
ORDERS = mapping(INTEGER)
PLACES = ("milestone", "swimlane", "status", "backlog_order", "sprint_order", "kanban_order")
PLACED = Shape(
    "PlacedStory",
    lambda: columns(WorkItem, ("id", *PLACES)),
    sometimes=PLACES,
    text="A story that was moved on a board or in the backlog, with its order.",
)
VALUES: dict[Kind, str] = {Kind.EPIC: "epic", Kind.USERSTORY: "user_story", Kind.TASK: "task", Kind.ISSUE: "issue"}


@cache
def of_values(kind: Kind) -> Shape:
    """The custom values of an item."""
    columns_of = {"attributes_values": mapping(ANYTHING), "version": INTEGER, VALUES[kind]: INTEGER}
    return Shape(f"{NAMES[kind]}CustomValues", lambda: columns_of)


def values_of_kind(given: Mapping[str, Any]) -> Shape:
    """The custom values of an item of the route's kind."""
    return of_values(given["kind"])


EXCEEDED = Header(wip_limits.HEADER, text="A JSON list of exceeded WIP limits, in projects where these only warn.")
MOVED = Header("Taiga-Info-Order-Updated", text="A JSON object: the new orders of moved rows, by id.")
SET_ORDERS = Header("Set-Orders", text="A JSON object: the orders of further items of the same list, by id.")


def create_headers(given: Mapping[str, Any]) -> list[Header]:
    """The response headers of a creation."""
    return [EXCEEDED] if given["kind"] == Kind.USERSTORY else []


def change_headers(given: Mapping[str, Any]) -> list[Header]:
    """The response headers of a change."""
    return [*create_headers(given), *([] if given["kind"] == Kind.ISSUE else [MOVED])]


def change_request_headers(given: Mapping[str, Any]) -> list[Header]:
    """The request headers of a change."""
    return [SET_ORDERS] if given["kind"] in (Kind.EPIC, Kind.TASK) else []
