"""What every test stands on: an empty database with the default templates, and empty caches."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils import translation

from taiga.base.database import keep_plans
from taiga.projects.services import templates
from tests import template


def pytest_report_header() -> str:
    return f"database: {connection.vendor}"


@pytest.fixture(scope="session", autouse=True)
def plans_of_the_moment() -> None:
    """A kept plan would be one for empty tables: tests commit nothing, so PostgreSQL never updates its statistics."""
    connection_created.disconnect(keep_plans)


@pytest.fixture(scope="session", autouse=True)
def default_templates() -> None:
    """After the tables are made, and after each test with transactions of its own, which empties them all."""
    post_migrate.connect(load_templates, dispatch_uid="default templates")


def load_templates(sender: Any, **_: Any) -> None:
    if sender.label == "projects":
        templates.load_defaults()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """The tables come from the template that bin/test has made, if it has; all of it is thrown away after the run."""
    if connection.vendor == "sqlite":
        return template.copy_to(Path(connection.settings_dict["TEST"]["NAME"]))
    return template.POSTGRES in os.environ


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """Neither in caches nor of the language that the last request was answered in."""
    yield
    cache.clear()
    translation.deactivate()
