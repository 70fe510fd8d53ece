"""Changes of notification policies."""

from taiga.base import clock
from taiga.projects.models import NotifyLevel, NotifyPolicy


def mute(policy: NotifyPolicy) -> None:
    """Send no more mails of the project to the user."""
    policy.notify_level, policy.modified_at = NotifyLevel.NONE, clock.now()
    policy.save(update_fields=["notify_level", "modified_at"])
