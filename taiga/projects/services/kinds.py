"""What differs between the four kinds of work item, as data."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import errors
from taiga.projects.models import Epic, Issue, Kind, Task, UserStory
from taiga.projects.permissions import ProjectFacts


@dataclass(frozen=True)
class KindSpec:
    """One kind of item.

    `defaults` replace missing values (field → fact of the project). `in_project` are the related objects that must
    belong to the item's project. `foreign_is_forbidden` says whether others are refused with 403 or 400.
    """

    model: Any
    defaults: dict[str, str]
    in_project: tuple[str, ...]
    foreign_is_forbidden: bool


KINDS: dict[Kind, KindSpec] = {
    Kind.EPIC: KindSpec(Epic, {"status": "default_epic_status_id"}, ("status",), False),
    Kind.USERSTORY: KindSpec(
        UserStory,
        {"status": "default_us_status_id"},
        ("milestone", "status", "swimlane"),
        True,
    ),
    Kind.TASK: KindSpec(
        Task,
        {"status": "default_task_status_id"},
        ("milestone", "user_story", "status"),
        False,
    ),
    Kind.ISSUE: KindSpec(
        Issue,
        {
            "status": "default_issue_status_id",
            "type": "default_issue_type_id",
            "severity": "default_severity_id",
            "priority": "default_priority_id",
        },
        ("milestone", "status", "severity", "priority", "type"),
        True,
    ),
}


NOUNS = {Kind.EPIC: "epic", Kind.USERSTORY: "user story", Kind.TASK: "task", Kind.ISSUE: "issue"}


def fill_defaults(kind: Kind, values: dict[str, Any], project: ProjectFacts) -> None:
    """Put the project's defaults where a value is null."""
    for name, fact in KINDS[kind].defaults.items():
        if name in values and values[name] is None:
            values[name] = getattr(project, fact)


def foreign_object(kind: Kind, name: str) -> errors.ApiError:
    """The error for a related object of another project."""
    refusal = errors.PermissionDenied if KINDS[kind].foreign_is_forbidden else errors.WrongArguments
    names = {"field": "sprint" if name == "milestone" else name.replace("_", " "), "kind": _(NOUNS[kind])}
    return refusal(_("You don't have permissions to set this %(field)s to this %(kind)s.") % names)
