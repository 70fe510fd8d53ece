"""Who is told of a change: mail and bell."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "taiga.notifications"
    label = "notifications"
