"""`taiga django test_emails ADDRESS`: one of each mail, with made-up facts, to see how they arrive."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from taiga.notifications import mails, samples
from taiga.notifications.services import outgoing


class Command(BaseCommand):
    help = "Send one of each mail to an address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("-l", "--locale", default=settings.LANGUAGE_CODE, help="the language of the mails")

    def handle(self, *_args: Any, email: str, locale: str, **_options: Any) -> None:
        names = samples.kinds()
        for name in names:
            template, facts = samples.sample(name)
            mails.queue(template, email, locale, facts)
        while outgoing.send_due():
            pass
        self.stdout.write(f"{len(names)} mails to {email}")
