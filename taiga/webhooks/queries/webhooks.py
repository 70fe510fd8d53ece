"""The webhooks that a viewer administers, and their logs."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet

from taiga.base import clock, errors
from taiga.projects.models import Membership
from taiga.webhooks.models import Webhook, WebhookLog

Row = dict[str, Any]
WEBHOOK = ("id", "project", "name", "url", "key", "logs_counter")
LOG = (
    *("id", "webhook_id", "url", "status", "request_data", "request_headers", "response_data", "response_headers"),
    *("duration", "created"),
)


def administered(viewer: Any) -> "QuerySet[Webhook]":
    """The webhooks of the projects that the viewer administers, sorted by name."""
    rows = Webhook.objects.order_by("name", "-id")
    if viewer.is_superuser:
        return rows
    mine = Membership.objects.filter(user=viewer.id, is_admin=True) if viewer.id else Membership.objects.none()
    return rows.filter(project__in=mine.order_by().values("project"))


def rows(webhooks: "QuerySet[Webhook]") -> Any:
    """Webhooks as the API shows them."""
    return webhooks.annotate(logs_counter=Count("logs")).values(*WEBHOOK)


def one(webhook_id: int) -> Row:
    """A single webhook. Raises Missing."""
    found: Row = errors.still_there(rows(Webhook.objects.filter(pk=webhook_id)))
    return found


def logs(viewer: Any) -> "QuerySet[WebhookLog]":
    """The logs of the webhooks that the viewer administers, newest first."""
    return WebhookLog.objects.filter(webhook__in=administered(viewer).order_by().values("id")).order_by(
        "-created", "-id"
    )


def shown(found: Sequence[WebhookLog]) -> list[Row]:
    """Logs as the API shows them."""
    return [log_row(one) for one in found]


def log_row(log: WebhookLog) -> Row:
    """A log as the API shows it."""
    row = {name.removesuffix("_id"): getattr(log, name) for name in LOG}
    return {**row, "created": clock.stamp(log.created)}
