"""The keys in the addresses by which a project's items are read as CSV, without an account."""

import uuid

from taiga.projects.models import Project
from taiga.projects.permissions import Access


def change(access: Access, column: str) -> str:
    """A new key; the former address ends. Raises Blocked."""
    key = uuid.uuid4().hex
    keep(access, column, key)
    return key


def remove(access: Access, column: str) -> None:
    """No such address any more. Raises Blocked."""
    keep(access, column, None)


def keep(access: Access, column: str, key: str | None) -> None:
    """Store a key."""
    access.ensure_unblocked()
    Project.objects.filter(pk=access.project.id).update(**{column: key})
