from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

# What was signed, declined or withdrawn is history: nobody changes it, and nobody takes it away.
KEEP_CLOSED = """
CREATE FUNCTION scoring_correction_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'scoring.correction-closed' USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER scoring_correction_closed BEFORE UPDATE ON scoring_correction
    FOR EACH ROW WHEN (OLD.state <> 'proposed') EXECUTE FUNCTION scoring_correction_closed();
CREATE TRIGGER scoring_correction_kept BEFORE DELETE ON scoring_correction
    FOR EACH ROW EXECUTE FUNCTION scoring_correction_closed();
"""
LET_CHANGE = """
DROP TRIGGER scoring_correction_kept ON scoring_correction;
DROP TRIGGER scoring_correction_closed ON scoring_correction;
DROP FUNCTION scoring_correction_closed();
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CorrectionRecord",
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
                ("household_id", models.UUIDField()),
                ("state", models.TextField()),
                ("facts_before", models.JSONField()),
                ("facts_after", models.JSONField()),
                ("total_before", models.IntegerField()),
                ("total_after", models.IntegerField()),
                ("reason_sealed", models.BinaryField()),
                ("document_ids", models.JSONField(default=list)),
                ("case_id", models.UUIDField(null=True)),
                ("proposed_by", models.UUIDField()),
                ("proposed_role", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("closed_by", models.UUIDField(null=True)),
                ("closed_role", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closing_sealed", models.BinaryField(null=True)),
                ("run_id", models.UUIDField(null=True)),
                ("own_move", models.JSONField(null=True)),
                ("moved", models.JSONField(null=True)),
                ("event_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "scoring_correction",
                "indexes": [
                    models.Index(
                        fields=["project_id", "-proposed_at"], name="scoring_correction_newest"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("project_id", "household_id"),
                        name="scoring_correction_one_open",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "signed")),
                        fields=("project_id", "case_id"),
                        name="scoring_correction_objection_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_by__isnull", True), ("state", "proposed")),
                            models.Q(
                                ("closed_by__isnull", False),
                                ("state__in", ["declined", "withdrawn"]),
                            ),
                            models.Q(
                                ("closed_by__isnull", False),
                                ("event_id__isnull", False),
                                ("run_id__isnull", False),
                                ("state", "signed"),
                            ),
                            _connector="OR",
                        ),
                        name="scoring_correction_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "signed"), _negated=True),
                            models.Q(("closed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="scoring_correction_two_people",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE scoring_correction ADD CONSTRAINT scoring_correction_household FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id)",
            "ALTER TABLE scoring_correction DROP CONSTRAINT scoring_correction_household",
        ),
        migrations.RunSQL(
            "ALTER TABLE scoring_correction ADD CONSTRAINT scoring_correction_run FOREIGN KEY (project_id, run_id) REFERENCES scoring_run (project_id, id)",
            "ALTER TABLE scoring_correction DROP CONSTRAINT scoring_correction_run",
        ),
        migrations.RunSQL(KEEP_CLOSED, LET_CHANGE),
        keep_complete("scoring_correction"),
        force_row_security("scoring_correction", using=SEES_HOUSEHOLD),
    ]
