"""The few open cases that owe a material have an index of their own."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("titlecases", "0003_warned_and_covered")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="titlecaserecord",
            index=models.Index(
                condition=Q(owed_until__isnull=False, standing="open"),
                fields=["owed_until", "id"],
                name="titlecases_case_owing",
            ),
        ),
    ]
