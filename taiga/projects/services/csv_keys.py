"""The secret keys in the URLs of a project's CSV reports, which need no account."""

import uuid

from taiga.projects.models import Project
from taiga.projects.permissions import Access


def change(access: Access, column: str) -> str:
    """Set a new key; the former URL stops working. Raises Blocked."""
    key = uuid.uuid4().hex
    store(access, column, key)
    return key


def remove(access: Access, column: str) -> None:
    """Remove the key, and with it the URL. Raises Blocked."""
    store(access, column, None)


def store(access: Access, column: str, key: str | None) -> None:
    """Store a key."""
    access.ensure_unblocked()
    Project.objects.filter(pk=access.project.id).update(**{column: key})
