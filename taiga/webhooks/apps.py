"""Other programs: deliveries out, repositories in."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "taiga.webhooks"
    label = "webhooks"
