"""A message to everybody who has the front open."""

from taiga.base import jobs
from taiga.events import broadcast


def ask(title: str, description: str) -> None:
    """Have the server's worker tell it: a command has no way of its own to open pages."""
    jobs.enqueue("taiga.notifications.services.announcing.announce", title=title, description=description)


def announce(title: str, description: str) -> None:
    """A job: tell it now."""
    broadcast.push("notifications", {"title": title, "desc": description}, session_id=None)
