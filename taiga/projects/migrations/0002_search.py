"""Full-text indexes in their first shape, which 0005 replaces and a new database never has."""

from typing import Any, ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """After the tables."""

    dependencies: ClassVar = [("projects", "0001_initial")]
    operations: ClassVar[list[Any]] = []
