from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

TABLES = ("planning_version", "planning_paper", "planning_consent")

REFERENCES = """
ALTER TABLE planning_version ADD CONSTRAINT planning_version_project
  FOREIGN KEY (project_id) REFERENCES projects_project (id);
ALTER TABLE planning_version ADD CONSTRAINT planning_version_rules
  FOREIGN KEY (project_id, rule_set_id) REFERENCES policies_rule_set (project_id, id);
ALTER TABLE planning_version ADD CONSTRAINT planning_version_of_case
  FOREIGN KEY (project_id, case_id) REFERENCES casework_case (project_id, id);
ALTER TABLE planning_paper ADD CONSTRAINT planning_paper_of_version
  FOREIGN KEY (project_id, version_id) REFERENCES planning_version (project_id, id);
ALTER TABLE planning_consent ADD CONSTRAINT planning_consent_of_version
  FOREIGN KEY (project_id, version_id) REFERENCES planning_version (project_id, id);
ALTER TABLE planning_consent ADD CONSTRAINT planning_consent_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE planning_consent DROP CONSTRAINT planning_consent_of_household;
ALTER TABLE planning_consent DROP CONSTRAINT planning_consent_of_version;
ALTER TABLE planning_paper DROP CONSTRAINT planning_paper_of_version;
ALTER TABLE planning_version DROP CONSTRAINT planning_version_of_case;
ALTER TABLE planning_version DROP CONSTRAINT planning_version_rules;
ALTER TABLE planning_version DROP CONSTRAINT planning_version_project;
"""

# What was drafted, counted or put in force stays as it is; papers and votes are only added to.
GUARDS = """
CREATE FUNCTION planning_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted text[] := ARRAY['households', 'consenting', 'refusing', 'consents_digest',
                            'counted_at'];
    later text[] := counted || ARRAY['in_force_at'];
BEGIN
    IF TG_OP = 'DELETE'
        OR (to_jsonb(NEW) - later) IS DISTINCT FROM (to_jsonb(OLD) - later)
        OR (OLD.counted_at IS NOT NULL
            AND (to_jsonb(NEW) - 'in_force_at') IS DISTINCT FROM (to_jsonb(OLD) - 'in_force_at'))
        OR (OLD.in_force_at IS NOT NULL AND NEW.in_force_at IS DISTINCT FROM OLD.in_force_at) THEN
        RAISE EXCEPTION 'planning.kept' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER planning_keep_version BEFORE UPDATE OR DELETE ON planning_version
    FOR EACH ROW EXECUTE FUNCTION planning_keep_version();

CREATE FUNCTION planning_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'planning.kept' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER planning_only_added BEFORE UPDATE OR DELETE ON planning_paper
    FOR EACH ROW EXECUTE FUNCTION planning_only_added();
CREATE TRIGGER planning_only_added BEFORE UPDATE OR DELETE ON planning_consent
    FOR EACH ROW EXECUTE FUNCTION planning_only_added();
"""
NO_GUARDS = "DROP FUNCTION planning_keep_version(), planning_only_added() CASCADE;"


def project_and_id() -> models.CompositePrimaryKey:
    """Give the key that every table of a project has."""
    return models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("casework", "0002_guards"),
        ("households", "0001_initial"),
        ("policies", "0001_initial"),
        ("projects", "0001_initial"),
        ("ledger", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentRecord",
            fields=[
                ("pk", project_and_id()),
                ("project_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("version_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("place", models.SmallIntegerField()),
                ("is_for", models.BooleanField()),
                ("mark", models.CharField(max_length=64)),
                ("code_sealed", models.BinaryField()),
                ("document_id", models.UUIDField(null=True)),
                ("given_at", models.DateTimeField()),
                ("given_by", models.UUIDField()),
            ],
            options={
                "db_table": "planning_consent",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "version_id", "household_id", "place"),
                        name="planning_consent_place_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperRecord",
            fields=[
                ("pk", project_and_id()),
                ("project_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("version_id", models.UUIDField()),
                ("place", models.SmallIntegerField()),
                ("title", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("document_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "planning_paper",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "version_id", "place"),
                        name="planning_paper_place_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VersionRecord",
            fields=[
                ("pk", project_and_id()),
                ("project_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("number", models.SmallIntegerField()),
                ("case_id", models.UUIDField(null=True)),
                ("rule_set_id", models.UUIDField(null=True)),
                ("rules_version", models.TextField(blank=True)),
                ("rules_digest", models.CharField(blank=True, max_length=64)),
                ("drafted_at", models.DateTimeField()),
                ("drafted_by", models.UUIDField()),
                ("taken_over_reason", models.TextField(blank=True)),
                ("approved_on", models.DateField(null=True)),
                ("households", models.IntegerField(null=True)),
                ("consenting", models.IntegerField(null=True)),
                ("refusing", models.IntegerField(null=True)),
                ("consents_digest", models.CharField(blank=True, max_length=64)),
                ("counted_at", models.DateTimeField(null=True)),
                ("in_force_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "planning_version",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "number"), name="planning_version_number_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(case_id__isnull=False)
                        | Q(approved_on__isnull=False, in_force_at__isnull=False)
                        & ~Q(taken_over_reason=""),
                        name="planning_version_approved_somewhere",
                    ),
                    models.CheckConstraint(
                        condition=Q(counted_at__isnull=True)
                        | Q(
                            households__gte=F("consenting") + F("refusing"),
                            consenting__gte=0,
                            refusing__gte=0,
                        ),
                        name="planning_version_counts_add_up",
                    ),
                ],
            },
        ),
        *(keep_complete(table) for table in TABLES),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        force_row_security("planning_consent", using=SEES_HOUSEHOLD),
    ]
