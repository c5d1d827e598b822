from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("exchange", "0001_initial"),
        ("policies", "0001_initial"),
        ("ledger", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProjectRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=24, unique=True)),
                ("name", models.TextField()),
                ("division_code", models.CharField(blank=True, max_length=6)),
                ("mode", models.CharField(max_length=16)),
                ("strata", models.JSONField()),
                ("batch_size", models.IntegerField()),
                ("plan_text", models.TextField()),
                ("plan", models.JSONField()),
                ("plan_digest", models.CharField(max_length=64)),
                ("state", models.CharField(max_length=16)),
                ("opened_at", models.DateTimeField()),
                ("register_frozen_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "projects_project",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("open", "frozen", "closed"))),
                        name="projects_project_state_known",
                    )
                ],
            },
        ),
        keep_complete("projects_project"),
        migrations.RunSQL(
            "ALTER TABLE policies_rule_set ADD CONSTRAINT policies_rule_set_project FOREIGN KEY (project_id) REFERENCES projects_project (id)",
            "ALTER TABLE policies_rule_set DROP CONSTRAINT policies_rule_set_project",
        ),
        migrations.RunSQL(
            "ALTER TABLE exchange_import ADD CONSTRAINT exchange_import_project FOREIGN KEY (project_id) REFERENCES projects_project (id)",
            "ALTER TABLE exchange_import DROP CONSTRAINT exchange_import_project",
        ),
    ]
