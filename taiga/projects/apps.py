"""Projects and all that they hold."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "taiga.projects"
    label = "projects"
