"""The live channel: open boards refresh."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "taiga.events"
    label = "events"
