"""What happened to one object: entries and comments."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "taiga.history"
    label = "history"
