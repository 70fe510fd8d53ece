"""What is ensured before the first request: the newest tables, the default templates, and a warning without a
superuser.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module

import click
import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from taiga.base.database import retry_conflicts
from taiga.base.errors import in_one_line
from taiga.base.media import storage
from taiga.projects.models import ProjectTemplate
from taiga.projects.services import templates

LOG = structlog.get_logger(__name__)
LOCK = 7_461_934_205
"""The key of an advisory lock, which no other program should use in the same database."""


class Unreachable(click.ClickException):
    """The data folder or the database cannot be used. Every command ends with this message."""


def prepare() -> None:
    """Bring the database up to date, remove files that were left behind, and check what cannot be corrected here."""
    bring_up_to_date()
    storage.sweep()
    if not get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        LOG.warning("there is no superuser yet; create one with: bin/taiga createsuperuser")
    if lacks_default_template():
        LOG.warning(
            "the default project template does not exist; creating a project without a template will fail",
            DEFAULT_PROJECT_TEMPLATE=settings.DEFAULT_PROJECT_TEMPLATE,
        )
    connection.close()
    import_module(settings.ROOT_URLCONF)  # so that errors stop the start, and the first request need not wait


def bring_up_to_date() -> int:
    """Apply missing migrations; returns how many there were. Cheap if there are none. Raises Unreachable."""
    ensure_reachable()
    if not pending():
        return 0
    with one_process_at_a_time():
        missing = pending()  # another process may have applied them
        if missing:
            LOG.info("bringing the database up to date", migrations=missing)
            retry_conflicts(partial(call_command, "migrate", interactive=False, verbosity=0))
            templates.load_defaults()
    return missing


def ensure_reachable() -> None:
    """Create the data folder, if it is missing, and connect to the database. Raises Unreachable."""
    try:
        settings.TAIGA_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection.ensure_connection()
    except (OSError, OperationalError) as problem:
        raise Unreachable(f"can't start: {in_one_line(problem)} (`bin/taiga doctor` says what to look at)") from problem


def pending() -> int:
    """The number of missing migrations."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def lacks_default_template() -> bool:
    """Whether the template for projects that name none does not exist. An operator may rename it, or create it
    later.
    """
    return not ProjectTemplate.objects.filter(slug=settings.DEFAULT_PROJECT_TEMPLATE).exists()


@contextmanager
def one_process_at_a_time() -> Iterator[None]:
    """Let only one of the processes that start at the same moment into the block; the others wait."""
    if connection.vendor != "postgresql":
        with (settings.TAIGA_DATA / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    guard = connection.copy()  # a connection of its own, since behind a pooler the lock lasts as long as a transaction
    try:
        guard.set_autocommit(False)
        with guard.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
        guard.rollback()
    finally:
        guard.close()
