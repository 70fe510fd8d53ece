"""Addresses of this server in mails."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing

UNSUBSCRIBE = "notifications.unsubscribe"


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
