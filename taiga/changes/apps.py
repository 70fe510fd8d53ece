"""Every change of everything, once."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "taiga.changes"
    label = "changes"
