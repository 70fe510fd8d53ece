"""Notify policies as the API shows them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from taiga.projects.models import Membership, NotifyPolicy


def of(viewer: Any) -> "QuerySet[NotifyPolicy]":
    """The viewer's policies for projects that they own or are a member of, oldest first."""
    member = Exists(Membership.objects.filter(project=OuterRef("project"), user_id=viewer.id))
    rows = NotifyPolicy.objects.filter(Q(project__owner_id=viewer.id) | member, user_id=viewer.id)
    return rows.select_related("project").order_by("created_at", "id")


def serialized(policy: NotifyPolicy) -> dict[str, Any]:
    """A policy."""
    return {
        "id": policy.pk,
        "project": policy.project_id,
        "project_name": policy.project.name,
        "notify_level": policy.notify_level,
        "live_notify_level": policy.live_notify_level,
        "web_notify_level": policy.web_notify_level,
    }
