"""Pauses, looks at the roots, and in which revision of the wall a call was shown."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE selection_pause ADD CONSTRAINT selection_pause_of_batch
  FOREIGN KEY (project_id, batch) REFERENCES selection_batch (project_id, batch);
ALTER TABLE selection_shown ADD CONSTRAINT selection_shown_of_turn
  FOREIGN KEY (project_id, turn_id) REFERENCES selection_turn (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE selection_shown DROP CONSTRAINT selection_shown_of_turn;
ALTER TABLE selection_pause DROP CONSTRAINT selection_pause_of_batch;
"""

# A pause ends once, and a look found what it found.
GUARDS = """
CREATE FUNCTION selection_keep_trouble() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR TG_TABLE_NAME = 'selection_watch' OR TG_TABLE_NAME = 'selection_shown'
    OR (to_jsonb(OLD) ->> 'resumed_at') IS NOT NULL
    OR (to_jsonb(NEW) - ARRAY['resumed_at', 'resumed_event_id'])
      IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['resumed_at', 'resumed_event_id'])
  THEN
    RAISE EXCEPTION '% keeps what was', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER selection_pause_kept BEFORE UPDATE OR DELETE ON selection_pause
  FOR EACH ROW EXECUTE FUNCTION selection_keep_trouble();
CREATE TRIGGER selection_watch_kept BEFORE UPDATE OR DELETE ON selection_watch
  FOR EACH ROW EXECUTE FUNCTION selection_keep_trouble();
CREATE TRIGGER selection_shown_kept BEFORE UPDATE OR DELETE ON selection_shown
  FOR EACH ROW EXECUTE FUNCTION selection_keep_trouble();
"""
NO_GUARDS = "DROP FUNCTION selection_keep_trouble() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("selection", "0004_attendance"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShownRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "turn_id",
                        "times_called",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("turn_id", models.UUIDField()),
                ("times_called", models.PositiveIntegerField()),
                ("revision", models.PositiveBigIntegerField()),
                ("shown_at", models.DateTimeField()),
            ],
            options={
                "db_table": "selection_shown",
            },
        ),
        migrations.CreateModel(
            name="PauseRecord",
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
                ("batch", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=16)),
                ("paused_at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
                ("resumed_at", models.DateTimeField(null=True)),
                ("resumed_event_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "selection_pause",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resumed_at__isnull", True)),
                        fields=("project_id",),
                        name="selection_pause_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchRecord",
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
                ("state", models.CharField(max_length=16)),
                ("wall_root", models.CharField(blank=True, max_length=64)),
                ("stored_root", models.CharField(max_length=64)),
                ("ledger_differences", models.PositiveIntegerField()),
                ("homes", models.JSONField()),
                ("noted_at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "selection_watch",
                "indexes": [
                    models.Index(fields=["project_id", "-noted_at"], name="selection_watch_latest")
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        keep_complete("selection_pause"),
        keep_complete("selection_watch"),
    ]
