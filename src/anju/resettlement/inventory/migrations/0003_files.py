from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

_TABLES = ("inventory_change", "inventory_material", "inventory_facility")


def _fields(*more: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [("pk", key), ("project_id", models.UUIDField()), ("id", models.UUIDField()), *more]


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_stock"), ("documents", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ChangeRecord",
            fields=_fields(
                ("unit_id", models.UUIDField()),
                ("cause_id", models.UUIDField()),
                ("columns", models.JSONField()),
            ),
            options={
                "db_table": "inventory_change",
                "indexes": [
                    models.Index(fields=["project_id", "unit_id"], name="inventory_change_unit")
                ],
            },
        ),
        migrations.CreateModel(
            name="MaterialRecord",
            fields=_fields(
                ("document_id", models.UUIDField()),
                ("title", models.TextField()),
                ("is_panorama", models.BooleanField()),
                ("community", models.TextField(blank=True)),
                ("layout", models.TextField(blank=True)),
                ("unit_id", models.UUIDField(null=True)),
                ("kept_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
            ),
            options={
                "db_table": "inventory_material",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "community", "layout"),
                        condition=models.Q(removed_at__isnull=True, unit_id__isnull=True),
                        name="inventory_material_one_panorama",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FacilityRecord",
            fields=_fields(
                ("kind", models.CharField(max_length=16)),
                ("name", models.TextField()),
                ("community", models.TextField(blank=True)),
                ("buildings", ArrayField(base_field=models.TextField(), size=None)),
                ("places", models.IntegerField(null=True)),
                ("distance_m", models.IntegerField(null=True)),
                ("ready_on", models.DateField(null=True)),
            ),
            options={
                "db_table": "inventory_facility",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "kind", "name"), name="inventory_facility_name_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("school", "medical"))),
                        name="inventory_facility_kind_known",
                    ),
                ],
            },
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_project"
                " FOREIGN KEY (project_id) REFERENCES projects_project (id)",
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_project",
            )
            for table in _TABLES
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_unit FOREIGN KEY"
                " (project_id, unit_id) REFERENCES inventory_unit (project_id, id)",
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_unit",
            )
            for table in ("inventory_change", "inventory_material")
        ),
        migrations.RunSQL(
            "ALTER TABLE inventory_material ADD CONSTRAINT inventory_material_document FOREIGN KEY"
            " (project_id, document_id) REFERENCES documents_document (project_id, id)",
            "ALTER TABLE inventory_material DROP CONSTRAINT inventory_material_document",
        ),
        *(keep_complete(table) for table in _TABLES),
        migrations.RunSQL(
            # What was said of a home, and what was shown of it, stays: of a picture alone it is
            # noted, once, when and why it was taken out.
            """
            CREATE FUNCTION inventory_keep_file() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                later text[] := ARRAY['removed_at', 'reason'];
            BEGIN
                IF TG_OP = 'DELETE' OR TG_TABLE_NAME <> 'inventory_material'
                    OR (to_jsonb(NEW) - later) IS DISTINCT FROM (to_jsonb(OLD) - later)
                    OR (to_jsonb(OLD) ->> 'removed_at') IS NOT NULL THEN
                    RAISE EXCEPTION 'inventory.file-kept' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER inventory_keep_change BEFORE UPDATE OR DELETE
                ON inventory_change FOR EACH ROW EXECUTE FUNCTION inventory_keep_file();
            CREATE TRIGGER inventory_keep_material BEFORE UPDATE OR DELETE
                ON inventory_material FOR EACH ROW EXECUTE FUNCTION inventory_keep_file();
            """,
            """
            DROP TRIGGER inventory_keep_change ON inventory_change;
            DROP TRIGGER inventory_keep_material ON inventory_material;
            DROP FUNCTION inventory_keep_file();
            """,
        ),
    ]
