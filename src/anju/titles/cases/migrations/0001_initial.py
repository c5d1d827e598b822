"""Title cases, restrictions, receipts, commitments and samples: tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, SEES_PROJECT, force_row_security
from anju.foundation.ledger.schema import keep_complete

OF_HOUSEHOLD = ("receipt", "commitment")
# A first registration concerns the whole community: every owner of it may know that it runs.
SEES_CASE = f"({SEES_HOUSEHOLD} OR kind = 'first')"
TABLES = (*OF_HOUSEHOLD, "restriction", "false_promise", "sample")

REFERENCES = """
ALTER TABLE titlecases_case ADD CONSTRAINT titlecases_case_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE titlecases_case ADD CONSTRAINT titlecases_case_of_home
  FOREIGN KEY (project_id, home_id) REFERENCES communities_home (project_id, id);
ALTER TABLE titlecases_restriction ADD CONSTRAINT titlecases_restriction_of_home
  FOREIGN KEY (project_id, home_id) REFERENCES communities_home (project_id, id);
ALTER TABLE titlecases_receipt ADD CONSTRAINT titlecases_receipt_of_case
  FOREIGN KEY (project_id, case_id) REFERENCES titlecases_case (project_id, id);
ALTER TABLE titlecases_commitment ADD CONSTRAINT titlecases_commitment_of_case
  FOREIGN KEY (project_id, case_id) REFERENCES titlecases_case (project_id, id);
ALTER TABLE titlecases_sample ADD CONSTRAINT titlecases_sample_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
REVOKE UPDATE, DELETE ON titlecases_receipt, titlecases_false_promise FROM anju_app;
REVOKE DELETE ON titlecases_case, titlecases_restriction, titlecases_commitment, titlecases_sample
  FROM anju_app;
"""
NO_REFERENCES = """
GRANT DELETE ON titlecases_case, titlecases_restriction, titlecases_commitment, titlecases_sample
  TO anju_app;
GRANT UPDATE, DELETE ON titlecases_receipt, titlecases_false_promise TO anju_app;
ALTER TABLE titlecases_sample DROP CONSTRAINT titlecases_sample_of_community;
ALTER TABLE titlecases_commitment DROP CONSTRAINT titlecases_commitment_of_case;
ALTER TABLE titlecases_receipt DROP CONSTRAINT titlecases_receipt_of_case;
ALTER TABLE titlecases_restriction DROP CONSTRAINT titlecases_restriction_of_home;
ALTER TABLE titlecases_case DROP CONSTRAINT titlecases_case_of_home;
ALTER TABLE titlecases_case DROP CONSTRAINT titlecases_case_of_community;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("communities", "0001_initial"),
        ("ledger", "__first__"),
        ("core", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="SampleRecord",
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
                ("count", models.IntegerField()),
                ("lines", models.JSONField()),
                ("terms", models.JSONField()),
                ("announcement", models.CharField(max_length=64)),
                ("secret_digest", models.CharField(max_length=64)),
                ("secret_sealed", models.BinaryField()),
                ("frozen_by", models.UUIDField()),
                ("frozen_at", models.DateTimeField()),
                ("beacon", models.JSONField(null=True)),
                ("secret", models.TextField(blank=True)),
                ("drawn", models.JSONField(default=list)),
                ("drawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "titlecases_sample",
            },
        ),
        migrations.CreateModel(
            name="CommitmentRecord",
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
                ("case_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("material", models.TextField()),
                ("document_id", models.UUIDField()),
                ("signed_at", models.DateTimeField()),
                ("sample_id", models.UUIDField(null=True)),
                ("state", models.CharField(default="unchecked", max_length=9)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_by", models.UUIDField(null=True)),
                ("finding", models.TextField(blank=True)),
            ],
            options={
                "db_table": "titlecases_commitment",
                "indexes": [
                    models.Index(
                        fields=["project_id", "case_id"], name="titlecases_commitment_case"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("unchecked", "drawn", "true", "false"))),
                        name="titlecases_commitment_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("true", "false")), _negated=True),
                            ("checked_at__isnull", False),
                            _connector="OR",
                        ),
                        name="titlecases_commitment_checked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FalsePromiseRecord",
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
                ("commitment_id", models.UUIDField()),
                ("maker_index", models.BinaryField()),
                ("found_at", models.DateTimeField()),
            ],
            options={
                "db_table": "titlecases_false_promise",
                "indexes": [
                    models.Index(fields=["maker_index"], name="titlecases_false_promise_maker")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptRecord",
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
                ("case_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("kind", models.TextField()),
                ("says", models.CharField(max_length=6)),
                ("number", models.TextField()),
                ("unit_code", models.CharField(blank=True, max_length=28)),
                ("amount_fen", models.BigIntegerField()),
                ("paid_on", models.DateField()),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "titlecases_receipt",
                "indexes": [
                    models.Index(fields=["project_id", "case_id"], name="titlecases_receipt_case")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("says__in", ("paid", "exempt"))),
                        name="titlecases_receipt_says",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gte", 0)), name="titlecases_receipt_amount"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RestrictionRecord",
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
                ("home_id", models.UUIDField()),
                ("kind", models.CharField(max_length=16)),
                ("paper", models.TextField()),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(null=True)),
                ("for_household", models.UUIDField(null=True)),
                ("sued_on", models.DateField(null=True)),
                ("laid_by", models.UUIDField()),
                ("laid_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.UUIDField(null=True)),
                ("lift_why", models.TextField(blank=True)),
            ],
            options={
                "db_table": "titlecases_restriction",
                "indexes": [
                    models.Index(
                        fields=["project_id", "home_id"], name="titlecases_restriction_home"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ("seizure", "objection", "advance-notice", "correction"))
                        ),
                        name="titlecases_restriction_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleCaseRecord",
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
                ("kind", models.CharField(max_length=8)),
                ("procedure", models.TextField()),
                ("home_id", models.UUIDField(null=True)),
                ("household_id", models.UUIDField(null=True)),
                ("facts", models.JSONField(default=dict)),
                ("standing", models.CharField(default="open", max_length=9)),
                ("owner_signed_at", models.DateTimeField(null=True)),
                ("seller_signed_at", models.DateTimeField(null=True)),
                ("alone_why", models.TextField(blank=True)),
                ("held_by", models.UUIDField(null=True)),
                ("due_on", models.DateField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("was_overdue", models.BooleanField(null=True)),
                ("owed_until", models.DateField(null=True)),
                ("lapsed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "titlecases_case",
                "indexes": [
                    models.Index(fields=["project_id", "home_id"], name="titlecases_case_home"),
                    models.Index(
                        fields=["project_id", "household_id"], name="titlecases_case_household"
                    ),
                    models.Index(
                        fields=["project_id", "standing"], name="titlecases_case_standing"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("first", "transfer"))),
                        name="titlecases_case_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("standing__in", ("open", "done", "refused", "withdrawn", "revoked"))
                        ),
                        name="titlecases_case_standing_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("home_id__isnull", True), ("kind", "first")),
                            models.Q(
                                ("home_id__isnull", False),
                                ("household_id__isnull", False),
                                ("kind", "transfer"),
                            ),
                            _connector="OR",
                        ),
                        name="titlecases_case_concerns",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "transfer"), ("standing", "open")),
                        fields=("project_id", "home_id"),
                        name="titlecases_case_home_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "first"), ("standing", "open")),
                        fields=("project_id",),
                        name="titlecases_case_first_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        *(keep_complete(f"titlecases_{name}") for name in TABLES),
        *(force_row_security(f"titlecases_{name}", using=SEES_HOUSEHOLD) for name in OF_HOUSEHOLD),
        force_row_security("titlecases_case", using=SEES_CASE),
        force_row_security("titlecases_sample", using=SEES_PROJECT),
    ]
