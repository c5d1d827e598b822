"""Agreements and their homes: the tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from anju.foundation.ledger.schema import keep_complete

STATES = ("proposed", "signed", "given", "declined")
REFERENCES = """
ALTER TABLE negotiation_gift ADD CONSTRAINT negotiation_gift_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
ALTER TABLE negotiation_home ADD CONSTRAINT negotiation_home_of_gift
  FOREIGN KEY (project_id, gift_id) REFERENCES negotiation_gift (project_id, id);
ALTER TABLE negotiation_home ADD CONSTRAINT negotiation_home_of_unit
  FOREIGN KEY (project_id, unit_id) REFERENCES inventory_unit (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE negotiation_home DROP CONSTRAINT negotiation_home_of_unit;
ALTER TABLE negotiation_home DROP CONSTRAINT negotiation_home_of_gift;
ALTER TABLE negotiation_gift DROP CONSTRAINT negotiation_gift_of_household;
"""

# What was given stays given, and what was proposed keeps its words: only its end is noted, once.
GUARDS = """
CREATE FUNCTION negotiation_keep_gift() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  later text[] := ARRAY['state', 'signed_at', 'ended_at', 'event_id'];
BEGIN
  IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - later) IS DISTINCT FROM (to_jsonb(OLD) - later)
    OR OLD.event_id IS NOT NULL
    OR (OLD.ended_at IS NOT NULL
        AND (to_jsonb(NEW) - 'event_id') IS DISTINCT FROM (to_jsonb(OLD) - 'event_id')) THEN
    RAISE EXCEPTION 'negotiation.given-is-fixed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER negotiation_gift_fixed BEFORE UPDATE OR DELETE ON negotiation_gift
  FOR EACH ROW EXECUTE FUNCTION negotiation_keep_gift();
REVOKE DELETE ON negotiation_home FROM anju_app;
"""
NO_GUARDS = """
GRANT DELETE ON negotiation_home TO anju_app;
DROP TRIGGER negotiation_gift_fixed ON negotiation_gift;
DROP FUNCTION negotiation_keep_gift();
"""


def _fields(*more: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [("pk", key), ("project_id", models.UUIDField()), ("id", models.UUIDField()), *more]


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("ledger", "__first__"),
        ("inventory", "__first__"),
        ("households", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="GiftRecord",
            fields=_fields(
                ("household_id", models.UUIDField()),
                ("masked_name", models.TextField()),
                ("reason", models.TextField()),
                ("state", models.CharField(default="proposed", max_length=16)),
                ("proposed_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("event_id", models.UUIDField(null=True)),
            ),
            options={
                "db_table": "negotiation_gift",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=STATES), name="negotiation_gift_state_known"
                    ),
                    models.UniqueConstraint(
                        fields=["project_id", "household_id"],
                        condition=~Q(state="declined"),
                        name="negotiation_gift_household_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GiftHomeRecord",
            fields=_fields(
                ("gift_id", models.UUIDField()),
                ("unit_id", models.UUIDField()),
                ("freed_at", models.DateTimeField(null=True)),
            ),
            options={
                "db_table": "negotiation_home",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "unit_id"],
                        condition=Q(freed_at__isnull=True),
                        name="negotiation_home_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        *(keep_complete(table) for table in ("negotiation_gift", "negotiation_home")),
    ]
