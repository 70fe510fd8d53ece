"""What a dump is made of, in the order of Taiga 6's dumps. `dump` walks it, and `load` walks it.

Not in dumps, and why:

* `Like`, `NotifyPolicy` (but who has one is in `watchers`), `UserProjectSettings`: a person's own business;
* `ModulesConfig`, webhooks, the addresses of the CSV reports, tokens: secrets, which must not work in a copy;
* `ContactEntry`, `ProjectTemplate`: no part of a project;
* the history of sprints, relations and the project itself, and hidden entries: the format has no place for them.

What Taiga 6 does not have stands behind what it has: its importer ignores it.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_noop

from taiga.projects.models import Project
from taiga.projects.permissions import ANONYMOUS_PERMISSIONS, MEMBER_PERMISSIONS
from taiga.transfer import items, lists, project
from taiga.transfer.forms import PERSON, chosen, named
from taiga.transfer.sections import Section, Spec, columns

DEFAULTS = {
    "default_points": lists.POINTS,
    "default_epic_status": lists.EPIC_STATUSES,
    "default_us_status": lists.US_STATUSES,
    "default_task_status": lists.TASK_STATUSES,
    "default_priority": lists.PRIORITIES,
    "default_severity": lists.SEVERITIES,
    "default_issue_status": lists.ISSUE_STATUSES,
    "default_issue_type": lists.ISSUE_TYPES,
    "default_swimlane": lists.SWIMLANES,
}
"""The default values of a project, and the lists that they are of: they can be read only after these."""


def unread(*names: str) -> Iterator[Spec]:
    """Columns of the project that a load leaves alone."""
    yield from (Spec(name, taken=False) for name in names)


PROJECT = Section(
    "project",
    Project,
    columns(
        Project,
        project.Followers(),
        "name",
        "slug",
        "description",
        "created_date",
        project.Logo(),
        "total_milestones",
        "total_story_points",
        "is_epics_activated",
        "is_backlog_activated",
        "is_kanban_activated",
        "is_wiki_activated",
        "is_issues_activated",
        Spec("videoconferences", project.VIDEOCONFERENCES),
        "videoconferences_extra_data",
        Spec("creation_template", project.TEMPLATE),
        "is_private",
        *unread("is_featured"),
        "is_looking_for_people",
        "looking_for_people_note",
        *unread("epics_csv_uuid", "userstories_csv_uuid", "tasks_csv_uuid", "issues_csv_uuid"),
        project.TransferToken(),
        Spec("blocked_code", project.BLOCKED_CODE),
        *unread("totals_updated_datetime", "total_fans"),
        *unread("total_fans_last_week", "total_fans_last_month", "total_fans_last_year", "total_activity"),
        *unread("total_activity_last_week", "total_activity_last_month", "total_activity_last_year"),
        Spec("anon_permissions", chosen(frozenset(ANONYMOUS_PERMISSIONS))),
        Spec("public_permissions", chosen(frozenset(MEMBER_PERMISSIONS))),
        "modified_date",
        lists.ROLES,
        Spec("owner", PERSON, taken=False),
        lists.MEMBERSHIPS,
        lists.POINTS,
        lists.EPIC_STATUSES,
        lists.US_STATUSES,
        lists.US_DUEDATES,
        lists.TASK_STATUSES,
        lists.TASK_DUEDATES,
        lists.ISSUE_TYPES,
        lists.ISSUE_STATUSES,
        lists.ISSUE_DUEDATES,
        lists.PRIORITIES,
        lists.SEVERITIES,
        lists.SWIMLANES,
        Spec("tags_colors", project.COLOURS),
        *(Spec(name, named(section.key), taken=False) for name, section in DEFAULTS.items()),
        *lists.CUSTOM_ATTRIBUTES,
        items.EPICS,
        items.USER_STORIES,
        items.TASKS,
        items.MILESTONES,
        items.ISSUES,
        items.WIKI_LINKS,
        items.WIKI_PAGES,
        "tags",
        items.TIMELINE,
        "is_contact_activated",
        Spec("archived_code", project.ARCHIVED_CODE),
        "wip_limit_mode",
        lists.TRANSITIONS,
        required=("name", "description"),
    ),
    ordering=(),
    error=gettext_noop("error importing project data"),
)
VALUES = (
    lists.EPIC_STATUSES,
    lists.US_STATUSES,
    lists.POINTS,
    lists.TASK_STATUSES,
    lists.ISSUE_TYPES,
    lists.ISSUE_STATUSES,
    lists.PRIORITIES,
    lists.SEVERITIES,
    lists.US_DUEDATES,
    lists.TASK_DUEDATES,
    lists.ISSUE_DUEDATES,
    lists.SWIMLANES,
    lists.TRANSITIONS,
)
CONTENTS = (
    *lists.CUSTOM_ATTRIBUTES,
    items.MILESTONES,
    items.ISSUES,
    items.USER_STORIES,
    items.EPICS,
    items.TASKS,
    items.WIKI_PAGES,
    items.WIKI_LINKS,
    items.TIMELINE,
)
"""The order in which a load takes the sections: what is referred to comes first."""
