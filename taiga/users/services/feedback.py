"""Feedback to the operators of the server."""

from typing import Any

from django.conf import settings

from taiga.base import mail
from taiga.users.models import FeedbackEntry, User


def send(comment: str, *, by: User, extra: dict[str, Any]) -> FeedbackEntry:
    """Store a comment, and mail it if an address is set. `extra` describes the browser."""
    entry = FeedbackEntry.objects.create(full_name=by.full_name, email=by.email, comment=comment)
    if settings.FEEDBACK_EMAIL:
        mail.send(
            "feedback_notification",
            to=settings.FEEDBACK_EMAIL,
            lang=None,
            context={"full_name": entry.full_name, "email": entry.email, "comment": comment, "extra": extra},
            headers={"Reply-To": f"{entry.email}, {settings.FEEDBACK_EMAIL}"},
        )
    return entry
