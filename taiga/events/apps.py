"""The live channel."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "taiga.events"
    label = "events"
