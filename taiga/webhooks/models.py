"""Addresses that want to hear of changes, what was sent to them, and what still has to be."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from taiga.base import clock


class Webhook(models.Model):
    """Another program that hears of every change of a project; `key` signs what is sent."""

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=250)
    url = models.CharField(max_length=200)
    key = models.TextField()

    class Meta:
        ordering = ("name", "-id")


class WebhookLog(models.Model):
    """One delivery as it went; `status` is 0 when nobody answered."""

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


class Delivery(models.Model):
    """A payload that has to be sent; it goes when it was sent or given up."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    change = models.ForeignKey("changes.Change", null=True, on_delete=models.CASCADE, related_name="deliveries")
    payload = models.JSONField()
    attempts = models.SmallIntegerField(default=0)
    next_attempt = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["webhook", "change"], name="delivery_once")]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt"], name="delivery_due", condition=Q(sent_at__isnull=True))
        ]
