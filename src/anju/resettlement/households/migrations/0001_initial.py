from __future__ import annotations

import django.db.models.constraints
from django.db import migrations, models

from anju.foundation.core.schema import force_row_security, sees_household
from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [("projects", "0001_initial"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="HouseholdRecord",
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
                ("number", models.TextField()),
                ("place", models.IntegerField()),
                ("stratum", models.TextField()),
                ("street", models.TextField(blank=True)),
                ("name_sealed", models.BinaryField(null=True)),
                ("identity_sealed", models.BinaryField(null=True)),
                ("phone_sealed", models.BinaryField(null=True)),
                ("identity_index", models.BinaryField(null=True)),
                ("facts", models.JSONField(default=dict)),
                ("needs", models.JSONField(default=list)),
                ("lottery_number", models.BigIntegerField(null=True)),
                ("content_index", models.BinaryField()),
            ],
            options={
                "db_table": "households_household",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "number"), name="households_household_number_once"
                    ),
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("project_id", "identity_index"),
                        name="households_household_identity_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE households_household ADD CONSTRAINT households_household_project FOREIGN KEY (project_id) REFERENCES projects_project (id)",
            "ALTER TABLE households_household DROP CONSTRAINT households_household_project",
        ),
        keep_complete("households_household"),
        force_row_security("households_household", using=sees_household(column="id")),
    ]
