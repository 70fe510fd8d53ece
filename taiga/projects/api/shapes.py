"""The response shapes of lists of values, sprints, wiki pages and files."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from taiga.base.answers import (
    BOOLEAN,
    DATE,
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
from taiga.projects.api.item_shapes import DUE, EPIC_CARD, PROJECT_CARD, STATUS_CARD
from taiga.projects.models import (
    Attachment,
    Milestone,
    RelatedUserStory,
    StatusTransition,
    Swimlane,
    SwimlaneUserStoryStatus,
    UserStory,
    UserStoryStatus,
    WikiLink,
    WikiPage,
)
from taiga.projects.queries import item_columns, milestones, swimlanes, transitions
from taiga.users.api.shapes import CARD


@cache
def of_value(model: Any, names: tuple[str, ...]) -> Shape:
    """A value of one of the lists of a project."""
    return Shape(model.__name__, lambda: columns(model, names), text=model.__doc__ or "")


def value(given: Mapping[str, Any]) -> Shape:
    """A value of the route's list."""
    return of_value(given["address"].list.model, given["address"].list.columns)


def stories() -> dict[str, Any]:
    """A story as its sprint shows it."""
    made = {name: item_columns.story_columns()[name] for name in ("finish_date", "points", "total_points")}
    return {
        **columns(UserStory, milestones.STORY),
        **computed(UserStory, made),
        "epics": maybe(array(EPIC_CARD)),
        "project_extra_info": PROJECT_CARD,
        "status_extra_info": maybe(STATUS_CARD),
        "assigned_to_extra_info": maybe(CARD),
        "due_date_status": DUE,
    }


MILESTONE = Shape(
    "Milestone",
    lambda: {
        **columns(Milestone, milestones.STORED),
        "total_points": maybe(NUMBER),
        "closed_points": maybe(NUMBER),
        "project_extra_info": PROJECT_CARD,
        "user_stories": array(Shape("StoryOfSprint", stories)),
    },
    text="A sprint with its stories.",
)
MILESTONE_STATS = Shape(
    "MilestoneStatistics",
    lambda: {
        **columns(Milestone, ("name", "estimated_start", "estimated_finish")),
        "total_points": mapping(NUMBER),
        "completed_points": array(NUMBER),
        **dict.fromkeys(("total_userstories", "completed_userstories", "total_tasks", "completed_tasks"), INTEGER),
        "iocaine_doses": INTEGER,
        "days": array(row(day=DATE, name=INTEGER, open_points=NUMBER, optimal_points=NUMBER)),
    },
)


def cell() -> Schema:
    """What a lane shows of a status."""
    shown = columns(UserStoryStatus, (*swimlanes.STATUS, "wip_limit"))
    return row(**shown, swimlane_userstory_status_id=INTEGER)


SWIMLANE = Shape(
    "Swimlane",
    lambda: {**columns(Swimlane, swimlanes.COLUMNS), "statuses": array(cell())},
    text="A lane, and how much each status may hold in it.",
)
LIMIT = Shape("SwimlaneUserStoryStatus", lambda: columns(SwimlaneUserStoryStatus, swimlanes.LIMIT))
TRANSITION = Shape("StatusTransition", lambda: columns(StatusTransition, transitions.COLUMNS))
PAGE = Shape(
    "WikiPage",
    lambda: {
        **columns(WikiPage, ("id", "project", "slug", "content", "owner", "last_modifier", "version")),
        **columns(WikiPage, ("created_date", "modified_date")),
        "project_extra_info": PROJECT_CARD,
        "is_watcher": BOOLEAN,
        "total_watchers": INTEGER,
        "html": TEXT,
        "editions": INTEGER,
    },
)
LINK = Shape("WikiLink", lambda: columns(WikiLink, ("id", "project", "title", "href", "order")))
RENDERED = fixed("Rendered", data=TEXT)
FILE = Shape(
    "Attachment",
    lambda: {
        **columns(Attachment, ("id", "project", "owner", "name", "attached_file", "size", "description", "sha1")),
        **columns(Attachment, ("is_deprecated", "from_comment", "created_date", "modified_date", "order")),
        "object_id": INTEGER,
        "url": maybe(TEXT),
        "preview_url": maybe(TEXT),
        "thumbnail_card_url": maybe(TEXT),
    },
    text="A file; its addresses are signed and good for a while.",
)
RELATION = Shape("RelatedUserStory", lambda: columns(RelatedUserStory, ("epic", "user_story", "order")))
PLACED = fixed("Placed", "A row and its place.", id=INTEGER, order=INTEGER)
BULK_PLACES = array({"type": "array", "minItems": 2, "maxItems": 2, "items": INTEGER})


def places(parameter: str) -> dict[str, Any]:
    """The body that reorders a list: the project, and pairs of an id and an order."""
    return object_of("project", parameter, **{"project": INTEGER, parameter: BULK_PLACES})


def places_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the route's list."""
    return places(given["address"].bulk)
