"""What is special about user stories: closing, estimates, the people they are given to, three orders."""

import json
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.base.requests import number
from taiga.changes.record import Announcement, announce
from taiga.projects.models import AssignedUser, Points, Role, RolePoints, Task, UserStory, WorkItem
from taiga.projects.services import closing, unrecorded, wip_limits
from taiga.projects.services.finishing import is_closed
from taiga.projects.services.ordering import make_room
from taiga.projects.services.saving import Saving
from taiga.users.models import User


def before_save(saving: Saving) -> None:
    """Before the story is saved: set its orders and whether it is closed."""
    story = saving.item
    if saving.before is None:
        now = clock.microseconds()
        story.backlog_order = saving.values.get("backlog_order", now)
        story.sprint_order = saving.values.get("sprint_order", now + 1)
        story.kanban_order = now + 2
    elif saving.changed("status_id", "swimlane_id", "project_id"):
        is_push = getattr(saving.by.user, "is_system", False)
        story.kanban_order = story.kanban_order if is_push else clock.microseconds()
    check_wip_limit(saving)
    story.is_closed = saving.loaded["is_closed"] if saving.before is not None else False
    reopened = saving.values.get("is_closed") is False and story.is_closed
    if reopened:
        story.is_closed = False
    if saving.before is None or saving.changed("status_id") or reopened or "finish_date" in saving.values:
        closing.set_closed(story, is_closed(saving))


def check_wip_limit(saving: Saving) -> None:
    """Check the WIP limit of the cell that the story enters."""
    story = saving.item
    cell = wip_limits.Cell(story.status_id, story.swimlane_id)
    if saving.before is None:
        saving.exceeded = wip_limits.check(saving.access.project, new=[cell])
    elif saving.changed("status_id", "swimlane_id"):
        saving.exceeded = wip_limits.check(saving.access.project, {story.pk: cell})


def after_save(saving: Saving) -> None:
    """After the story is saved: assignees, points, tasks, the orders of others, its sprints."""
    story = saving.item
    is_new = saving.before is None
    if is_new or {"assigned_users", "assigned_to"} & saving.values.keys():
        assign(saving)
    if is_new or "points" in saving.values or "points" in (saving.before or {}):
        estimate(saving)
    if saving.changed("backlog_order", "sprint_order", "milestone_id", "project_id"):
        reorder_others(saving)
    if saving.changed("milestone_id"):
        tasks = WorkItem.objects.filter(user_story=story)
        tasks.update(unrecorded=unrecorded.plus("milestone"), milestone_id=story.milestone_id)
    sprints = {story.milestone_id, saving.loaded["milestone_id"]}
    keeps_its_sprint_open = len(sprints) == 1 and not story.is_closed and story.sprint_is_closed is False
    if sprints != {None} and not keeps_its_sprint_open:
        closing.update_milestones(sprints, by=saving.by)


def after_delete(saving: Saving) -> None:
    """After the story is deleted: its sprint may be done now."""
    closing.update_milestones([saving.item.milestone_id], only_close=True, by=saving.by)


def tasks_of(story: WorkItem) -> list[WorkItem]:
    """The tasks that are deleted with a story."""
    return list(Task.objects.filter(user_story=story).order_by("id"))


def reorder_others(saving: Saving) -> None:
    """Make room among the other stories when the story gets another order."""
    story = saving.item
    in_backlog = saving.changed("backlog_order", "project_id")
    in_sprint = saving.changed("sprint_order", "milestone_id", "project_id")
    stories = UserStory.objects.filter(project_id=story.project_id)
    if in_backlog:
        saving.orders |= make_room(stories, "backlog_order", story)
    if in_sprint:
        sprint = stories.filter(milestone_id=story.milestone_id) if story.milestone_id else stories
        saving.orders |= make_room(sprint, "sprint_order", story)
    announce(
        Announcement(story.project_id, "userstories", UserStory.type_key, list(saving.orders), saving.by.session_id)
    )


def assignees(story: WorkItem) -> list[int]:
    """The ids of `assigned_users`, by user name; if there are none, that of `assigned_to`."""
    assigned = AssignedUser.objects.filter(user_story=story).order_by("user__username")
    found = list(assigned.values_list("user_id", flat=True))
    return found or ([story.assigned_to_id] if story.assigned_to_id else [])


def assign(saving: Saving) -> None:
    """Set the people that the story is assigned to."""
    story = saving.item
    before = assignees_before(saving)
    new = {story.assigned_to_id} if saving.changed("assigned_to_id") else set()
    if "assigned_users" in saving.values:
        wanted = set(saving.values["assigned_users"])
        present = set(story.assignments.values_list("user_id", flat=True)) if saving.before is not None else set()
        story.assignments.exclude(user_id__in=wanted).delete() if present - wanted else None
        AssignedUser.objects.bulk_create([AssignedUser(user_story=story, user_id=key) for key in wanted - present])
        new |= wanted - present
    if saving.before is not None:
        saving.recorder.add_diff("assigned_users", before, assignees(story))
        saving.recorder.add_people("assigned", {key for key in new if key is not None})


def assignees_before(saving: Saving) -> list[int]:
    """The ids of the assignees before the story was saved."""
    if saving.before is None:
        return []
    assigned = AssignedUser.objects.filter(user_story=saving.item).order_by("user__username")
    former = saving.loaded["assigned_to_id"]
    return list(assigned.values_list("user_id", flat=True)) or ([former] if former else [])


def ensure_are_users(user_ids: Collection[int]) -> None:
    """Refuse ids that are not those of users. Raises Invalid."""
    if User.objects.filter(pk__in=user_ids).count() < len(set(user_ids)):
        raise errors.Invalid({"assigned_users": [_("Invalid pk - object does not exist.")]})


def points_of(story: WorkItem) -> dict[str, int | None]:
    """The estimates, by role."""
    rows = RolePoints.objects.filter(user_story=story).order_by("role_id").values_list("role_id", "points_id")
    return {str(role): points for role, points in rows}


def estimate(saving: Saving) -> None:
    """Set the estimates that were sent; a new story has one for each computable role."""
    story = saving.item
    if saving.before is None:
        default = saving.access.project.default_points_id
        roles = Role.objects.filter(project_id=story.project_id, computable=True).values_list("id", flat=True)
        RolePoints.objects.bulk_create(
            [RolePoints(user_story=story, role_id=role, points_id=default) for role in roles]
        )
        if "points" not in saving.values:
            return
    present = points_of(story)
    wanted = {}
    if "points" in saving.values:
        wanted = parse_estimates(saving.values["points"], story.project_id, present)
    for role, points in wanted.items():
        RolePoints.objects.filter(user_story=story, role_id=role).update(points_id=points)
    if saving.before is not None:
        recorded = saving.before.get("points", present)
        saving.recorder.add_diff("points", recorded, {**present, **{str(role): key for role, key in wanted.items()}})


def parse_estimates(value: Any, project_id: int, present: dict[str, int | None]) -> dict[int, int]:
    """Check the sent estimates and convert their ids. Raises Invalid."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict):
        raise invalid_points(_("Points must be an object of role and points ids."))
    wanted: dict[int, int] = {}
    for role, points in value.items():
        if str(role) not in present:
            raise invalid_points(_("Invalid role id '%s'") % role)
        key = number(points)
        if key is None:
            raise invalid_points(_("Invalid points id '%s'") % points)
        wanted[int(role)] = key
    existing = Points.objects.filter(project_id=project_id, pk__in=wanted.values()).values_list("pk", flat=True)
    for points in sorted(set(wanted.values()) - set(existing)):
        raise invalid_points(_("Invalid points id '%s'") % points)
    return wanted


def invalid_points(message: str) -> errors.Invalid:
    """The error of wrong estimates."""
    refusal = errors.Invalid({"points": message})
    refusal.headers["Taiga-Info-Order-Updated"] = "{}"
    return refusal


def snapshot_extras(story: WorkItem) -> dict[str, Any]:
    """What the history remembers of a story besides its columns."""
    return {"assigned_to": story.assigned_to_id, "assigned_users": assignees(story), "points": points_of(story)}
