"""No index of its own for a column with which another one begins, nor for a moment by which nobody asks."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import taiga.base.clock

DROPPED = (
    "notifications_webnotification_user_id_f32287d5",
    "notifications_webnotification_created_b17f50f8",
)


class Migration(migrations.Migration):
    """The indexes are dropped by name: for SQLite, altering a field would mean to write the whole table anew."""

    dependencies = [("notifications", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(f"DROP INDEX IF EXISTS {name}") for name in DROPPED],
            state_operations=[
                migrations.AlterField(
                    model_name="webnotification",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="web_notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="webnotification",
                    name="created",
                    field=models.DateTimeField(default=taiga.base.clock.now),
                ),
            ],
        ),
    ]
