"""How much somebody hears of a project by mail."""

from taiga.base import clock
from taiga.projects.models import NotifyLevel, NotifyPolicy


def mute(policy: NotifyPolicy) -> None:
    """Send no more mails."""
    policy.notify_level, policy.modified_at = NotifyLevel.NONE, clock.now()
    policy.save(update_fields=["notify_level", "modified_at"])
