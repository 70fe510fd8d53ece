"""Full-text indexes in tables beside the tables: rows that are renumbered by the thousand get narrower on PostgreSQL, and
every row says there which project it belongs to."""

from typing import Any

from django.db import migrations

from taiga.projects import search_index


def lock_tables() -> str:
    """Wait for running writers before anything changes. The tables are locked in the order in which writers lock rows
    (the project, then what is in it); the opposite order would deadlock with them.
    """
    return f"LOCK TABLE {', '.join(index.table for index in reversed(search_index.INDEXES))} IN ACCESS EXCLUSIVE MODE"


def drop_postgres(index: search_index.Index) -> list[str]:
    """Unmake the first shape, a generated column."""
    return [f"ALTER TABLE {index.table} DROP COLUMN IF EXISTS search"]


def drop_sqlite(index: search_index.Index) -> list[str]:
    """Unmake the first shape, an FTS5 table without projects."""
    name = index.name
    triggers = [f"DROP TRIGGER IF EXISTS {name}_{event}" for event in ("insert", "delete", "update")]
    return [*triggers, f"DROP TABLE IF EXISTS {name}", f"DROP VIEW IF EXISTS {index.table}_text"]


def make(apps: Any, schema_editor: Any) -> None:
    """Make the indexes of this kind of database."""
    postgres = schema_editor.connection.vendor == "postgresql"
    drop, create = (drop_postgres, search_index.postgres) if postgres else (drop_sqlite, search_index.sqlite)
    if postgres:
        schema_editor.execute(lock_tables())
    for index in search_index.INDEXES:
        for statement in (*drop(index), *create(index)):
            schema_editor.execute(statement)
    if postgres:
        schema_editor.execute("DROP FUNCTION IF EXISTS taiga_joined(text[])")


class Migration(migrations.Migration):
    """After the tables have their last shape."""

    dependencies = [("projects", "0004_unindexed_activity")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
