"""The single record of every committed change, and its effects."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "taiga.changes"
    label = "changes"
