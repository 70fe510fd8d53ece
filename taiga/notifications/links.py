"""Addresses in mails and sitemaps: pages of the front, and of this server."""

from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core import signing

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
UNSUBSCRIBE = "notifications.unsubscribe"


def front(page: str, /, **parts: Any) -> str:
    """The absolute address of a page of the front; `parts` fill its placeholders."""
    return settings.TAIGA_URL + PAGES[page].format(**{name: quote(str(part), safe=":") for name, part in parts.items()})


def domain() -> str:
    """The domain of this server, for the headers of mails."""
    return urlsplit(settings.TAIGA_URL).hostname or "localhost"


def unsubscribe(user_id: int, project_id: int) -> str:
    """The address at which anybody who knows it can end the mails of a project to a user."""
    token = signing.dumps([user_id, project_id], salt=UNSUBSCRIBE)
    return f"{settings.TAIGA_URL}/api/v1/unsubscribe/{token}"


def read_unsubscribe(token: str) -> tuple[int, int] | None:
    """The user and the project of such an address, or None. It never expires, since mails are kept."""
    try:
        user_id, project_id = signing.loads(token, salt=UNSUBSCRIBE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(user_id), int(project_id)
