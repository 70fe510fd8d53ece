"""The timelines of projects and people."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "taiga.timeline"
    label = "timeline"
