"""The names of changed objects."""

from taiga.changes.models import Change, ChangeType
from taiga.projects.models import Epic, Issue, Task, UserStory, WikiPage

ITEMS = (Task.type_key, Issue.type_key, UserStory.type_key, Epic.type_key)


def of(change: Change, *, item: str | None, page: str | None) -> str | None:
    """The subject of an item, or the slug of a wiki page; None if it is not known.

    `item` and `page` are the present names of the item and the page with the object's id, if there are such.
    """
    is_page = change.kind == WikiPage.type_key
    if change.type == ChangeType.DELETE:
        gone = change.context.get("facts", {}).get(change.kind.partition(".")[2])
        return gone["slug" if is_page else "subject"] if gone else None
    if is_page:
        return page
    return item if change.kind in ITEMS else None
