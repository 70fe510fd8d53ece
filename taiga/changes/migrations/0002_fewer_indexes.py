"""No index of its own for a column with which another one begins; one of the few changes that edit another."""

import django.db.models.deletion
from django.db import migrations, models

DROPPED = (
    "changes_change_project_id_bdc7cf9e",
    "changes_change_entry_id_8750e424",
)


class Migration(migrations.Migration):
    """The indexes are dropped by name: for SQLite, altering a field would mean to write the whole table anew."""

    dependencies = [("changes", "0001_initial"), ("projects", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(f"DROP INDEX IF EXISTS {name}") for name in DROPPED],
            state_operations=[
                migrations.AlterField(
                    model_name="change",
                    name="project",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="projects.project",
                    ),
                ),
                migrations.AlterField(
                    model_name="change",
                    name="entry",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="edits",
                        to="changes.change",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(condition=models.Q(("entry__isnull", False)), fields=["entry"], name="change_edits"),
        ),
    ]
