"""`taiga django emit_notification_message TITLE TEXT`: tell everybody who has the front open."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from taiga.notifications.services import announcing


class Command(BaseCommand):
    help = "Show a message to everybody who has the front open."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("title")
        parser.add_argument("description")

    def handle(self, *_args: Any, title: str, description: str, **_options: Any) -> None:
        announcing.ask(title, description)
        self.stdout.write("The server shows it within a second.")
