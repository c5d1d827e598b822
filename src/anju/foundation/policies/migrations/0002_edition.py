from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="EditionRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("law", models.TextField()),
                ("edition", models.DateField()),
                ("content", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("loaded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "policies_edition",
                "constraints": [
                    models.UniqueConstraint(fields=("law", "edition"), name="policies_edition_once")
                ],
            },
        ),
        keep_complete("policies_edition"),
        migrations.RunSQL(
            """
            CREATE FUNCTION policies_keep_edition() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'policies.edition-kept' USING ERRCODE = 'check_violation';
            END $$;
            CREATE TRIGGER policies_keep_edition BEFORE UPDATE OR DELETE ON policies_edition
                FOR EACH ROW EXECUTE FUNCTION policies_keep_edition();
            """,
            "DROP FUNCTION policies_keep_edition() CASCADE",
        ),
    ]
