"""How a file is kept: its earlier terms, its surveys, and owners found again by their papers."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

_TABLES = ("communities_revision", "communities_survey")


def _fields(*more: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [("pk", key), ("project_id", models.UUIDField()), ("id", models.UUIDField()), *more]


class Migration(migrations.Migration):
    dependencies = [("communities", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="ownerrecord",
            name="identity_index",
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name="ownerrecord",
            index=models.Index(
                fields=["project_id", "identity_index"], name="communities_owner_identity"
            ),
        ),
        migrations.CreateModel(
            name="RevisionRecord",
            fields=_fields(
                ("changes", models.JSONField()),
                ("reason", models.TextField()),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField()),
            ),
            options={"db_table": "communities_revision"},
        ),
        migrations.CreateModel(
            name="SurveyRecord",
            fields=_fields(
                ("surveyed_on", models.DateField()),
                ("surveyor", models.TextField()),
                ("homes", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField()),
            ),
            options={"db_table": "communities_survey"},
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_community"
                " FOREIGN KEY (project_id) REFERENCES communities_community (id);"
                f" REVOKE UPDATE, DELETE ON {table} FROM anju_app;",
                f"GRANT UPDATE, DELETE ON {table} TO anju_app;"
                f" ALTER TABLE {table} DROP CONSTRAINT {table}_of_community;",
            )
            for table in _TABLES
        ),
        *(keep_complete(table) for table in _TABLES),
    ]
