"""The short sections of a dump: roles, members, statuses, labels, custom fields, swimlanes, transitions."""

from django.db.models import F
from django.utils.translation import gettext_noop

from taiga.projects.models import (
    CustomAttribute,
    DueDate,
    IssueType,
    Kind,
    Membership,
    Points,
    Priority,
    Role,
    Severity,
    Status,
    StatusTransition,
    Swimlane,
)
from taiga.projects.permissions import MEMBER_PERMISSIONS
from taiga.transfer import parts, rules, transitions
from taiga.transfer.forms import PERSON, chosen, named
from taiga.transfer.sections import Section, Spec, columns

LISTS = gettext_noop("error importing lists of project attributes")
CUSTOM = gettext_noop("error importing custom attributes")

ROLES = Section(
    "roles",
    Role,
    columns(
        Role,
        "name",
        "slug",
        "order",
        "computable",
        Spec("permissions", chosen(frozenset(MEMBER_PERMISSIONS))),
        required=("name",),
    ),
    ordering=("order", "slug"),
    error=gettext_noop("error importing roles"),
    natural="name",
    unique=("slug",),
    settle=rules.role,
)
MEMBERSHIPS = Section(
    "memberships",
    Membership,
    columns(
        Membership,
        Spec("user", PERSON, taken=False),
        Spec("role", named("roles")),
        Spec("invited_by", PERSON),
        "is_admin",
        "email",
        "created_at",
        "invitation_extra_text",
        "user_order",
        required=("role",),
    ),
    ordering=(F("user__full_name").asc(nulls_last=True), F("user__username").asc(nulls_last=True), "id"),
    error=gettext_noop("error importing memberships"),
    settle=rules.membership,
)
POINTS = Section(
    "points",
    Points,
    columns(Points, "name", "order", "value", required=("name",)),
    ordering=("order", "name"),
    error=LISTS,
    natural="name",
    unique=("name",),
)


def statuses(key: str, kind: Kind) -> Section:
    """The statuses of one kind of item."""
    fields = ["name", "slug", "order", "is_closed", "color"]
    if kind == Kind.USERSTORY:
        fields = ["name", "slug", "order", "is_closed", "is_archived", "color", "wip_limit"]
    return Section(
        key,
        Status,
        columns(Status, *fields, required=("name",)),
        ordering=("order", "name"),
        error=LISTS,
        kind=kind,
        natural="name",
        unique=("name", "slug"),
        settle=rules.slug,
    )


def due_dates(key: str, kind: Kind) -> Section:
    """The labels of due dates of one kind of item."""
    fields = columns(DueDate, "name", "order", "by_default", "color", "days_to_due", required=("name",))
    return Section(key, DueDate, fields, ("order", "name"), LISTS, kind, unique=("name",))


def labels(key: str, model: type[IssueType | Priority | Severity]) -> Section:
    """The types, priorities or severities of issues."""
    fields = columns(model, "name", "order", "color", required=("name",))
    return Section(key, model, fields, ("order", "name"), LISTS, natural="name", unique=("name",))


def custom_attributes(key: str, kind: Kind) -> Section:
    """The custom fields of one kind of item."""
    fields = columns(
        CustomAttribute,
        "name",
        "description",
        "type",
        "order",
        "created_date",
        "modified_date",
        "extra",
        required=("name",),
    )
    return Section(key, CustomAttribute, fields, ("order", "name"), CUSTOM, kind, natural="name", unique=("name",))


SWIMLANES = Section(
    "swimlanes",
    Swimlane,
    columns(Swimlane, "name", "order", parts.Limits(), required=("name",)),
    ordering=("order", "name"),
    error=LISTS,
    natural="name",
    unique=("name",),
)
EPIC_STATUSES = statuses("epic_statuses", Kind.EPIC)
US_STATUSES = statuses("us_statuses", Kind.USERSTORY)
TASK_STATUSES = statuses("task_statuses", Kind.TASK)
ISSUE_STATUSES = statuses("issue_statuses", Kind.ISSUE)
US_DUEDATES = due_dates("us_duedates", Kind.USERSTORY)
TASK_DUEDATES = due_dates("task_duedates", Kind.TASK)
ISSUE_DUEDATES = due_dates("issue_duedates", Kind.ISSUE)
ISSUE_TYPES = labels("issue_types", IssueType)
PRIORITIES = labels("priorities", Priority)
SEVERITIES = labels("severities", Severity)
CUSTOM_ATTRIBUTES = (
    custom_attributes("epiccustomattributes", Kind.EPIC),
    custom_attributes("userstorycustomattributes", Kind.USERSTORY),
    custom_attributes("taskcustomattributes", Kind.TASK),
    custom_attributes("issuecustomattributes", Kind.ISSUE),
)
TRANSITIONS = Section(
    "status_transitions",
    StatusTransition,
    columns(
        StatusTransition,
        "kind",
        transitions.StatusOfKind("from_status"),
        transitions.StatusOfKind("to_status"),
        transitions.Roles(),
        required=("kind",),
    ),
    ordering=("kind", "id"),
    error=LISTS,
)
