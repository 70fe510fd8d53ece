"""`createuser`: creates an account, also on a server where nobody may register."""

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser

from taiga.base import errors
from taiga.base.database import writing
from taiga.users.rules import Account
from taiga.users.services import accounts

VARIABLE = "DJANGO_USER_PASSWORD"
"""The environment variable for the password."""


class Command(BaseCommand):
    """Asks for the password unless the environment has it."""

    help = f"Make an account. The password comes from {VARIABLE}, or is asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True, help="the name for logging in")
        parser.add_argument("--email", required=True, help="the e-mail address; it counts as verified")
        parser.add_argument("--full-name", default="", help="the full name; the user name if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        sent = {
            "username": options["username"],
            "email": options["email"],
            "full_name": options["full_name"] or options["username"],
            "password": os.environ.get(VARIABLE) or self.ask_password(),
        }
        try:
            values = Account.read(sent).values
            values["password"] = make_password(values["password"])
            with writing():
                user = accounts.create(**values, verified_email=True, new_email=None, email_token=None)
        except errors.ApiError as refusal:
            raise CommandError(message_of(refusal)) from refusal
        self.stdout.write(f"Made the account {user.username} ({user.email}).")

    def ask_password(self) -> str:
        """The password, typed twice."""
        if not sys.stdin.isatty():
            raise CommandError(f"Give the password in {VARIABLE}.")
        password = getpass.getpass()
        if password != getpass.getpass("Password (again): "):
            raise CommandError("These were two different passwords.")
        return password


def message_of(refusal: errors.ApiError) -> str:
    """What was wrong, a line for each field."""
    if isinstance(refusal, errors.Invalid) and isinstance(refusal.fields, dict):
        return "\n".join(f"{name}: {' '.join(texts)}" for name, texts in refusal.fields.items())
    return refusal.message
