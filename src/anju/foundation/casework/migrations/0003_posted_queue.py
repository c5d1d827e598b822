"""An office's queue in one project has an index of its own."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("casework", "0002_guards")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="taskrecord",
            index=models.Index(
                fields=[
                    *("project_id", "office", "tier", "kind", "role"),
                    *("sort_on", "case_id", "place"),
                ],
                name="casework_task_posted",
            ),
        ),
    ]
