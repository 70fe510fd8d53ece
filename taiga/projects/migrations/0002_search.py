"""Full-text indexes."""

from typing import Any

from django.db import migrations

from taiga.projects import search_index


def make(apps: Any, schema_editor: Any) -> None:
    """Make the indexes of this kind of database."""
    postgres = schema_editor.connection.vendor == "postgresql"
    if postgres:
        schema_editor.execute(search_index.JOINED)
    for index in search_index.INDEXES:
        for statement in search_index.postgres(index) if postgres else search_index.sqlite(index):
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = [("projects", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
