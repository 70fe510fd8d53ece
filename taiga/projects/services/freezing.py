"""What the history remembers of an object: its fields as plain JSON, before and after a change."""

from collections.abc import Callable
from typing import Any

from taiga.projects.models import Epic, Issue, Milestone, Task, UserStory, WikiPage, WorkItem

Frozen = dict[str, Any]


def moment(value: Any) -> str:
    """A moment as the history writes it."""
    return value.isoformat(" ", "microseconds") if value is not None else "None"


def day(value: Any) -> str | None:
    """A date, or null."""
    return value.isoformat() if value is not None else None


def freeze_shared(item: WorkItem) -> Frozen:
    """What every kind remembers."""
    return {
        "ref": item.ref,
        "owner": item.owner_id,
        "status": item.status_id,
        "subject": item.subject,
        "description": item.description,
        "tags": list(item.tags) if item.tags is not None else None,
        "is_blocked": item.is_blocked,
        "blocked_note": item.blocked_note,
    }


def freeze_epic(item: WorkItem) -> Frozen:
    """An epic."""
    return {
        **freeze_shared(item),
        "color": item.color,
        "epics_order": item.epics_order,
        "assigned_to": item.assigned_to_id,
        "client_requirement": item.client_requirement,
        "team_requirement": item.team_requirement,
    }


def freeze_story(item: WorkItem) -> Frozen:
    """A story; to whom it is given is remembered as `assigned_users`, which the services note."""
    return {
        **freeze_shared(item),
        "swimlane": item.swimlane_id,
        "is_closed": item.is_closed,
        "finish_date": moment(item.finished_date),
        "backlog_order": item.backlog_order,
        "sprint_order": item.sprint_order,
        "kanban_order": item.kanban_order,
        "milestone": item.milestone_id,
        "client_requirement": item.client_requirement,
        "team_requirement": item.team_requirement,
        "from_issue": item.generated_from_issue_id,
        "from_task": item.generated_from_task_id,
        "tribe_gig": item.tribe_gig,
        "due_date": day(item.due_date),
    }


def freeze_task(item: WorkItem) -> Frozen:
    """A task."""
    return {
        **freeze_shared(item),
        "milestone": item.milestone_id,
        "assigned_to": item.assigned_to_id,
        "taskboard_order": item.taskboard_order,
        "us_order": item.us_order,
        "user_story": item.user_story_id,
        "is_iocaine": item.is_iocaine,
        "due_date": day(item.due_date),
    }


def freeze_issue(item: WorkItem) -> Frozen:
    """An issue."""
    return {
        **freeze_shared(item),
        "priority": item.priority_id,
        "severity": item.severity_id,
        "type": item.type_id,
        "milestone": item.milestone_id,
        "assigned_to": item.assigned_to_id,
        "due_date": day(item.due_date),
    }


def freeze_page(page: WikiPage) -> Frozen:
    """A wiki page."""
    return {"slug": page.slug, "owner": page.owner_id, "content": page.content}


def freeze_milestone(milestone: Milestone) -> Frozen:
    """A sprint."""
    return {
        "name": milestone.name,
        "slug": milestone.slug,
        "owner": milestone.owner_id,
        "estimated_start": day(milestone.estimated_start),
        "estimated_finish": day(milestone.estimated_finish),
        "closed": milestone.closed,
        "disponibility": milestone.disponibility,
    }


FREEZE: dict[str, Callable[[Any], Frozen]] = {
    Epic.type_key: freeze_epic,
    UserStory.type_key: freeze_story,
    Task.type_key: freeze_task,
    Issue.type_key: freeze_issue,
    WikiPage.type_key: freeze_page,
    Milestone.type_key: freeze_milestone,
}
RICH = ("description", "blocked_note", "content")
"""Fields of markdown; the history remembers what they looked like as well."""
ONLY_ORDER = {
    Epic.type_key: frozenset({"epics_order", "user_stories"}),
    UserStory.type_key: frozenset({"backlog_order", "sprint_order", "kanban_order"}),
    Task.type_key: frozenset({"us_order", "taskboard_order"}),
}
"""A change of nothing but these is hidden."""


def freeze(item: Any) -> Frozen:
    """The fields of an object that are columns of it."""
    return FREEZE[item.type_key](item)
