"""Project templates as the API shows them."""

from typing import Any

from django.utils.translation import gettext

from taiga.base import clock
from taiga.projects.default_templates import NAMES
from taiga.projects.models import ProjectTemplate

Row = dict[str, Any]

COLUMNS = (
    *("id", "name", "slug", "description", "order", "created_date", "modified_date", "default_owner_role"),
    *("is_contact_activated", "is_epics_activated", "is_backlog_activated", "is_kanban_activated"),
    *("is_wiki_activated", "is_issues_activated", "videoconferences", "videoconferences_extra_data"),
    *("default_options", "epic_statuses", "us_statuses", "points", "task_statuses", "issue_statuses"),
    *("issue_types", "priorities", "severities", "roles"),
)
"""The lists that clients see; others are stored too."""


def serialized(template: ProjectTemplate) -> Row:
    """One template; names of the default templates are translated."""
    row: Row = {name: getattr(template, name) for name in COLUMNS}
    for name in ("name", "description"):
        row[name] = gettext(row[name]) if row[name] in NAMES else row[name] or ""
    for name in ("created_date", "modified_date"):
        row[name] = clock.stamp(row[name])
    return row
