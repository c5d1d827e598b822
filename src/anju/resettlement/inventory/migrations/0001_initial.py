from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

import anju.resettlement.inventory.fields
from anju.foundation.ledger.schema import keep_complete


class Migration(migrations.Migration):
    initial = True

    dependencies = [("projects", "0001_initial"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="UnitRecord",
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
                ("number", models.TextField()),
                ("place", models.IntegerField()),
                ("state", models.CharField(default="free", max_length=16)),
                ("content_digest", models.BinaryField()),
                (
                    "import_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField()),
                ),
                ("position", models.TextField(blank=True)),
                ("community", models.TextField(blank=True)),
                ("building", models.TextField(blank=True)),
                ("stair", models.TextField(blank=True)),
                ("floor", models.IntegerField(null=True)),
                ("total_floors", models.IntegerField(null=True)),
                ("room", models.TextField(blank=True)),
                ("orientation", models.TextField(blank=True)),
                ("layout", models.TextField(blank=True)),
                ("rooms", models.IntegerField(null=True)),
                ("area_sqm", anju.resettlement.inventory.fields.ExactDecimalField()),
                (
                    "inner_area_sqm",
                    anju.resettlement.inventory.fields.OptionalExactDecimalField(null=True),
                ),
                ("decoration", models.TextField(blank=True)),
                ("quality_grade", models.TextField(blank=True)),
                ("location_tier", models.TextField(blank=True)),
                ("amenity_tier", models.TextField(blank=True)),
                ("has_lift", models.BooleanField()),
                ("is_barrier_free", models.BooleanField()),
                ("school_district", models.TextField(blank=True)),
                ("transit_distance_m", models.IntegerField(null=True)),
                ("commerce_distance_m", models.IntegerField(null=True)),
                ("hospital_distance_m", models.IntegerField(null=True)),
                ("parking", models.TextField(blank=True)),
                ("handover_on", models.DateField(null=True)),
                ("price_fen_per_sqm", models.BigIntegerField(null=True)),
                ("reserved_for", models.TextField(blank=True)),
                ("attachments", models.JSONField(default=list)),
                ("panorama", models.TextField(blank=True)),
                ("other", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "inventory_unit",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "number"), name="inventory_unit_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("free", "held", "taken", "reserved"))),
                        name="inventory_unit_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("area_sqm__gt", 0)), name="inventory_unit_area_positive"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE inventory_unit ADD CONSTRAINT inventory_unit_project FOREIGN KEY (project_id) REFERENCES projects_project (id)",
            "ALTER TABLE inventory_unit DROP CONSTRAINT inventory_unit_project",
        ),
        keep_complete("inventory_unit"),
    ]
