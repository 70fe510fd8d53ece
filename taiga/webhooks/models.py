"""Webhooks, the logs of what was sent to them, and what remains to be sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from taiga.base import clock


class Webhook(models.Model):
    """Another program that hears of every change of a project; `key` signs what is sent.

    What happened before it was made, up to the project's change `after_change`, is not its business, even if a worker
    tells of it later.
    Until `busy_until` a worker is sending to it, and no other one may: what is due arrives in order. Once that is past,
    it says when something was sent last.
    `request_key` is the digest of the `Idempotency-Key` of the request that made it, if it had one.
    """

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=250)
    url = models.CharField(max_length=200)
    key = models.TextField()
    after_change = models.BigIntegerField(default=0, db_default=0, editable=False)
    busy_until = models.DateTimeField(null=True, default=None, editable=False)
    request_key = models.CharField(max_length=64, null=True, default=None, editable=False)

    class Meta:
        ordering = ("name", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "request_key"], name="webhook_once_for_each_request")
        ]


class WebhookLog(models.Model):
    """One try as it went; `status` is 0 when nobody answered."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="logs")
    url = models.CharField(max_length=200)
    status = models.IntegerField()
    request_data = models.JSONField()
    request_headers = models.JSONField(default=dict)
    response_data = models.TextField(default="", blank=True)
    response_headers = models.JSONField(default=dict)
    duration = models.FloatField(default=0)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-created", "-id")
        indexes: ClassVar = [models.Index(fields=["webhook", "-created", "-id"], name="webhook_log_newest")]

    @property
    def project_id(self) -> int:
        """The project of the webhook; select it along with the row."""
        return self.webhook.project_id


class Delivery(models.Model):
    """A payload, to the letter, that has to be sent; `sent_at` is set when somebody answered, or no more is tried."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    change = models.ForeignKey("changes.Change", on_delete=models.CASCADE, related_name="deliveries")
    body = models.TextField()
    attempts = models.SmallIntegerField(default=0)
    next_attempt = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["webhook", "change"], name="delivery_once")]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt"], name="delivery_due", condition=Q(sent_at__isnull=True)),
            models.Index(
                fields=["webhook", "next_attempt", "id"], name="delivery_next", condition=Q(sent_at__isnull=True)
            ),
        ]
