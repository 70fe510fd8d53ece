"""Bodies that refer to several objects of one project, and the errors for objects of other projects."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import BeforeValidator

from taiga.base.bodies import LARGEST_KEY, Body, Id, Related, empty, is_null, to_id, to_key, wrong
from taiga.projects.models import Project
from taiga.projects.queries import scopes

AFTER, BEFORE = "after_userstory_id", "before_userstory_id"

OF_PROJECT: Mapping[str, str] = {
    "milestone_id": gettext_noop("Invalid milestone id. The milestone must belong to the same project."),
    "swimlane_id": gettext_noop("Invalid swimlane id. The swimlane must belong to the same project."),
    "us_id": gettext_noop("Invalid user story id. The user story must belong to the same project."),
    "bulk_userstories": gettext_noop("Invalid user story ids. All stories must belong to the same project."),
    "bulk_tasks": gettext_noop(
        "Invalid task ids. All tasks must belong to the same project and, if it exists, to the same status, "
        "user story and/or milestone."
    ),
}
OF_EPICS = {
    **OF_PROJECT,
    "status_id": gettext_noop("Invalid epic status id. The status must belong to the same project."),
}
OF_STORIES = {
    **OF_PROJECT,
    "status_id": gettext_noop("Invalid user story status id. The status must belong to the same project."),
}
OF_TASKS = {
    **OF_PROJECT,
    "status_id": gettext_noop("Invalid task status id. The status must belong to the same project."),
}
OF_SPRINT: Mapping[str, str] = {
    "milestone_id": gettext_noop("The milestone isn't valid for the project"),
    "bulk_stories": gettext_noop("All the user stories must be from the same project"),
    "bulk_tasks": gettext_noop("All the tasks must be from the same project"),
    "bulk_issues": gettext_noop("All the issues must be from the same project"),
}
IN_BACKLOG = {
    **OF_STORIES,
    AFTER: gettext_noop(
        "Invalid user story id to move after. The user story must belong to the same project and milestone."
    ),
    BEFORE: gettext_noop(
        "Invalid user story id to move before. The user story must belong to the same project and milestone."
    ),
}
ON_KANBAN = {
    **OF_STORIES,
    AFTER: gettext_noop(
        "Invalid user story id to move after. The user story must belong to the same project, status and swimlane."
    ),
    BEFORE: gettext_noop(
        "Invalid user story id to move before. The user story must belong to the same project, status and swimlane."
    ),
}

MAX_ITEMS = 5000
"""The number of items that one request may name."""
ROW_KEYS = {"bulk_stories": "us_id", "bulk_tasks": "task_id", "bulk_issues": "issue_id"}
"""The key that names the item in each row of a list of them."""


def to_ids(value: Any) -> list[int]:
    """A list of ids, each once."""
    if not isinstance(value, list) or not value or len(value) > MAX_ITEMS:
        raise empty("null") if value in ([], None) else wrong(_("Enter a list of ids."))
    ids = [to_id(one) or 0 for one in value]
    if min(ids) < 1 or len(set(ids)) < len(ids):
        raise wrong(_("Enter a list of different ids."))
    return ids


ProjectId = Annotated[Id, Related(Project, (), gettext_noop("There's no project with that id"))]
Ids = Annotated[list[int], BeforeValidator(to_ids)]


class InProject(Body):
    """A body about one project.

    `belonging` are the keys of objects that must belong to it, with their models; those in `nullable` may be null. All
    foreign objects are reported together, and together with an unknown project.
    """

    belonging: ClassVar[dict[str, type[Model]]] = {}
    refusals: ClassVar[Mapping[str, str]] = OF_PROJECT
    nullable: ClassVar[tuple[str, ...]] = ()
    project_id: ProjectId

    @classmethod
    def examine(cls, data: dict[str, Any], found: dict[str, tuple[Any, ...]], problems: dict[str, Any]) -> None:
        project = to_key(data["project_id"]) if "project_id" in found else None
        for name, model in cls.belonging.items():
            value = data.get(name, [])
            if name in problems or value == [] or (name in cls.nullable and is_null(value)):
                continue
            ids = value if isinstance(value, list) else [value]
            if not all_of_project(model, keys_of(ids, ROW_KEYS.get(name, "")), project):
                problems[name] = [cls.refusal(name)]

    @classmethod
    def refusal(cls, name: str) -> str:
        """The error for a key that names a foreign object."""
        return _(cls.refusals[name])


def keys_of(values: list[Any], key: str) -> list[Any]:
    """The ids in a list of ids, or of rows whose member `key` is one."""
    return [one.get(key) if isinstance(one, dict) else one for one in values]


def all_of_project(model: type[Model], values: list[Any], project: int | None) -> bool:
    """Whether all ids are those of rows of the project."""
    if project is None:
        return False
    numbers = {int(one) for one in values if isinstance(one, int) or (isinstance(one, str) and one.isdecimal())}
    ids = {one for one in numbers if abs(one) <= LARGEST_KEY}
    return len(ids) > 0 and scopes.count_in_project(model, project, ids) == len(ids)
