"""Batches and their rows: the tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_PROJECT, force_row_security
from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE titlecases_batch ADD CONSTRAINT titlecases_batch_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE titlecases_batch_row ADD CONSTRAINT titlecases_batch_row_of_batch
  FOREIGN KEY (project_id, batch_id) REFERENCES titlecases_batch (project_id, id);
ALTER TABLE titlecases_batch_row ADD CONSTRAINT titlecases_batch_row_of_home
  FOREIGN KEY (project_id, home_id) REFERENCES communities_home (project_id, id);
ALTER TABLE titlecases_batch_row ADD CONSTRAINT titlecases_batch_row_opened
  FOREIGN KEY (project_id, case_id) REFERENCES casework_case (project_id, id);
REVOKE DELETE ON titlecases_batch, titlecases_batch_row FROM anju_app;
"""
NO_REFERENCES = """
GRANT DELETE ON titlecases_batch, titlecases_batch_row TO anju_app;
ALTER TABLE titlecases_batch_row DROP CONSTRAINT titlecases_batch_row_opened;
ALTER TABLE titlecases_batch_row DROP CONSTRAINT titlecases_batch_row_of_home;
ALTER TABLE titlecases_batch_row DROP CONSTRAINT titlecases_batch_row_of_batch;
ALTER TABLE titlecases_batch DROP CONSTRAINT titlecases_batch_of_community;
"""
TABLES = ("titlecases_batch", "titlecases_batch_row")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BatchRecord",
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
                ("file_name", models.TextField()),
                ("arrived_digest", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("is_dry_run", models.BooleanField()),
                ("state", models.CharField(default="received", max_length=8)),
                ("procedure", models.TextField(blank=True)),
                ("shared", models.JSONField(default=dict)),
                ("rows_total", models.IntegerField(default=0)),
                ("faults_sealed", models.BinaryField(null=True)),
                ("received_by", models.UUIDField()),
                ("received_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "titlecases_batch",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("received", "checked", "running", "done", "failed"))
                        ),
                        name="titlecases_batch_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchRowRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "batch_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("batch_id", models.UUIDField()),
                ("place", models.IntegerField()),
                ("number", models.TextField(blank=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("is_new", models.BooleanField(default=False)),
                ("rule", models.CharField(blank=True, max_length=64)),
                ("told_sealed", models.BinaryField(null=True)),
                ("home_id", models.UUIDField(null=True)),
                ("case_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "titlecases_batch_row",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "done")),
                        fields=["project_id", "digest"],
                        name="titlecases_batch_row_digest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("waiting", "done", "refused"))),
                        name="titlecases_batch_row_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            ("case_id__isnull", False),
                            _connector="OR",
                        ),
                        name="titlecases_batch_row_has_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("rule", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="titlecases_batch_row_says_why",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        *(keep_complete(table) for table in TABLES),
        *(force_row_security(table, using=SEES_PROJECT) for table in TABLES),
    ]
