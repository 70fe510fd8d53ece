"""The queue of mails: rows that the worker hands over to the mail server."""

from typing import Any

from django.db import transaction

from taiga.base import jobs
from taiga.notifications.models import Mail


def queue(template: str, to: str, lang: str, context: dict[str, Any], headers: dict[str, str] | None = None) -> Mail:
    """Have a mail sent after this transaction."""
    mail = Mail.objects.create(template=template, to=to, lang=lang, context=context, headers=headers or {})
    transaction.on_commit(jobs.wake)
    return mail
