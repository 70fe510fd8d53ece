"""The lists of values that classify a project's items, as data: `api.attributes` turns each row into endpoints."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from taiga.base import clock
from taiga.base.bodies import (
    UNSET,
    Body,
    Boolean,
    FilledText,
    Integer,
    Key,
    MaybeFloat,
    MaybeInteger,
    OneOf,
    Place,
    Related,
    Text,
    longest,
)
from taiga.projects.models import (
    CustomAttributeType,
    Epic,
    EpicCustomAttribute,
    EpicStatus,
    Issue,
    IssueCustomAttribute,
    IssueDueDate,
    IssueStatus,
    IssueType,
    Points,
    Priority,
    Project,
    RolePoints,
    Severity,
    Task,
    TaskCustomAttribute,
    TaskDueDate,
    TaskStatus,
    UserStory,
    UserStoryCustomAttribute,
    UserStoryDueDate,
    UserStoryStatus,
)
from taiga.projects.services import custom_attributes, due_dates, role_points, statuses, swimlanes
from taiga.projects.services.attributes import AttributeList


class ValueBody(Body):
    """The fields of a value of any list."""

    project: Annotated[Key, Related(Project, ())]
    name: Annotated[FilledText, longest(255)]
    order: Integer = 10


class ColouredBody(ValueBody):
    """The fields of a value with a colour."""

    color: Annotated[FilledText, longest(20)] = "#999999"


class StatusBody(ColouredBody):
    """A status."""

    is_closed: Boolean = False


class StoryStatusBody(StatusBody):
    """A status of user stories."""

    is_archived: Boolean = False
    wip_limit: MaybeInteger = UNSET


class PointsBody(ValueBody):
    """An estimate."""

    value: MaybeFloat = UNSET


class DueDateBody(ColouredBody):
    """A label of due dates."""

    by_default: Boolean = False
    days_to_due: MaybeInteger = UNSET


class CustomAttributeBody(ValueBody):
    """The definition of a custom field."""

    name: Annotated[FilledText, longest(64)]
    order: Place = Field(default_factory=clock.milliseconds)
    description: Text = UNSET
    type: Annotated[str, OneOf(*CustomAttributeType.values)] = CustomAttributeType.TEXT.value
    extra: Any = UNSET


LABEL = ("id", "name", "order", "color", "project")
STATUS = ("id", "name", "slug", "order", "is_closed", "color", "project")
STORY_STATUS = ("id", "name", "slug", "order", "is_closed", "is_archived", "color", "wip_limit", "project")
POINTS = ("id", "name", "order", "value", "project")
DUE_DATE = ("id", "name", "order", "by_default", "days_to_due", "color", "project")
CUSTOM = ("id", "name", "description", "type", "order", "project", "extra", "created_date", "modified_date")


def custom(model: Any) -> AttributeList:
    """The custom fields of a kind."""
    return AttributeList(
        model, CUSTOM, prepare=custom_attributes.set_modified_date, deleting=custom_attributes.delete_values
    )


def labels(model: Any) -> AttributeList:
    """The due date labels of a kind."""
    return AttributeList(model, DUE_DATE, deleting=due_dates.ensure_not_default)


@dataclass(frozen=True)
class Address:
    """The path of a list, the body of its values, and the name of the bulk order's parameter."""

    path: str
    list: AttributeList
    body: type[Body]
    bulk: str = ""


ADDRESSES = (
    Address(
        "epic-statuses",
        AttributeList(EpicStatus, STATUS, Epic, "status", "default_epic_status", prepare=statuses.set_slug),
        StatusBody,
        "bulk_epic_statuses",
    ),
    Address(
        "userstory-statuses",
        AttributeList(
            UserStoryStatus,
            STORY_STATUS,
            UserStory,
            "status",
            "default_us_status",
            prepare=statuses.set_slug,
            created=swimlanes.add_status,
            edited=statuses.story_status_edited,
            replacing=statuses.append_stories,
            replaced=statuses.story_status_replaced,
        ),
        StoryStatusBody,
        "bulk_userstory_statuses",
    ),
    Address(
        "task-statuses",
        AttributeList(
            TaskStatus,
            STATUS,
            Task,
            "status",
            "default_task_status",
            prepare=statuses.set_slug,
            edited=statuses.task_status_edited,
            replaced=statuses.task_status_replaced,
        ),
        StatusBody,
        "bulk_task_statuses",
    ),
    Address(
        "issue-statuses",
        AttributeList(
            IssueStatus,
            STATUS,
            Issue,
            "status",
            "default_issue_status",
            prepare=statuses.set_slug,
            replaced=statuses.issue_status_replaced,
        ),
        StatusBody,
        "bulk_issue_statuses",
    ),
    Address(
        "issue-types",
        AttributeList(IssueType, LABEL, Issue, "type", "default_issue_type"),
        ColouredBody,
        "bulk_issue_types",
    ),
    Address(
        "priorities",
        AttributeList(Priority, LABEL, Issue, "priority", "default_priority"),
        ColouredBody,
        "bulk_priorities",
    ),
    Address(
        "severities",
        AttributeList(Severity, LABEL, Issue, "severity", "default_severity"),
        ColouredBody,
        "bulk_severities",
    ),
    Address(
        "points",
        AttributeList(Points, POINTS, RolePoints, "points", default="default_points", replacing=role_points.replacing),
        PointsBody,
        "bulk_points",
    ),
    Address("userstory-due-dates", labels(UserStoryDueDate), DueDateBody),
    Address("task-due-dates", labels(TaskDueDate), DueDateBody),
    Address("issue-due-dates", labels(IssueDueDate), DueDateBody),
    Address("epic-custom-attributes", custom(EpicCustomAttribute), CustomAttributeBody, "bulk_epic_custom_attributes"),
    Address(
        "userstory-custom-attributes",
        custom(UserStoryCustomAttribute),
        CustomAttributeBody,
        "bulk_userstory_custom_attributes",
    ),
    Address("task-custom-attributes", custom(TaskCustomAttribute), CustomAttributeBody, "bulk_task_custom_attributes"),
    Address(
        "issue-custom-attributes", custom(IssueCustomAttribute), CustomAttributeBody, "bulk_issue_custom_attributes"
    ),
)
"""All lists of values. A new list is one row here and one model."""
