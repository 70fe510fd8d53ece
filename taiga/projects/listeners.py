"""Who may subscribe to what on the websocket."""

from dataclasses import dataclass

from taiga.projects.permissions import TO_SEE, Can, access_to
from taiga.users.models import User

VIEW_PERMISSIONS = {kind.partition(".")[0]: code for kind, code in TO_SEE.items()}
"""The permission for each subject; the others need VIEW_PROJECT."""


def may_hear(user_id: int, routing_key: str) -> bool:
    """Whether an active user may subscribe to `changes.project.<id>.<subject>` on the websocket."""
    parts = routing_key.split(".")
    if len(parts) != 4 or not parts[2].isdigit():
        return False
    active = User.objects.filter(pk=user_id, is_active=True)
    is_superuser = active.values_list("is_superuser", flat=True).first()
    if is_superuser is None:
        return False
    access = access_to(Listener(user_id, is_superuser=is_superuser), int(parts[2]))
    return access is not None and access.may(VIEW_PERMISSIONS.get(parts[3], Can.VIEW_PROJECT))


@dataclass(frozen=True)
class Listener:
    """The user of a websocket connection."""

    id: int
    is_superuser: bool = False
    is_authenticated: bool = True
