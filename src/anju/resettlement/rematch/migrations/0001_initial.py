"""Rounds and wishes: the tables and what guards them."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE rematch_round ADD CONSTRAINT rematch_round_of_project
  FOREIGN KEY (project_id) REFERENCES projects_project (id);
ALTER TABLE rematch_wishes ADD CONSTRAINT rematch_wishes_of_round
  FOREIGN KEY (project_id, round_id) REFERENCES rematch_round (project_id, id);
ALTER TABLE rematch_wishes ADD CONSTRAINT rematch_wishes_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE rematch_wishes DROP CONSTRAINT rematch_wishes_of_household;
ALTER TABLE rematch_wishes DROP CONSTRAINT rematch_wishes_of_round;
ALTER TABLE rematch_round DROP CONSTRAINT rematch_round_of_project;
"""

# What was frozen is what is carried out, and what was carried out stays: whoever asks. Wishes come
# and change while their round is open, and never else.
GUARDS = """
CREATE FUNCTION rematch_keep_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state IN ('carried-out', 'cancelled')
    OR (NEW.project_id, NEW.id, NEW.quarter, NEW.opened_at, NEW.closes_at)
       IS DISTINCT FROM (OLD.project_id, OLD.id, OLD.quarter, OLD.opened_at, OLD.closes_at)
    OR (OLD.state = 'frozen' AND (NEW.state = 'open' OR (NEW.listed, NEW.list_digest)
       IS DISTINCT FROM (OLD.listed, OLD.list_digest))) THEN
    RAISE EXCEPTION 'rematch.frozen-is-fixed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rematch_round_fixed BEFORE UPDATE OR DELETE ON rematch_round
  FOR EACH ROW EXECUTE FUNCTION rematch_keep_round();

CREATE FUNCTION rematch_keep_wishes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told rematch_wishes := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  -- Shared with other wishes, against the round's freezing: whoever freezes waits for it.
  PERFORM 1 FROM rematch_round r
    WHERE r.project_id = told.project_id AND r.id = told.round_id AND r.state = 'open'
    FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'rematch.round-not-open' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN told;
END $$;
CREATE TRIGGER rematch_wishes_while_open BEFORE INSERT OR UPDATE OR DELETE ON rematch_wishes
  FOR EACH ROW EXECUTE FUNCTION rematch_keep_wishes();
"""
NO_GUARDS = """
DROP TRIGGER rematch_wishes_while_open ON rematch_wishes;
DROP FUNCTION rematch_keep_wishes();
DROP TRIGGER rematch_round_fixed ON rematch_round;
DROP FUNCTION rematch_keep_round();
"""
STATES = ("open", "frozen", "carried-out", "cancelled")


def _fields(*more: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [("pk", key), ("project_id", models.UUIDField()), ("id", models.UUIDField()), *more]


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("ledger", "__first__"),
        ("projects", "__first__"),
        ("households", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoundRecord",
            fields=_fields(
                ("quarter", models.CharField(max_length=7)),
                ("state", models.CharField(default="open", max_length=16)),
                ("opened_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("frozen_at", models.DateTimeField(null=True)),
                ("frozen_event_id", models.UUIDField(null=True)),
                ("listed", models.JSONField(null=True)),
                ("list_digest", models.CharField(blank=True, max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_event_id", models.UUIDField(null=True)),
                ("result", models.JSONField(null=True)),
                ("reason", models.TextField(blank=True)),
            ),
            options={
                "db_table": "rematch_round",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=STATES), name="rematch_round_state_known"
                    ),
                    models.UniqueConstraint(
                        fields=["project_id"],
                        condition=Q(state__in=("open", "frozen")),
                        name="rematch_round_one_running",
                    ),
                    models.UniqueConstraint(
                        fields=["project_id", "quarter"],
                        condition=~Q(state="cancelled"),
                        name="rematch_round_quarter_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WishesRecord",
            fields=_fields(
                ("round_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                (
                    "unit_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("offered_id", models.UUIDField(null=True)),
                ("handed_in_at", models.DateTimeField()),
            ),
            options={
                "db_table": "rematch_wishes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "round_id", "household_id"],
                        name="rematch_wishes_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        *(keep_complete(table) for table in ("rematch_round", "rematch_wishes")),
        force_row_security("rematch_wishes", using=SEES_HOUSEHOLD),
    ]
