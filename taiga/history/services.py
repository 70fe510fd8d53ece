"""Editing, deleting and restoring comments. Each publishes a further change that refers to the commented entry."""

from typing import Any

from django.utils.translation import gettext as _

from taiga.base import clock, errors
from taiga.changes.models import Change, ChangeType
from taiga.changes.record import Actor, change_of, publish
from taiga.projects.permissions import ProjectFacts
from taiga.projects.queries import texts
from taiga.projects.services import watching


def edit(entry: Change, thing: Any, comment: Any, *, project: ProjectFacts, by: Actor) -> None:
    """Replace the text of a comment and keep the earlier one. Raises Bare if `comment` is not a text or the comment is
    deleted.
    """
    if not isinstance(comment, str):
        raise refusal(_("comment is required"))
    if entry.delete_comment_date is not None:
        raise refusal(_("deleted comments can't be edited"))
    mentioned = watching.newly_mentioned(comment, entry.comment, project.id, project.slug)
    former = {
        "date": clock.stamp(entry.at),
        "comment": entry.comment,
        "comment_html": entry.comment_html,
        "user": {"id": by.id},
    }
    entry.comment_versions = [*(entry.comment_versions or ()), former]
    entry.comment, entry.comment_html = comment, texts.html(comment, project.id, project.slug)
    entry.edit_comment_date = clock.now()
    store(entry, "comment", "comment_html", "comment_versions", "edit_comment_date")
    publish_edit(entry, thing, by=by, context={"mentioned_in_comment": mentioned} if mentioned else {})


def delete(entry: Change, thing: Any, *, by: Actor) -> None:
    """Mark a comment as deleted; its text stays. Raises Bare if it is deleted already."""
    if entry.delete_comment_date is not None:
        raise refusal(_("Comment already deleted"))
    entry.delete_comment_date = clock.now()
    entry.delete_comment_user = {"pk": by.id, "name": by.name}
    store(entry, "delete_comment_date", "delete_comment_user")
    publish_edit(entry, thing, by=by)


def undelete(entry: Change, thing: Any, *, by: Actor) -> None:
    """Take back a deletion. Raises Bare if there was none."""
    if entry.delete_comment_date is None:
        raise refusal(_("Comment not deleted"))
    entry.delete_comment_date = entry.delete_comment_user = None
    store(entry, "delete_comment_date", "delete_comment_user")
    publish_edit(entry, thing, by=by)


def store(entry: Change, *columns: str) -> None:
    """Store the comment's new state."""
    entry.save(update_fields=columns)


def publish_edit(entry: Change, thing: Any, *, by: Actor, context: dict[str, Any] | None = None) -> None:
    """Publish a further change that refers to the commented entry."""
    texts_now = {"comment": entry.comment, "comment_html": entry.comment_html}
    change = change_of(thing, ChangeType.CHANGE, by=by, context=context or {}, **texts_now)
    change.entry = entry
    publish([change])


def refusal(message: str) -> errors.Bare:
    """The refusal of an operation on a comment."""
    return errors.Bare(400, {"error": message})
