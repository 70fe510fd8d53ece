"""The indexes of timelines hold all by which rows are counted; a page is found by them as before."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The new ones first, so that pages are found by an index all the while."""

    dependencies = [
        ("timeline", "0002_fewer_indexes"),
        ("projects", "0004_unindexed_activity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="timelineentry",
            index=models.Index(
                fields=["namespace", "-created", "-id", "event_type", "project", "story_project_id"],
                name="timeline_of_namespace",
            ),
        ),
        migrations.AddIndex(
            model_name="timelineentry",
            index=models.Index(fields=["user", "-created", "-id", "event_type", "project"], name="timeline_of_user"),
        ),
        migrations.RemoveIndex(model_name="timelineentry", name="timeline_namespace"),
        migrations.RemoveIndex(model_name="timelineentry", name="timeline_user"),
    ]
