from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "__first__"), ("core", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="DocumentRecord",
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
                ("owner_kind", models.CharField(max_length=32)),
                ("owner_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=8)),
                ("name_sealed", models.BinaryField()),
                ("size", models.BigIntegerField()),
                ("pages", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("arrived_digest", models.CharField(max_length=64)),
                ("stored_as", models.CharField(max_length=64)),
                ("scanned_by", models.CharField(max_length=32)),
                ("channel", models.CharField(max_length=16)),
                ("handed_in_by", models.UUIDField()),
                ("handed_in_role", models.CharField(max_length=32)),
                ("handed_in_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "documents_document",
                "indexes": [
                    models.Index(
                        fields=["project_id", "owner_kind", "owner_id"],
                        name="documents_document_owner",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("pdf", "jpg", "png", "ofd"))),
                        name="documents_document_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ("desk", "phone", "api"))),
                        name="documents_document_channel_known",
                    ),
                ],
            },
        ),
        keep_complete("documents_document"),
        force_row_security("documents_document", using=SEES_HOUSEHOLD),
        migrations.RunSQL(
            # What was handed in is never swapped for something else: only its withdrawal is noted.
            """
            CREATE FUNCTION documents_keep_content() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'withdrawn_at')
                    IS DISTINCT FROM (to_jsonb(OLD) - 'withdrawn_at') THEN
                    RAISE EXCEPTION 'documents.kept' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER documents_keep_content BEFORE UPDATE OR DELETE ON documents_document
                FOR EACH ROW EXECUTE FUNCTION documents_keep_content();
            """,
            "DROP TRIGGER documents_keep_content ON documents_document;"
            " DROP FUNCTION documents_keep_content();",
        ),
    ]
