"""Projects and everything in them."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "taiga.projects"
    label = "projects"
