"""Recordings of the days of choosing: which is kept where, line by line."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE selection_recording ADD CONSTRAINT selection_recording_of_batch
  FOREIGN KEY (project_id, batch) REFERENCES selection_batch (project_id, batch);
ALTER TABLE selection_recording ADD CONSTRAINT selection_recording_corrects
  FOREIGN KEY (project_id, corrects_id) REFERENCES selection_recording (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE selection_recording DROP CONSTRAINT selection_recording_corrects;
ALTER TABLE selection_recording DROP CONSTRAINT selection_recording_of_batch;
"""

# A line is corrected by another line, never by a change.
GUARDS = """
CREATE FUNCTION selection_keep_recording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% keeps what was', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER selection_recording_kept BEFORE UPDATE OR DELETE ON selection_recording
  FOR EACH ROW EXECUTE FUNCTION selection_keep_recording();
"""
NO_GUARDS = "DROP FUNCTION selection_keep_recording() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("selection", "0005_troubles"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecordingRecord",
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
                ("kind", models.CharField(max_length=16)),
                ("recorded_on", models.DateField()),
                ("camera", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("place", models.TextField()),
                ("corrects_id", models.UUIDField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.UUIDField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "selection_recording",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("selection", "process"))),
                        name="selection_recording_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                        name="selection_recording_digest_hex",
                    ),
                    models.UniqueConstraint(
                        fields=("project_id", "corrects_id"),
                        name="selection_recording_corrected_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        keep_complete("selection_recording"),
    ]
