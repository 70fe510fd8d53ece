"""Who may edit, delete and restore a comment."""

from taiga.base.requests import Request
from taiga.changes.models import Change
from taiga.projects.permissions import Access, Need

ENTRY = "history entry"
"""The key of the entry in the request's cache."""


class ToComment(Need):
    """An administrator of the project, or the given person of the entry (author or deleter), even after leaving the
    project.
    """

    def __init__(self, whom: str) -> None:
        self.whom = whom

    def met(self, access: Access, request: Request | None) -> bool:
        assert request is not None
        viewer, entry = access.viewer, request.cache[ENTRY]
        if access.is_admin or viewer.is_superuser:
            return True
        return bool(viewer.is_authenticated) and viewer.id == PERSONS[self.whom](entry)

    def __str__(self) -> str:
        return f"admin | {self.whom}"


def author(entry: Change) -> int | None:
    """Who wrote the comment."""
    return entry.by_id


def deleter(entry: Change) -> int | None:
    """Who deleted it."""
    key: int | None = (entry.delete_comment_user or {}).get("pk")
    return key


PERSONS = {"author of the comment": author, "who deleted the comment": deleter}
TO_COMMENT, TO_UNDELETE = ToComment("author of the comment"), ToComment("who deleted the comment")
