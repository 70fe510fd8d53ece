"""Addresses of the web front's pages, in mails, payloads and sitemaps."""

from typing import Any
from urllib.parse import quote

from django.conf import settings

PAGES = {
    "home": "/",
    "discover": "/discover",
    "login": "/login",
    "register": "/register",
    "forgot-password": "/forgot-password",
    "change-password": "/change-password/{token}",
    "change-email": "/change-email/{token}",
    "verify-email": "/verify-email/{token}",
    "cancel-account": "/cancel-account/{token}",
    "invitation": "/invitation/{token}",
    "mail-notifications": "/user-settings/mail-notifications",
    "profile": "/profile/{username}",
    "project": "/project/{slug}",
    "backlog": "/project/{slug}/backlog/",
    "kanban": "/project/{slug}/kanban/",
    "project-admin": "/login?next=/project/{slug}/admin/project-profile/details",
    "project-transfer": "/project/{slug}/transfer/{token}",
    "milestones.milestone": "/project/{slug}/taskboard/{page}",
    "epics.epic": "/project/{slug}/epic/{ref}",
    "userstories.userstory": "/project/{slug}/us/{ref}",
    "tasks.task": "/project/{slug}/task/{ref}",
    "issues.issue": "/project/{slug}/issue/{ref}",
    "wiki.wikipage": "/project/{slug}/wiki/{page}",
}
"""The pages that we refer to. Those of objects are named by the objects' kinds."""


def address(page: str, /, **parts: Any) -> str:
    """The absolute address of a page; `parts` fill its placeholders."""
    return settings.TAIGA_URL + PAGES[page].format(**{name: quote(str(part), safe=":") for name, part in parts.items()})
