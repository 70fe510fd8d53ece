"""What must be true before the first request: the newest tables, the default templates, somebody who administrates."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click
import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from taiga.base.errors import in_one_line
from taiga.base.media import storage
from taiga.projects.models import ProjectTemplate
from taiga.projects.services import templates

LOG = structlog.get_logger(__name__)
LOCK = 7_461_934_205
"""Any number that no other program takes as an advisory lock in the same database."""


class OutOfReach(click.ClickException):
    """The data folder or the database cannot be used; whatever command was given ends with one line that says so."""


def prepare() -> None:
    bring_up_to_date()
    storage.sweep()
    if not get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        LOG.warning("nobody can administrate yet; make the first superuser with: bin/taiga createsuperuser")
    if lacks_default_template():
        LOG.warning(
            "there is no project template of this name; projects that name none are refused",
            DEFAULT_PROJECT_TEMPLATE=settings.DEFAULT_PROJECT_TEMPLATE,
        )
    connection.close()
    import_module(settings.ROOT_URLCONF)  # a fault there must stop the start, and the first caller must not wait


def bring_up_to_date() -> int:
    """How many migrations were missing. Cheap when there is none. Raises OutOfReach."""
    reach()
    if not pending():
        return 0
    with alone():
        missing = pending()  # another process may have been faster
        if missing:
            LOG.info("bringing the database up to date", migrations=missing)
            call_command("migrate", interactive=False, verbosity=0)
            templates.load_defaults()
    return missing


def reach() -> None:
    """Make the data folder, if it is not there, and open the database."""
    try:
        settings.TAIGA_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection.ensure_connection()
    except (OSError, OperationalError) as problem:
        raise OutOfReach(f"can't start: {in_one_line(problem)} (`bin/taiga doctor` says what to look at)") from problem


def pending() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def lacks_default_template() -> bool:
    """Whether the template of projects that name none is not there; it may have another name, or be made later."""
    return not ProjectTemplate.objects.filter(slug=settings.DEFAULT_PROJECT_TEMPLATE).exists()


@contextmanager
def alone() -> Iterator[None]:
    """Several processes may start at the same moment; one brings the database up to date, the others wait for it."""
    if connection.vendor != "postgresql":
        with (settings.TAIGA_DATA / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    guard = connection.copy()  # of its own, since a pooler keeps a lock only as long as a transaction
    try:
        guard.set_autocommit(False)
        with guard.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
        guard.rollback()
    finally:
        guard.close()
