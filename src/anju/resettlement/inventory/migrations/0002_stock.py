from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

_TABLES = (
    "inventory_terms",
    "inventory_lot",
    "inventory_signature",
    "inventory_defect",
    "inventory_responsible",
)


def _fields(*more: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [("pk", key), ("project_id", models.UUIDField()), ("id", models.UUIDField()), *more]


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            # With a default of the database's: the code before this writes rows without it.
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE inventory_unit ADD COLUMN decided jsonb NOT NULL DEFAULT '{}'",
                    "ALTER TABLE inventory_unit DROP COLUMN decided",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="unitrecord",
                    name="decided",
                    field=models.JSONField(default=dict),
                )
            ],
        ),
        migrations.CreateModel(
            name="StockTermsRecord",
            fields=_fields(("terms", models.JSONField()), ("set_at", models.DateTimeField())),
            options={
                "db_table": "inventory_terms",
                "constraints": [
                    models.UniqueConstraint(fields=("project_id",), name="inventory_terms_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="LotRecord",
            fields=_fields(
                ("name", models.TextField()),
                ("source", models.CharField(max_length=16)),
                ("homes", models.IntegerField()),
                ("district", models.TextField(blank=True)),
                ("ready_on", models.DateField(null=True)),
            ),
            options={
                "db_table": "inventory_lot",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "name"), name="inventory_lot_name_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ("new-build", "existing-stock", "monetary", "reserve"))
                        ),
                        name="inventory_lot_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("homes__gte", 0)), name="inventory_lot_homes_counted"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignatureRecord",
            fields=_fields(
                ("unit_id", models.UUIDField()),
                ("stage", models.CharField(max_length=16)),
                ("party", models.CharField(max_length=16)),
                ("signed_by", models.UUIDField()),
                ("signed_at", models.DateTimeField()),
            ),
            options={
                "db_table": "inventory_signature",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "unit_id", "stage", "party"),
                        name="inventory_signature_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ("design", "construction", "acceptance"))),
                        name="inventory_signature_stage_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("party__in", ("builder", "supervisor", "representative"))
                        ),
                        name="inventory_signature_party_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DefectRecord",
            fields=_fields(
                ("unit_id", models.UUIDField()),
                ("what", models.TextField()),
                ("reported_role", models.CharField(max_length=32)),
                ("reported_at", models.DateTimeField()),
                ("mending", models.TextField(blank=True)),
                ("mended_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
            ),
            options={
                "db_table": "inventory_defect",
                "indexes": [
                    models.Index(fields=["project_id", "unit_id"], name="inventory_defect_unit")
                ],
            },
        ),
        migrations.CreateModel(
            name="ResponsibleRecord",
            fields=_fields(
                ("community", models.TextField(blank=True)),
                ("building", models.TextField(blank=True)),
                ("part", models.CharField(max_length=16)),
                ("organisation", models.TextField()),
                ("responsible", models.TextField()),
                ("named_at", models.DateTimeField()),
            ),
            options={
                "db_table": "inventory_responsible",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("part__in", ("design", "construction", "supervision"))),
                        name="inventory_responsible_part_known",
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
            for table in ("inventory_signature", "inventory_defect")
        ),
        *(keep_complete(table) for table in _TABLES),
        migrations.RunSQL(
            # What was signed, found or named stays for as long as the building does: of a defect
            # alone the mending and its acceptance are noted, each once.
            """
            CREATE FUNCTION inventory_keep_trace() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                later text[] := ARRAY['mending', 'mended_at', 'accepted_at'];
            BEGIN
                IF TG_OP = 'DELETE' OR TG_TABLE_NAME <> 'inventory_defect'
                    OR (to_jsonb(NEW) - later) IS DISTINCT FROM (to_jsonb(OLD) - later)
                    OR (to_jsonb(OLD) ->> 'accepted_at') IS NOT NULL
                    OR ((to_jsonb(OLD) ->> 'mended_at') IS NOT NULL
                        AND (to_jsonb(NEW) - 'accepted_at')
                            IS DISTINCT FROM (to_jsonb(OLD) - 'accepted_at')) THEN
                    RAISE EXCEPTION 'inventory.trace-kept' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER inventory_keep_signature BEFORE UPDATE OR DELETE
                ON inventory_signature FOR EACH ROW EXECUTE FUNCTION inventory_keep_trace();
            CREATE TRIGGER inventory_keep_defect BEFORE UPDATE OR DELETE
                ON inventory_defect FOR EACH ROW EXECUTE FUNCTION inventory_keep_trace();
            CREATE TRIGGER inventory_keep_responsible BEFORE UPDATE OR DELETE
                ON inventory_responsible FOR EACH ROW EXECUTE FUNCTION inventory_keep_trace();
            """,
            """
            DROP TRIGGER inventory_keep_signature ON inventory_signature;
            DROP TRIGGER inventory_keep_defect ON inventory_defect;
            DROP TRIGGER inventory_keep_responsible ON inventory_responsible;
            DROP FUNCTION inventory_keep_trace();
            """,
        ),
    ]
