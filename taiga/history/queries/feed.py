"""The committed changes of a project that a viewer may read, ordered by number."""

from dataclasses import dataclass
from typing import Any

from taiga.base.prepared import Param, Prepared
from taiga.changes.models import VERBS, Change
from taiga.projects.models import RelatedUserStory
from taiga.projects.permissions import TO_SEE, Access, Can

Row = dict[str, Any]
VIEW_PERMISSIONS = {**TO_SEE, RelatedUserStory.type_key: Can.VIEW_EPICS}
"""The permission needed to read changes of each kind of object; those of the project's own lists need VIEW_PROJECT."""
PROJECT_PREFIX = "projects."
COLUMNS = ("number", "at", "by_id", "kind", "object_id", "ref", "type", "diff", "comment", "entry__uuid")
ROWS = Prepared(
    lambda: (
        Change.objects.filter(project=Param("project"), number__gt=Param("since"))
        .order_by("number")
        .values_list(*COLUMNS)
    )
)


@dataclass(frozen=True)
class Page:
    """A page of changes; `last` is the cursor of the next page, `more` whether that page already has changes."""

    changes: list[Row]
    last: int
    more: bool


def may_read(access: Access, kind: str) -> bool:
    """Whether a viewer may read the changes of a kind of object; unknown kinds are for administrators."""
    if access.viewer.is_superuser or access.is_admin:
        return True
    code = VIEW_PERMISSIONS.get(kind) or (Can.VIEW_PROJECT if kind.startswith(PROJECT_PREFIX) else None)
    return code is not None and access.may(code)


def page(access: Access, since: int, size: int) -> Page:
    """The changes after a number. What the viewer may not read is left out, so a page may be short."""
    rows = ROWS.all(project=access.project.id, since=since, limit=size + 1)
    more = len(rows) > size
    rows = rows[:size]
    readable = [serialized(row) for row in rows if may_read(access, row[3])]
    return Page(readable, rows[-1][0] if rows else since, more)


def serialized(row: tuple[Any, ...]) -> Row:
    """A change as the API shows it; `entry` is the history entry whose comment was edited, if any."""
    number, at, by, kind, key, ref, type_, diff, comment, entry = row
    return {
        "number": number,
        "at": at,
        "by": by,
        "kind": kind,
        "id": key,
        "ref": ref,
        "type": VERBS[type_],
        "diff": diff,
        "comment": comment,
        "entry": entry,
    }
