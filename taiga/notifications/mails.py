"""The queue of mails, which a worker sends."""

from typing import Any

from django.db import transaction

from taiga.base import jobs
from taiga.notifications.models import Mail


def queue(template: str, to: str, lang: str, context: dict[str, Any], headers: dict[str, str] | None = None) -> Mail:
    """Have a mail sent after this transaction is committed."""
    mail = Mail.objects.create(template=template, to=to, lang=lang, context=context, headers=headers or {})
    transaction.on_commit(jobs.wake)
    return mail
