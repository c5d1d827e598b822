from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [("households", "0001_initial"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="WishRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("rank", models.IntegerField()),
                (
                    "unit_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
            ],
            options={
                "db_table": "preferences_wish",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "household_id", "rank"),
                        name="preferences_wish_rank_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rank__gte", 1)), name="preferences_wish_rank_from_one"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE preferences_wish ADD CONSTRAINT preferences_wish_household FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id)",
            "ALTER TABLE preferences_wish DROP CONSTRAINT preferences_wish_household",
        ),
        keep_complete("preferences_wish"),
        force_row_security("preferences_wish", using=SEES_HOUSEHOLD),
    ]
