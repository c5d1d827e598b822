"""Problems, plans, costs, archives and disputes: the tables and what guards them."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE legacy_blocker ADD CONSTRAINT legacy_blocker_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE legacy_blocker ADD CONSTRAINT legacy_blocker_worked_on_by
  FOREIGN KEY (project_id, case_id) REFERENCES casework_case (project_id, id);
ALTER TABLE legacy_plan ADD CONSTRAINT legacy_plan_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE legacy_expense ADD CONSTRAINT legacy_expense_of_blocker
  FOREIGN KEY (project_id, blocker_id) REFERENCES legacy_blocker (project_id, id);
ALTER TABLE legacy_archive ADD CONSTRAINT legacy_archive_of_blocker
  FOREIGN KEY (project_id, blocker_id) REFERENCES legacy_blocker (project_id, id);
REVOKE UPDATE, DELETE ON legacy_plan, legacy_archive FROM anju_app;
REVOKE DELETE ON legacy_blocker, legacy_expense FROM anju_app;
"""
NO_REFERENCES = """
GRANT DELETE ON legacy_blocker, legacy_expense TO anju_app;
GRANT UPDATE, DELETE ON legacy_plan, legacy_archive TO anju_app;
ALTER TABLE legacy_archive DROP CONSTRAINT legacy_archive_of_blocker;
ALTER TABLE legacy_expense DROP CONSTRAINT legacy_expense_of_blocker;
ALTER TABLE legacy_plan DROP CONSTRAINT legacy_plan_of_community;
ALTER TABLE legacy_blocker DROP CONSTRAINT legacy_blocker_worked_on_by;
ALTER TABLE legacy_blocker DROP CONSTRAINT legacy_blocker_of_community;
"""
TABLES = ("archive", "blocker", "expense", "plan")


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("access", "0001_tables"),
        ("casework", "0001_initial"),
        ("communities", "0001_initial"),
        ("ledger", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchiveRecord",
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
                ("blocker_id", models.UUIDField()),
                ("paper", models.TextField()),
                ("source", models.TextField()),
                ("document_id", models.UUIDField()),
                ("digest", models.CharField(max_length=64)),
                ("entered_by", models.UUIDField()),
                ("entered_at", models.DateTimeField()),
            ],
            options={
                "db_table": "legacy_archive",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "blocker_id", "digest"),
                        name="legacy_archive_paper_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BlockerRecord",
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
                ("building", models.TextField()),
                ("kind", models.CharField(max_length=32)),
                ("state", models.CharField(max_length=8)),
                (
                    "home_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("owed_by", models.CharField(blank=True, max_length=12)),
                ("facts", models.TextField(blank=True)),
                ("found_by", models.UUIDField()),
                ("found_at", models.DateTimeField()),
                ("case_id", models.UUIDField(null=True)),
                ("solved_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "legacy_blocker",
                "indexes": [
                    models.Index(fields=["project_id", "case_id"], name="legacy_blocker_case")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("absent", "open", "working", "blocked", "solved"))
                        ),
                        name="legacy_blocker_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("owed_by__in", ("", "developer", "owner"))),
                        name="legacy_blocker_owed_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "ownership-dispute"),
                                ("state__in", ("absent", "blocked", "solved")),
                            ),
                            models.Q(
                                models.Q(("kind", "ownership-dispute"), _negated=True),
                                models.Q(("state", "blocked"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="legacy_blocker_dispute_is_blocked",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("open", "working", "blocked"))),
                        fields=("project_id", "building", "kind"),
                        name="legacy_blocker_stands_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpenseRecord",
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
                ("blocker_id", models.UUIDField()),
                ("spent_on", models.CharField(max_length=12)),
                ("words", models.TextField()),
                ("amount_fen", models.BigIntegerField()),
                ("paid_on", models.DateField()),
                ("document_id", models.UUIDField(null=True)),
                ("state", models.CharField(default="recorded", max_length=12)),
                ("claim", models.TextField(blank=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("recovered_fen", models.BigIntegerField(default=0)),
                ("recorded_by", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "legacy_expense",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("recorded", "claimed", "recovered"))),
                        name="legacy_expense_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spent_on__in", ("archive", "survey", "appraisal", "legal", "other"))
                        ),
                        name="legacy_expense_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_fen__gt", 0),
                            ("recovered_fen__gte", 0),
                            ("recovered_fen__lte", models.F("amount_fen")),
                        ),
                        name="legacy_expense_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("claimed_at__isnull", True),
                                ("recovered_fen", 0),
                                ("state", "recorded"),
                            ),
                            models.Q(
                                models.Q(("state", "recorded"), _negated=True),
                                ("claimed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="legacy_expense_claimed_first",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanRecord",
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
                ("version", models.IntegerField()),
                ("is_separated", models.BooleanField()),
                ("staff_days", models.IntegerField(null=True)),
                ("money_fen", models.BigIntegerField(null=True)),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("public_digest", models.CharField(max_length=64)),
                ("frozen_at", models.DateTimeField()),
                ("frozen_by", models.UUIDField()),
                ("second_id", models.UUIDField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "legacy_plan",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "version"), name="legacy_plan_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("frozen_by", models.F("second_id")), _negated=True),
                        name="legacy_plan_two_people",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        *(keep_complete(f"legacy_{name}") for name in TABLES),
    ]
