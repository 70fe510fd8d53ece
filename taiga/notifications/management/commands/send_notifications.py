"""`taiga django send_notifications`: send the change mails that are due, for servers without a worker."""

from typing import Any

from django.core.management.base import BaseCommand

from taiga.notifications.services import notices, outgoing


class Command(BaseCommand):
    help = "Make mails of the changes that have waited long enough, and send all mails that are due."

    def handle(self, *_args: Any, **_options: Any) -> None:
        gathered, sent = notices.flush(), 0
        while tried := outgoing.send_due():
            sent += tried
        self.stdout.write(f"{gathered} notices, {sent} mails")
