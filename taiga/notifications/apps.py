"""Notifications of changes: mails, and the bell."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "taiga.notifications"
    label = "notifications"
