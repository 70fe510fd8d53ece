"""Fewer and narrower indexes of work items: none on a column that another one begins with, none for what most rows
leave empty, none on the order of cards (docs/performance.md)."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DROPPED = (
    "projects_workitem_assigned_to_id_244e8210",
    "projects_workitem_generated_from_issue_id_70b2fe2f",
    "projects_workitem_generated_from_task_id_021c3fe9",
    "projects_workitem_milestone_id_f76dff93",
    "projects_workitem_priority_id_7b5ac01e",
    "projects_workitem_project_id_8eba7605",
    "projects_workitem_severity_id_2dc08034",
    "projects_workitem_type_id_2c8f8b71",
    "projects_workitem_user_story_id_33842f98",
)


def leave_room(apps: Any, schema_editor: Any) -> None:
    """Room in each page for new versions of its rows: an update that touches no index stays there."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE projects_workitem SET (fillfactor = 50)")


class Migration(migrations.Migration):
    """The indexes are dropped by name: for SQLite, altering a field would mean to write the whole table anew."""

    dependencies = [
        ("projects", "0002_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="workitem",
            name="item_kanban",
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(f"DROP INDEX IF EXISTS {name}") for name in DROPPED],
            state_operations=[
                migrations.AlterField(
                    model_name="workitem",
                    name="assigned_to",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assigned_items",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="generated_from_issue",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="stories_from_issue",
                        to="projects.workitem",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="generated_from_task",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="stories_from_task",
                        to="projects.workitem",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="milestone",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="items",
                        to="projects.milestone",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="priority",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="items",
                        to="projects.priority",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="project",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="projects.project",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="severity",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="items",
                        to="projects.severity",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="type",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="items",
                        to="projects.issuetype",
                    ),
                ),
                migrations.AlterField(
                    model_name="workitem",
                    name="user_story",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="projects.workitem",
                    ),
                ),
            ],
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("kind", "userstory")),
                fields=["project", "milestone", "backlog_order", "ref", "status", "kind"],
                name="item_stories",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("kind", "userstory")), fields=["project", "status", "swimlane"], name="item_cells"
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("generated_from_issue__isnull", False)),
                fields=["generated_from_issue"],
                name="item_generated_from_issue",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("generated_from_task__isnull", False)),
                fields=["generated_from_task"],
                name="item_generated_from_task",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("user_story__isnull", False)), fields=["user_story"], name="item_user_story"
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(condition=models.Q(("type__isnull", False)), fields=["type"], name="item_type"),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("severity__isnull", False)), fields=["severity"], name="item_severity"
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("priority__isnull", False)), fields=["priority"], name="item_priority"
            ),
        ),
    ]
