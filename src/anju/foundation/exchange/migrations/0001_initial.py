from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_PROJECT, force_row_security
from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="ImportProgress",
            fields=[
                ("import_id", models.UUIDField(primary_key=True, serialize=False)),
                ("project_id", models.UUIDField()),
                ("stage", models.CharField(max_length=16)),
                ("rows_total", models.IntegerField(default=0)),
                ("rows_done", models.IntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_progress",
            },
        ),
        migrations.CreateModel(
            name="ImportRecord",
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
                ("kind", models.CharField(max_length=16)),
                ("file_name", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("is_dry_run", models.BooleanField()),
                ("state", models.CharField(max_length=16)),
                ("rows_total", models.IntegerField(default=0)),
                ("added", models.IntegerField(default=0)),
                ("changed", models.IntegerField(default=0)),
                ("unchanged", models.IntegerField(default=0)),
                ("staying", models.IntegerField(default=0)),
                ("faults_count", models.IntegerField(default=0)),
                ("faults_sealed", models.BinaryField(null=True)),
                ("received_by", models.UUIDField()),
                ("received_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "exchange_import",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("units", "households", "wishes"))),
                        name="exchange_import_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("received", "done", "faulty", "failed"))),
                        name="exchange_import_state_known",
                    ),
                ],
            },
        ),
        keep_complete("exchange_import"),
        force_row_security("exchange_import", using=SEES_PROJECT),
        force_row_security("exchange_progress", using=SEES_PROJECT),
    ]
