"""The ground that knows no project: requests and replies, errors, jobs, files."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from taiga.base.database import know_sqlite, plan_once


class BaseConfig(AppConfig):
    name = "taiga.base"
    label = "base"

    def ready(self) -> None:
        connection_created.connect(plan_once)
        know_sqlite()
