"""Users' settings for projects, and the sections of a project that they may open."""

from typing import Any

from django.db.models import F, FilteredRelation, Q

from taiga.projects.models import Section, UserProjectSettings
from taiga.projects.permissions import Can, effective

SECTIONS = (
    (Section.EPICS, "is_epics_activated", Can.VIEW_EPICS),
    (Section.BACKLOG, "is_backlog_activated", Can.VIEW_US),
    (Section.KANBAN, "is_kanban_activated", Can.VIEW_US),
    (Section.WIKI, "is_wiki_activated", Can.VIEW_WIKI_PAGES),
    (Section.ISSUES, "is_issues_activated", Can.VIEW_ISSUES),
)
"""The sections besides the timeline, with the switch of their module and the permission they need."""
PROJECT = ("name", "anon_permissions", "public_permissions", *(switch for _section, switch, _can in SECTIONS))
Row = dict[str, Any]


def of(viewer: Any, **only: Any) -> list[Row]:
    """The viewer's settings for projects they are a member of, in the order of their list of projects."""
    rows = UserProjectSettings.objects.filter(user_id=viewer.id, **only).annotate(
        mine=FilteredRelation("project__memberships", condition=Q(project__memberships__user_id=viewer.id))
    )
    found = (
        rows.filter(mine__isnull=False)
        .order_by("mine__user_order", "id")
        .values(
            "id",
            "project_id",
            "homepage",
            *(f"project__{name}" for name in PROJECT),
            is_admin=F("mine__is_admin"),
            role=F("mine__role__permissions"),
        )
    )
    return [serialized(row, viewer) for row in found]


def serialized(row: Row, viewer: Any) -> Row:
    """Settings as the API shows them."""
    permissions = effective(
        viewer,
        is_admin=row["is_admin"],
        role=row["role"] or (),
        public=row["project__public_permissions"],
        anonymous=row["project__anon_permissions"],
    )
    opened = [section for section, switch, can in SECTIONS if row[f"project__{switch}"] and can in permissions]
    return {
        "id": row["id"],
        "project": row["project_id"],
        "project_name": row["project__name"],
        "homepage": row["homepage"],
        "allowed_sections": [int(section) for section in (Section.TIMELINE, *opened)],
    }
