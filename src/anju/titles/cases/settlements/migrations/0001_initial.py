"""Terms and settlements of areas: the tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE titlecases_area_terms ADD CONSTRAINT titlecases_area_terms_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE titlecases_area_terms ADD CONSTRAINT titlecases_area_terms_of_home
  FOREIGN KEY (project_id, home_id) REFERENCES communities_home (project_id, id);
ALTER TABLE titlecases_settlement ADD CONSTRAINT titlecases_settlement_of_home
  FOREIGN KEY (project_id, home_id) REFERENCES communities_home (project_id, id);
REVOKE UPDATE, DELETE ON titlecases_area_terms FROM anju_app;
REVOKE DELETE ON titlecases_settlement FROM anju_app;
"""
NO_REFERENCES = """
GRANT DELETE ON titlecases_settlement TO anju_app;
GRANT UPDATE, DELETE ON titlecases_area_terms TO anju_app;
ALTER TABLE titlecases_settlement DROP CONSTRAINT titlecases_settlement_of_home;
ALTER TABLE titlecases_area_terms DROP CONSTRAINT titlecases_area_terms_of_home;
ALTER TABLE titlecases_area_terms DROP CONSTRAINT titlecases_area_terms_of_community;
"""

# What was drawn up stays as it is; a choice is made once, and a receipt is given once.
GUARDS = """
CREATE FUNCTION titlecases_keep_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    later text[] := ARRAY['is_standing', 'choice', 'chosen_by', 'chosen_at', 'receipt',
                          'cleared_on'];
BEGIN
    IF (to_jsonb(NEW) - later) IS DISTINCT FROM (to_jsonb(OLD) - later)
        OR (NEW.is_standing AND NOT OLD.is_standing)
        OR (OLD.choice <> '' AND NEW.choice <> OLD.choice)
        OR (OLD.receipt <> '' AND NEW.receipt <> OLD.receipt) THEN
        RAISE EXCEPTION 'settlements.kept' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER titlecases_keep_settlement BEFORE UPDATE ON titlecases_settlement
    FOR EACH ROW EXECUTE FUNCTION titlecases_keep_settlement();
"""
NO_GUARDS = """
DROP TRIGGER titlecases_keep_settlement ON titlecases_settlement;
DROP FUNCTION titlecases_keep_settlement();
"""
TABLES = ("titlecases_area_terms", "titlecases_settlement")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AreaTermsRecord",
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
                ("home_id", models.UUIDField(null=True)),
                ("source", models.CharField(max_length=8)),
                ("clause", models.TextField()),
                ("tolerance", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("within", models.SmallIntegerField(default=1)),
                ("larger_beyond", models.SmallIntegerField(default=0)),
                ("smaller_beyond", models.SmallIntegerField(default=0)),
                ("may_withdraw", models.BooleanField(default=False)),
                ("stated_by", models.UUIDField()),
                ("stated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "titlecases_area_terms",
                "indexes": [
                    models.Index(
                        fields=["project_id", "home_id"], name="titlecases_area_terms_home"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ("contract", "plan", "law"))),
                        name="titlecases_area_terms_source_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SettlementRecord",
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
                ("household_id", models.UUIDField(null=True)),
                ("edition", models.IntegerField()),
                ("is_standing", models.BooleanField(default=True)),
                ("contracted_sqm", models.DecimalField(decimal_places=4, max_digits=12)),
                ("registered_sqm", models.DecimalField(decimal_places=4, max_digits=12)),
                ("price_fen_per_sqm", models.BigIntegerField()),
                ("source", models.CharField(max_length=8)),
                ("clause", models.TextField()),
                ("lines", models.JSONField()),
                ("buyer_pays_fen", models.BigIntegerField()),
                ("is_within", models.BooleanField()),
                ("may_withdraw", models.BooleanField()),
                ("digest", models.CharField(max_length=64)),
                ("settled_by", models.UUIDField()),
                ("settled_at", models.DateTimeField()),
                ("choice", models.CharField(blank=True, max_length=9)),
                ("chosen_by", models.UUIDField(null=True)),
                ("chosen_at", models.DateTimeField(null=True)),
                ("receipt", models.TextField(blank=True)),
                ("cleared_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "titlecases_settlement",
                "indexes": [
                    models.Index(
                        fields=["project_id", "household_id"], name="titlecases_settlement_owner"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ("contract", "plan", "law"))),
                        name="titlecases_settlement_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("choice__in", ("", "keeps", "withdraws"))),
                        name="titlecases_settlement_choice_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", "withdraws"), _negated=True),
                            ("may_withdraw", True),
                            _connector="OR",
                        ),
                        name="titlecases_settlement_may_withdraw",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cleared_on__isnull", True), ("receipt", "")),
                            models.Q(
                                ("cleared_on__isnull", False),
                                models.Q(("receipt", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="titlecases_settlement_cleared_with_receipt",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_standing", True)),
                        fields=("project_id", "home_id"),
                        name="titlecases_settlement_one_stands",
                    ),
                    models.UniqueConstraint(
                        fields=("project_id", "home_id", "edition"),
                        name="titlecases_settlement_edition_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        *(keep_complete(table) for table in TABLES),
        force_row_security("titlecases_settlement", using=SEES_HOUSEHOLD),
    ]
