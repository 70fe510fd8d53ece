"""Creates, changes and deletes webhooks."""

from typing import Any

from taiga.base.bodies import column_names
from taiga.projects.models import Project
from taiga.projects.permissions import Access
from taiga.webhooks.models import Webhook

Values = dict[str, Any]


def create(values: Values, *, access: Access, request_key: str | None = None) -> Webhook:
    """Create a webhook, or return the one that was created with the same `request_key`. Raises PermissionDenied,
    Blocked.
    """
    access.ensure_open()
    made = Webhook.objects.filter(project=access.project.id, request_key=request_key).first() if request_key else None
    if made is not None:
        return made
    webhook = Webhook(**column_names(Webhook, values), request_key=request_key)
    webhook.after_change = last_change(webhook.project_id)
    webhook.save()
    return webhook


def last_change(project_id: int) -> int:
    """The number of the project's last change."""
    return Project.objects.values_list("last_change", flat=True).get(pk=project_id)


def change(webhook: Webhook, values: Values, *, access: Access) -> None:
    """Change the name, address, key or project. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    project = webhook.project_id
    for name, value in column_names(Webhook, values).items():
        setattr(webhook, name, value)
    if webhook.project_id != project:
        webhook.after_change = last_change(webhook.project_id)
        webhook.request_key = None
    webhook.save(update_fields=["project", "name", "url", "key", "after_change", "request_key"])


def delete(webhook: Webhook, *, access: Access) -> None:
    """Delete a webhook with its pending deliveries. Raises PermissionDenied, Blocked."""
    access.ensure_open()
    webhook.delete()
