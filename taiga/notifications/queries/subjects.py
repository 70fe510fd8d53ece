"""What changed objects are called."""

from taiga.changes.models import Change, ChangeType
from taiga.projects.models import WikiPage, WorkItem


def of(change: Change) -> str | None:
    """The subject of an item, or the slug of a wiki page; None if it is gone and nobody remembers it."""
    is_page = change.kind == WikiPage.type_key
    if change.type == ChangeType.DELETE:
        gone = change.context.get("facts", {}).get(change.kind.partition(".")[2])
        return gone["slug" if is_page else "subject"] if gone else None
    if is_page:
        return WikiPage.objects.filter(pk=change.object_id).values_list("slug", flat=True).first()
    return WorkItem.objects.filter(pk=change.object_id).values_list("subject", flat=True).first()
