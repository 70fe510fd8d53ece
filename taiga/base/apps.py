"""The ground that knows no project: requests and replies, errors, jobs, files."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "taiga.base"
    label = "base"
