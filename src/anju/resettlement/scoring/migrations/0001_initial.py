from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("households", "0001_initial"),
        ("policies", "0001_initial"),
        ("ledger", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScoringRecord",
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
                ("rule_set_id", models.UUIDField()),
                ("version", models.TextField()),
                ("rules_digest", models.CharField(max_length=64)),
                ("clause", models.TextField(blank=True)),
                ("households", models.IntegerField()),
                ("totals_digest", models.CharField(max_length=64)),
                ("scored_at", models.DateTimeField()),
            ],
            options={
                "db_table": "scoring_run",
            },
        ),
        migrations.CreateModel(
            name="SheetRecord",
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
                ("run_id", models.UUIDField()),
                ("total_tenths", models.IntegerField()),
                ("lines", models.JSONField()),
                ("rules_version", models.TextField()),
            ],
            options={
                "db_table": "scoring_sheet",
                "indexes": [
                    models.Index(fields=["project_id", "-total_tenths"], name="scoring_sheet_total")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "household_id"), name="scoring_sheet_household_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE scoring_run ADD CONSTRAINT scoring_run_rules FOREIGN KEY (project_id, rule_set_id) REFERENCES policies_rule_set (project_id, id)",
            "ALTER TABLE scoring_run DROP CONSTRAINT scoring_run_rules",
        ),
        migrations.RunSQL(
            "ALTER TABLE scoring_sheet ADD CONSTRAINT scoring_sheet_household FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id)",
            "ALTER TABLE scoring_sheet DROP CONSTRAINT scoring_sheet_household",
        ),
        migrations.RunSQL(
            "ALTER TABLE scoring_sheet ADD CONSTRAINT scoring_sheet_run FOREIGN KEY (project_id, run_id) REFERENCES scoring_run (project_id, id)",
            "ALTER TABLE scoring_sheet DROP CONSTRAINT scoring_sheet_run",
        ),
        keep_complete("scoring_run"),
        keep_complete("scoring_sheet"),
        force_row_security("scoring_sheet", using=SEES_HOUSEHOLD),
    ]
