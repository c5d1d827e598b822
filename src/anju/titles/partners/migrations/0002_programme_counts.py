"""The sixty-month plan's figures, month by month: written once."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

_TABLE = "partners_programme_count"


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ProgrammeCountRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("month", models.IntegerField()),
                ("indicator", models.TextField()),
                ("counted_on", models.DateField()),
                ("numerator", models.BigIntegerField()),
                ("denominator", models.BigIntegerField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": _TABLE,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "indicator"), name="partners_programme_count_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("denominator__gte", 1),
                            ("month__gte", 1),
                            ("numerator__gte", 0),
                            ("numerator__lte", models.F("denominator")),
                        ),
                        name="partners_programme_count_share",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE ON {_TABLE} FROM anju_app",
            f"GRANT UPDATE, DELETE ON {_TABLE} TO anju_app",
        ),
        keep_complete(_TABLE),
    ]
