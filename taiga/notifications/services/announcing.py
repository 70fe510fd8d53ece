"""Announcements to everybody who has the front open."""

from taiga.base import jobs
from taiga.events import broadcast


def ask(title: str, description: str) -> None:
    """Have the server's worker send an announcement: a command has no connection to open browsers."""
    jobs.enqueue("taiga.notifications.services.announcing.announce", title=title, description=description)


def announce(title: str, description: str) -> None:
    """A job: send an announcement now."""
    broadcast.push("notifications", {"title": title, "desc": description}, session_id=None)
