"""No index on what each change of a project counts up: PostgreSQL would write a project's every index each time."""

from django.db import migrations, models

import taiga.base.clock

DROPPED = (
    "projects_project_totals_updated_datetime_1bcc5bfa",
    "projects_project_total_activity_edf1a486",
    "projects_project_total_activity_last_week_961ca1b0",
    "projects_project_total_activity_last_month_669bff3e",
    "projects_project_total_activity_last_year_12ea6dbe",
)


class Migration(migrations.Migration):
    """The indexes are dropped by name: for SQLite, altering a field would mean to write the whole table anew."""

    dependencies = [("projects", "0003_narrower_indexes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(f"DROP INDEX IF EXISTS {name}") for name in DROPPED],
            state_operations=[
                migrations.AlterField(
                    model_name="project",
                    name="totals_updated_datetime",
                    field=models.DateTimeField(default=taiga.base.clock.now),
                ),
                migrations.AlterField(model_name="project", name="total_activity", field=models.PositiveIntegerField(default=0)),
                migrations.AlterField(model_name="project", name="total_activity_last_week", field=models.PositiveIntegerField(default=0)),
                migrations.AlterField(model_name="project", name="total_activity_last_month", field=models.PositiveIntegerField(default=0)),
                migrations.AlterField(model_name="project", name="total_activity_last_year", field=models.PositiveIntegerField(default=0)),
            ],
        ),
    ]
