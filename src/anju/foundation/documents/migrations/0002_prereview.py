from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PrereviewRecord",
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
                ("document_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=32)),
                ("reader", models.CharField(max_length=64)),
                ("pages", models.IntegerField()),
                ("findings_sealed", models.BinaryField()),
                ("cites", models.IntegerField()),
                ("doubts", models.IntegerField()),
                ("noted_for", models.UUIDField()),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "db_table": "documents_prereview",
                "indexes": [
                    models.Index(
                        fields=["project_id", "document_id"], name="documents_prereview_of"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE documents_prereview ADD CONSTRAINT documents_prereview_document"
            " FOREIGN KEY (project_id, document_id) REFERENCES documents_document (project_id, id)",
            "ALTER TABLE documents_prereview DROP CONSTRAINT documents_prereview_document",
        ),
        keep_complete("documents_prereview"),
        force_row_security("documents_prereview", using=SEES_HOUSEHOLD),
    ]
