"""No index of its own for a column with which another one begins."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DROPPED = ("timeline_timelineentry_user_id_d87192c7",)


class Migration(migrations.Migration):
    """The indexes are dropped by name: for SQLite, altering a field would mean to write the whole table anew."""

    dependencies = [("timeline", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(f"DROP INDEX IF EXISTS {name}") for name in DROPPED],
            state_operations=[
                migrations.AlterField(
                    model_name="timelineentry",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="timeline",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
