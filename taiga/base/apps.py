"""What all other packages build on: requests and replies, errors, jobs, files."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from taiga.base.database import declare_sqlite_json, keep_plans


class BaseConfig(AppConfig):
    name = "taiga.base"
    label = "base"

    def ready(self) -> None:
        connection_created.connect(keep_plans)
        declare_sqlite_json()
