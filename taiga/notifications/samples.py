"""A sample of each mail, with made-up values, for the preview and for testing a mail server."""

from typing import Any

from django.conf import settings

from taiga.base import front_pages
from taiga.notifications import links
from taiga.notifications.subjects import CHANGE, CHANGES, SUBJECTS

PROJECT = {"name": "Apollo", "slug": "apollo"}
FACTS: dict[str, Any] = {
    "full_name": "Alice Example",
    "username": "alice",
    "email": "alice@example.com",
    "email_token": "a-token",
    "cancel_token": "a-token",
    "token": "a-token",
    "project": PROJECT,
    "invited_by": "Bob Example",
    "text": "We could do with your help.\nSee you on Monday!",
    "requester": "Bob Example",
    "owner": "Bob Example",
    "old_owner": "Alice Example",
    "new_owner": "Bob Example",
    "rejecter": "Bob Example",
    "reason": "I have too much to do.",
    "comment": "May I take part?\nI know a lot about rockets.",
    "photo": None,
    "extra": {"HTTP_USER_AGENT": "a browser"},
    "error": "The file is not a dump of a project.",
    "details": '{"userstories": ["no subject"]}',
    "deleted_at": "2030-01-31 12:00 UTC",
}
COMMENT = {
    "comment": "Shipped **at last**, see #7",
    "comment_html": '<p>Shipped <strong>at last</strong>, see <a href="#">#7</a></p>',
    "changes": [
        {"field": "status", "old": "In progress", "new": "Done"},
        {"field": "points", "of": "Back", "old": "?", "new": "5"},
    ],
}
FIELDS = {
    "comment": "",
    "comment_html": "",
    "changes": [
        {"field": "description"},
        {"field": "is_blocked", "old": True, "new": False},
        {"field": "assigned_to", "old": None, "new": "Bob Example"},
        {"field": "tags", "added": ["rocket"], "removed": ["moon", "orbit"]},
        {"field": "attachments", "added": ["plan.pdf"], "changed": [], "removed": []},
        {"field": "custom_attributes", "of": "Estimate", "old": "3", "new": "4"},
    ],
}


def kinds() -> list[str]:
    """The names of all samples."""
    return [*SUBJECTS, *(f"{kind}.{verb}" for kind, verb in CHANGES)]


def sample(name: str) -> tuple[str, dict[str, Any]]:
    """The template and the context of a sample."""
    if name in SUBJECTS:
        return name, {**FACTS, "url": f"{settings.MEDIA_URL}exports/apollo.json"}
    kind, _dot, verb = name.rpartition(".")
    return CHANGE, change(kind, verb)


def change(kind: str, verb: str) -> dict[str, Any]:
    """The context of a mail about a change."""
    subject = "home" if kind == "wiki.wikipage" else "Build a rocket"
    parts = {"slug": "apollo", "ref": 42, "page": subject}
    return {
        **FACTS,
        "kind": kind,
        "verb": verb,
        "ref": 42,
        "subject": subject,
        "link": None if verb == "delete" else front_pages.address(kind, **parts),
        "changer": "Bob Example",
        "entries": [COMMENT, FIELDS] if verb == "change" else [],
        "unsubscribe": links.unsubscribe(0, 0),
    }
