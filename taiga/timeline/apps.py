"""What happened around a project or a person."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "taiga.timeline"
    label = "timeline"
