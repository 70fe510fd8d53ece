"""The people whom an object concerns: its watchers, its owner, and its assignee."""

from django.db.models import F

from taiga.base import sql
from taiga.base.prepared import Param, Prepared
from taiga.changes.models import Change, ChangeType
from taiga.projects.models import Watch, WikiPage, WorkItem


def watchers(relation: str) -> sql.IdList:
    """The ids of the watchers of the row of the outer query."""
    return sql.IdList(Watch.objects.filter(**sql.outer(relation)).order_by().values(value=F("user_id")))


ITEM = Prepared(
    lambda: (
        WorkItem.objects.filter(pk=Param("id")).order_by().values_list("owner_id", "assigned_to_id", watchers("item"))
    )
)
PAGE = Prepared(
    lambda: (
        WikiPage.objects.filter(pk=Param("id")).order_by().values_list("owner_id", "owner_id", watchers("wiki_page"))
    )
)


def in_change(change: Change) -> set[int]:
    """The users whom a change concerns: those of the object, and its former and new assignee."""
    concerned = {*change.diff.get("assigned_to", ())}
    if change.type == ChangeType.DELETE:
        concerned |= {*change.context.get("people", ())}
    else:
        row = (PAGE if change.kind == WikiPage.type_key else ITEM).one(id=change.object_id)
        concerned |= {row[0], row[1], *row[2]} if row else set()
    return concerned - {None}
