"""The register of certificates: the tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE certificates_certificate ADD CONSTRAINT certificates_certificate_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE certificates_certificate ADD CONSTRAINT certificates_certificate_of_series
  FOREIGN KEY (series_id) REFERENCES certificates_series (id);
ALTER TABLE certificates_certificate ADD CONSTRAINT certificates_certificate_replaces
  FOREIGN KEY (project_id, replaces_id) REFERENCES certificates_certificate (project_id, id);
ALTER TABLE certificates_entry ADD CONSTRAINT certificates_entry_of_certificate
  FOREIGN KEY (project_id, certificate_id) REFERENCES certificates_certificate (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE certificates_entry DROP CONSTRAINT certificates_entry_of_certificate;
ALTER TABLE certificates_certificate DROP CONSTRAINT certificates_certificate_replaces;
ALTER TABLE certificates_certificate DROP CONSTRAINT certificates_certificate_of_series;
ALTER TABLE certificates_certificate DROP CONSTRAINT certificates_certificate_of_community;
"""

# What was certified stays as it was signed: only how it stands may change, and only forward. What
# was entered is never changed. A series runs on by one, so that it has neither gap nor double.
GUARDS = """
CREATE FUNCTION certificates_keep_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status IN ('revoked', 'replaced')
    OR (to_jsonb(NEW) - 'status' - 'status_at')
       IS DISTINCT FROM (to_jsonb(OLD) - 'status' - 'status_at') THEN
    RAISE EXCEPTION 'certificates.kept' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER certificates_keep_content BEFORE UPDATE OR DELETE ON certificates_certificate
  FOR EACH ROW EXECUTE FUNCTION certificates_keep_content();

CREATE FUNCTION certificates_keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'certificates.kept' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER certificates_keep_entry BEFORE UPDATE OR DELETE ON certificates_entry
  FOR EACH ROW EXECUTE FUNCTION certificates_keep_entry();

CREATE FUNCTION certificates_run_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.last <> OLD.last + 1
    OR (NEW.id, NEW.province, NEW.place, NEW.year)
       IS DISTINCT FROM (OLD.id, OLD.province, OLD.place, OLD.year) THEN
    RAISE EXCEPTION 'certificates.series-runs-on' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER certificates_run_on BEFORE UPDATE OR DELETE ON certificates_series
  FOR EACH ROW EXECUTE FUNCTION certificates_run_on();
"""
NO_GUARDS = """
DROP TRIGGER certificates_run_on ON certificates_series;
DROP FUNCTION certificates_run_on();
DROP TRIGGER certificates_keep_entry ON certificates_entry;
DROP FUNCTION certificates_keep_entry();
DROP TRIGGER certificates_keep_content ON certificates_certificate;
DROP FUNCTION certificates_keep_content();
"""
STATUSES = ("in-force", "suspended", "revoked", "replaced")
KINDS = ("issue", "suspend", "resume", "revoke", "replace")
TABLES = (
    "certificates_registry",
    "certificates_series",
    "certificates_certificate",
    "certificates_entry",
)


def _fields(*more: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [("pk", key), ("project_id", models.UUIDField()), ("id", models.UUIDField()), *more]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("ledger", "__first__"), ("core", "__first__"), ("communities", "__first__")]

    operations = [
        migrations.CreateModel(
            name="RegistryRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("county", models.CharField(max_length=6)),
                ("province", models.CharField(max_length=1)),
                ("place", models.CharField(max_length=40)),
                ("authority", models.CharField(max_length=18)),
                ("authority_name", models.CharField(max_length=80)),
                ("public", models.BinaryField()),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "certificates_registry",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["county"],
                        condition=Q(until_on__isnull=True),
                        name="certificates_registry_one_current",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SeriesRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("province", models.CharField(max_length=1)),
                ("place", models.CharField(max_length=40)),
                ("year", models.IntegerField()),
                ("last", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "certificates_series",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["province", "place", "year"], name="certificates_series_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(last__gte=0, last__lte=9_999_999),
                        name="certificates_series_digits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CertificateRecord",
            fields=_fields(
                ("household_id", models.UUIDField(null=True)),
                ("series_id", models.UUIDField()),
                ("serial", models.IntegerField()),
                ("number", models.CharField(max_length=60)),
                ("unit_code", models.CharField(max_length=28)),
                ("unit_index", models.BinaryField()),
                ("content_sealed", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("public", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("status", models.CharField(max_length=16)),
                ("status_at", models.DateTimeField()),
                ("issued_at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
                ("replaces_id", models.UUIDField(null=True)),
                ("case_id", models.UUIDField(null=True)),
            ),
            options={
                "db_table": "certificates_certificate",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["series_id", "serial"],
                        name="certificates_certificate_number_once",
                    ),
                    models.UniqueConstraint(
                        fields=["project_id", "unit_index"],
                        condition=Q(status__in=("in-force", "suspended")),
                        name="certificates_certificate_unit_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(status__in=STATUSES),
                        name="certificates_certificate_status_known",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["number"], name="certificates_number"),
                    models.Index(fields=["id"], name="certificates_id"),
                    models.Index(
                        fields=["project_id", "household_id"], name="certificates_household"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntryRecord",
            fields=_fields(
                ("certificate_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("place", models.IntegerField()),
                ("kind", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
                ("clause", models.CharField(max_length=80)),
                ("reason_sealed", models.BinaryField()),
                ("replaced_by", models.CharField(blank=True, max_length=60)),
                ("by_id", models.UUIDField()),
                ("second_id", models.UUIDField(null=True)),
                ("event_id", models.UUIDField()),
            ),
            options={
                "db_table": "certificates_entry",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "certificate_id", "place"],
                        name="certificates_entry_place",
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=KINDS), name="certificates_entry_known"
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        *(keep_complete(table) for table in TABLES),
        *(
            force_row_security(table, using=SEES_HOUSEHOLD)
            for table in ("certificates_certificate", "certificates_entry")
        ),
    ]
