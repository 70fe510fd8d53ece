"""Import and export of projects as dumps."""

from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "taiga.transfer"
    label = "transfer"
