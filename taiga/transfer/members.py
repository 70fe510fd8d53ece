"""The members of a project that was loaded."""

from typing import Any

from django.db.models import F

from taiga.projects.models import Membership, Role
from taiga.projects.permissions import MEMBER_PERMISSIONS
from taiga.projects.services.watching import ensure_policies
from taiga.timeline.models import TimelineEntry
from taiga.transfer.loading import Loading
from taiga.transfer.timeline import JOINED

OWNER = "Owner"


def ensure_role(loading: Loading) -> None:
    """A project without a role gets one with all permissions, for its owner."""
    if not loading.names["roles"]:
        role = Role.objects.create(
            project=loading.project, name=OWNER, slug="owner", permissions=list(MEMBER_PERMISSIONS)
        )
        loading.names["roles"][role.name] = role.pk


def welcome(loading: Loading) -> None:
    """Make the owner an admin, and the project the first in the lists of its members."""
    project = loading.project
    assert project.owner is not None
    mine = Membership.objects.filter(project=project)
    if project.owner_id in loading.joined:
        mine.filter(user_id=project.owner_id).update(is_admin=True)
    else:
        role = Role.objects.filter(project=project).order_by("order", "slug")[0]
        Membership.objects.create(
            project=project, user=project.owner, role=role, is_admin=True, email=project.owner.email, user_order=0
        )
    people = {*loading.joined, project.owner.pk}
    Membership.objects.filter(user_id__in=people).exclude(project=project).update(user_order=F("user_order") + 1)
    loading.followers |= people


def follow(loading: Loading) -> None:
    """Notification policies for the members, and for all who watch something in the project."""
    ensure_policies(loading.project.pk, sorted(loading.followers))


def tell_of_members(loading: Loading) -> None:
    """Timeline rows for the members for whom the dump's timeline has none."""
    project, names = loading.project, {key: name for name, key in loading.names["roles"].items()}
    facts = {name: getattr(project, name) for name in ("id", "slug", "name", "description")}
    rows = []
    for person, member in loading.joined.items():
        if person == project.owner_id or person in loading.told_joined:
            continue
        role = {"id": member.role_id, "name": names.get(member.role_id, "")}
        common: dict[str, Any] = {
            "event_type": JOINED,
            "project": project,
            "data": {"user": {"id": person}, "role": role, "project": facts},
            "created": member.created_at,
        }
        rows.append(TimelineEntry(namespace=f"project:{project.pk}", **common))
        rows.append(TimelineEntry(namespace=f"user:{person}", user_id=person, **common))
    TimelineEntry.objects.bulk_create(rows)
