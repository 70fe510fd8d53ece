"""Other programs: webhooks that receive changes, and forges that report theirs."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "taiga.webhooks"
    label = "webhooks"
