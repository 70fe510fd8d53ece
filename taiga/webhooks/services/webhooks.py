"""Webhooks: made, edited, deleted."""

from typing import Any

from taiga.base.bodies import column_names
from taiga.projects.permissions import Access
from taiga.webhooks.models import Webhook

Values = dict[str, Any]


def create(values: Values, *, access: Access) -> Webhook:
    """A new webhook. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    return Webhook.objects.create(**column_names(Webhook, values))


def change(webhook: Webhook, values: Values, *, access: Access) -> None:
    """Another name, address, key or project. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    for name, value in column_names(Webhook, values).items():
        setattr(webhook, name, value)
    webhook.save(update_fields=["project", "name", "url", "key"])


def delete(webhook: Webhook, *, access: Access) -> None:
    """No webhook, and nothing more is sent, what waits included. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    webhook.delete()
