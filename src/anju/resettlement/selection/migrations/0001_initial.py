"""Draws, places, batches, turns and choices: the tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

KEEP = ("draw", "place", "receipt", "batch", "turn", "choice", "publication")

# A place comes with the draw, in the draw's own transaction, and never changes: there is no other
# way to a rank (P7). The transaction's number is set by the database, not by the application.
PLACES_COME_WITH_THE_DRAW = """
ALTER TABLE selection_draw ADD COLUMN drawn_in xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION selection_stamp_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.drawn_in := pg_current_xact_id();
  RETURN NEW;
END $$;
CREATE TRIGGER selection_draw_stamp BEFORE INSERT ON selection_draw
  FOR EACH ROW EXECUTE FUNCTION selection_stamp_draw();

CREATE FUNCTION selection_refuse_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM selection_draw d
    WHERE d.project_id = NEW.project_id AND d.stratum = NEW.stratum
      AND d.drawn_in = pg_current_xact_id()
  ) THEN
    RAISE EXCEPTION 'selection.place-without-draw' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER selection_place_comes_with_draw BEFORE INSERT ON selection_place
  FOR EACH ROW EXECUTE FUNCTION selection_refuse_place();

CREATE FUNCTION selection_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'selection.drawn-is-fixed (%)', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER selection_draw_fixed BEFORE UPDATE OR DELETE ON selection_draw
  FOR EACH ROW EXECUTE FUNCTION selection_refuse_change();
CREATE TRIGGER selection_place_fixed BEFORE UPDATE OR DELETE ON selection_place
  FOR EACH ROW EXECUTE FUNCTION selection_refuse_change();
"""
TAKE_PLACES_BACK = """
DROP TRIGGER selection_place_fixed ON selection_place;
DROP TRIGGER selection_draw_fixed ON selection_draw;
DROP FUNCTION selection_refuse_change();
DROP TRIGGER selection_place_comes_with_draw ON selection_place;
DROP FUNCTION selection_refuse_place();
DROP TRIGGER selection_draw_stamp ON selection_draw;
DROP FUNCTION selection_stamp_draw();
ALTER TABLE selection_draw DROP COLUMN drawn_in;
"""

REFERENCES = """
ALTER TABLE selection_draw ADD CONSTRAINT selection_draw_of_project
  FOREIGN KEY (project_id) REFERENCES projects_project (id);
ALTER TABLE selection_place ADD CONSTRAINT selection_place_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
ALTER TABLE selection_receipt ADD CONSTRAINT selection_receipt_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES selection_place (project_id, household_id);
ALTER TABLE selection_batch ADD CONSTRAINT selection_batch_of_project
  FOREIGN KEY (project_id) REFERENCES projects_project (id);
ALTER TABLE selection_turn ADD CONSTRAINT selection_turn_of_place
  FOREIGN KEY (project_id, place) REFERENCES selection_place (project_id, place);
ALTER TABLE selection_turn ADD CONSTRAINT selection_turn_of_batch
  FOREIGN KEY (project_id, batch) REFERENCES selection_batch (project_id, batch);
ALTER TABLE selection_choice ADD CONSTRAINT selection_choice_of_turn
  FOREIGN KEY (project_id, turn_id) REFERENCES selection_turn (project_id, id);
ALTER TABLE selection_choice ADD CONSTRAINT selection_choice_of_unit
  FOREIGN KEY (project_id, unit_id) REFERENCES inventory_unit (project_id, id);
ALTER TABLE selection_publication ADD CONSTRAINT selection_publication_of_project
  FOREIGN KEY (project_id) REFERENCES projects_project (id);
"""
NO_REFERENCES = """
ALTER TABLE selection_publication DROP CONSTRAINT selection_publication_of_project;
ALTER TABLE selection_choice DROP CONSTRAINT selection_choice_of_unit;
ALTER TABLE selection_choice DROP CONSTRAINT selection_choice_of_turn;
ALTER TABLE selection_turn DROP CONSTRAINT selection_turn_of_batch;
ALTER TABLE selection_turn DROP CONSTRAINT selection_turn_of_place;
ALTER TABLE selection_batch DROP CONSTRAINT selection_batch_of_project;
ALTER TABLE selection_receipt DROP CONSTRAINT selection_receipt_of_household;
ALTER TABLE selection_place DROP CONSTRAINT selection_place_of_household;
ALTER TABLE selection_draw DROP CONSTRAINT selection_draw_of_project;
"""

# What was drawn and published is never rewritten, and nothing that happened is deleted.
GRANTS = """
REVOKE UPDATE, DELETE ON selection_draw, selection_place, selection_publication FROM anju_app;
REVOKE DELETE ON selection_batch, selection_turn, selection_choice FROM anju_app;
"""
NO_GRANTS = """
GRANT UPDATE, DELETE ON selection_draw, selection_place, selection_publication TO anju_app;
GRANT DELETE ON selection_batch, selection_turn, selection_choice TO anju_app;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("ledger", "__first__"),
        ("access", "__first__"),
        ("projects", "__first__"),
        ("inventory", "__first__"),
        ("households", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="DrawRecord",
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
                ("stratum", models.TextField()),
                ("place_of_draw", models.PositiveIntegerField()),
                ("scheme", models.TextField()),
                ("draw_number", models.TextField()),
                ("households", models.PositiveIntegerField()),
                ("root", models.TextField()),
                ("announcement", models.TextField()),
                ("seed", models.TextField()),
                ("input", models.JSONField()),
                ("expected", models.JSONField()),
                ("drawn_at", models.DateTimeField()),
                ("drawn_by", models.UUIDField(null=True)),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "selection_draw",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "stratum"], name="selection_draw_stratum_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("place", models.PositiveIntegerField()),
                ("household_id", models.UUIDField()),
                ("ticket", models.TextField()),
                ("stratum", models.TextField()),
                ("batch", models.PositiveIntegerField()),
                ("draw_number", models.PositiveIntegerField()),
                ("total_tenths", models.IntegerField()),
                ("masked_name", models.TextField()),
                ("budget", models.TextField(blank=True)),
            ],
            options={
                "db_table": "selection_place",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "household_id"],
                        name="selection_place_household_once",
                    ),
                    models.UniqueConstraint(
                        fields=["project_id", "ticket"], name="selection_place_ticket_once"
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["project_id", "stratum", "batch"], name="selection_place_stratum"
                    )
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
                        "household_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("receipt_sealed", models.BinaryField()),
            ],
            options={"db_table": "selection_receipt"},
        ),
        migrations.CreateModel(
            name="BatchRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "batch",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("batch", models.PositiveIntegerField()),
                ("stratum", models.TextField()),
                ("households", models.PositiveIntegerField()),
                ("state", models.TextField(default="waiting")),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "selection_batch",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("state__in", ("waiting", "open", "closed"))),
                        name="selection_batch_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=Q(("state", "open")),
                        fields=("project_id",),
                        name="selection_batch_one_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnRecord",
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
                ("place", models.PositiveIntegerField()),
                ("batch", models.PositiveIntegerField()),
                ("household_id", models.UUIDField()),
                ("state", models.TextField(default="waiting")),
                ("called_at", models.DateTimeField(null=True)),
                ("limit_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("times_called", models.PositiveIntegerField(default=0)),
                ("has_come_back", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "selection_turn",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            (
                                "state__in",
                                ("waiting", "called", "chosen", "missed", "waived", "returned"),
                            )
                        ),
                        name="selection_turn_state_known",
                    ),
                    models.UniqueConstraint(
                        fields=["project_id", "place"], name="selection_turn_place_once"
                    ),
                    models.UniqueConstraint(
                        condition=Q(("state", "called")),
                        fields=("project_id",),
                        name="selection_turn_one_called",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["project_id", "batch", "state", "place"],
                        name="selection_turn_next",
                    ),
                    models.Index(
                        fields=["project_id", "household_id"], name="selection_turn_household"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChoiceRecord",
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
                ("turn_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("place", models.PositiveIntegerField()),
                ("unit_id", models.UUIDField()),
                ("chosen_at", models.DateTimeField()),
                ("chosen_by", models.UUIDField(null=True)),
                ("event_id", models.UUIDField()),
                ("released_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "selection_choice",
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("released_at__isnull", True)),
                        fields=("project_id", "unit_id"),
                        name="selection_choice_unit_once",
                    )
                ],
                "indexes": [
                    models.Index(
                        fields=["project_id", "-chosen_at"], name="selection_choice_latest"
                    ),
                    models.Index(fields=["project_id", "turn_id"], name="selection_choice_turn"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicationRecord",
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
                ("part", models.TextField()),
                ("digest", models.TextField()),
                ("published_at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "selection_publication",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "digest"], name="selection_publication_digest_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(PLACES_COME_WITH_THE_DRAW, TAKE_PLACES_BACK),
        migrations.RunSQL(GRANTS, NO_GRANTS),
        force_row_security("selection_receipt", using=SEES_HOUSEHOLD),
        *(keep_complete(f"selection_{table}") for table in KEEP),
    ]
