"""Moving items to another project."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pydantic_core import PydanticCustomError

from taiga.base import clock
from taiga.base.bodies import to_key
from taiga.projects.models import (
    AssignedUser,
    Attachment,
    IssueType,
    Kind,
    Membership,
    Milestone,
    Points,
    Priority,
    Role,
    RolePoints,
    Severity,
    Status,
    Swimlane,
    Task,
    UserStory,
    Watch,
    WorkItem,
)
from taiga.projects.permissions import ProjectFacts
from taiga.projects.services import tags, watching
from taiga.projects.services.kinds import KINDS, foreign_object
from taiga.projects.services.saving import Saving

KEPT_IF_IN_TARGET: dict[str, Any] = {"milestone": Milestone, "swimlane": Swimlane, "user_story": UserStory}
"""Related objects that become null unless they belong to the target project."""
BY_NAME: dict[str, Any] = {"type": IssueType, "severity": Severity, "priority": Priority}
"""Values that are replaced with the target's value of the same name."""


def adapted_body(kind: Kind, data: dict[str, Any], target: ProjectFacts) -> dict[str, Any]:
    """The body, with objects of the old project replaced by their counterparts in the target.

    Only keys that were sent are replaced. Values that cannot be read are left for the body to refuse.
    """
    changed, sent = dict(data), related_ids(data)
    for name, model in KEPT_IF_IN_TARGET.items():
        if name in sent and not model.objects.filter(pk=sent[name], project_id=target.id).exists():
            changed[name] = None
    for name, fact in KINDS[kind].defaults.items():
        if name in sent:
            match = counterpart(kind, name, sent[name], target.id)
            changed[name] = match if match is not None else getattr(target, fact)
    return changed


def related_ids(data: dict[str, Any]) -> dict[str, int | None]:
    """The ids of related objects in a body, by key; values that are neither an id nor null are left out."""
    found = {}
    for name in {*KEPT_IF_IN_TARGET, *BY_NAME, "status"} & data.keys():
        with suppress(PydanticCustomError):
            found[name] = to_key(data[name])
    return found


def counterpart(kind: Kind, name: str, key: int | None, target: int) -> int | None:
    """The target's status of the same slug, or its value of the same name."""
    if key is None:
        return None
    if name == "status":
        slug = Status.objects.filter(pk=key).values_list("slug", flat=True).first()
        return Status.objects.filter(project_id=target, kind=kind, slug=slug).values_list("pk", flat=True).first()
    model = BY_NAME[name]
    label = model.objects.filter(pk=key).values_list("name", flat=True).first()
    return model.objects.filter(project_id=target, name=label).values_list("pk", flat=True).first()  # type: ignore[no-any-return]


def before_save(saving: Saving, next_refs: Callable[[int, int], int]) -> None:
    """Before the item is saved: give it a number of the target, and drop references that are not the target's."""
    item, project = saving.item, saving.access.project
    kind = Kind(item.kind)
    for name in KINDS[kind].in_project:
        if name not in saving.values and getattr(item, f"{name}_id") is not None:
            raise foreign_object(kind, name)
    item.project_id = project.id
    item.ref = next_refs(project.id, 1)
    item.attributes_values = {}
    members = members_of(project)
    if item.assigned_to_id not in members:
        item.assigned_to_id = None
    AssignedUser.objects.filter(user_story=item).exclude(user_id__in=members).delete()
    tags.add_to_palette(project.id, [(name, None) for name in item.tags or ()])


def members_of(project: ProjectFacts) -> set[int]:
    """Their ids."""
    return set(Membership.objects.filter(project_id=project.id, user__isnull=False).values_list("user_id", flat=True))


def after_save(saving: Saving, next_refs: Callable[[int, int], int]) -> None:
    """After the item is saved: move its files, watchers, estimates and tasks."""
    item, project = saving.item, saving.access.project
    move_files_and_watchers([item], project)
    if item.kind == Kind.USERSTORY:
        convert_estimates(item, project)
        move_tasks(item, project, next_refs)


def move_files_and_watchers(items: Sequence[WorkItem], project: ProjectFacts) -> None:
    """Move the files and watchers of these items."""
    Attachment.objects.filter(item__in=items).update(project_id=project.id)
    assigned = AssignedUser.objects.filter(user_story__in=items).values_list("user_id", flat=True)
    people = {*assigned, *(key for item in items for key in (item.owner_id, item.assigned_to_id))}
    watching.take_along(project.id, Watch.objects.filter(item__in=items), people)


def convert_estimates(story: WorkItem, project: ProjectFacts) -> None:
    """Keep estimates of roles with the same slug, by points of the same name; the others get the default."""
    old = {row.role.slug: row.points.name if row.points else None for row in estimates(story)}
    names = dict(Points.objects.filter(project_id=project.id).values_list("name", "pk"))
    RolePoints.objects.filter(user_story=story).delete()
    roles = Role.objects.filter(project_id=project.id, computable=True).values_list("pk", "slug")
    RolePoints.objects.bulk_create(
        [
            RolePoints(
                user_story=story, role_id=key, points_id=names.get(old.get(slug) or "", project.default_points_id)
            )
            for key, slug in roles
        ]
    )


def estimates(story: WorkItem) -> list[RolePoints]:
    """The estimates with their roles and points."""
    return list(RolePoints.objects.filter(user_story=story).select_related("role", "points"))


def move_tasks(story: WorkItem, project: ProjectFacts, next_refs: Callable[[int, int], int]) -> None:
    """Move the story's tasks, with what belongs to them."""
    tasks = list(Task.objects.filter(user_story=story).order_by("ref").select_related("status"))
    if not tasks:
        return
    first = next_refs(project.id, len(tasks))
    statuses = dict(Status.objects.filter(project_id=project.id, kind=Kind.TASK).values_list("slug", "pk"))
    members = members_of(project)
    for number, task in enumerate(tasks):
        task.project_id, task.ref, task.milestone_id = project.id, first + number, story.milestone_id
        task.status_id = statuses.get(task.status.slug if task.status else "", project.default_task_status_id)
        task.assigned_to_id = task.assigned_to_id if task.assigned_to_id in members else None
        task.attributes_values, task.modified_date = {}, clock.now()
    Task.objects.bulk_update(
        tasks, ["project", "ref", "milestone", "status", "assigned_to", "attributes_values", "modified_date"]
    )
    move_files_and_watchers(tasks, project)
    tags.add_to_palette(
        project.id, [(name, None) for name in dict.fromkeys(name for task in tasks for name in task.tags or ())]
    )
