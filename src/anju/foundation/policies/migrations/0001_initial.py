from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="RuleSetRecord",
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
                ("version", models.TextField()),
                ("effective_on", models.DateField()),
                ("canonical", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("frozen_at", models.DateTimeField(null=True)),
                ("frozen_by", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "policies_rule_set",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "version"), name="policies_rule_set_version_once"
                    )
                ],
            },
        ),
        keep_complete("policies_rule_set"),
        migrations.RunSQL(
            """
            CREATE FUNCTION policies_keep_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.frozen_at IS NOT NULL THEN
                    RAISE EXCEPTION 'policies.rule-set-frozen' USING ERRCODE = 'check_violation';
                END IF;
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END $$;
            CREATE TRIGGER policies_keep_frozen BEFORE UPDATE OR DELETE ON policies_rule_set
                FOR EACH ROW EXECUTE FUNCTION policies_keep_frozen();
            """,
            """
            DROP TRIGGER policies_keep_frozen ON policies_rule_set;
            DROP FUNCTION policies_keep_frozen();
            """,
        ),
    ]
