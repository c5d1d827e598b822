"""Communities, buildings, homes, owners and visits: the tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import force_row_security, sees_household
from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE communities_community ADD CONSTRAINT communities_community_scope
  FOREIGN KEY (id) REFERENCES access_project_scope (project_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE communities_building ADD CONSTRAINT communities_building_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE communities_owner ADD CONSTRAINT communities_owner_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
ALTER TABLE communities_home ADD CONSTRAINT communities_home_of_building
  FOREIGN KEY (project_id, building_id) REFERENCES communities_building (project_id, id);
ALTER TABLE communities_visit ADD CONSTRAINT communities_visit_of_community
  FOREIGN KEY (project_id) REFERENCES communities_community (id);
REVOKE UPDATE, DELETE ON communities_visit FROM anju_app;
REVOKE DELETE ON communities_community, communities_home, communities_owner FROM anju_app;
"""
NO_REFERENCES = """
GRANT DELETE ON communities_community, communities_home, communities_owner TO anju_app;
GRANT UPDATE, DELETE ON communities_visit TO anju_app;
ALTER TABLE communities_visit DROP CONSTRAINT communities_visit_of_community;
ALTER TABLE communities_home DROP CONSTRAINT communities_home_of_building;
ALTER TABLE communities_owner DROP CONSTRAINT communities_owner_of_community;
ALTER TABLE communities_building DROP CONSTRAINT communities_building_of_community;
ALTER TABLE communities_community DROP CONSTRAINT communities_community_scope;
"""
TABLES = ("community", "building", "home", "owner", "visit")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("access", "0001_tables"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="OwnerRecord",
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
                ("people_sealed", models.BinaryField(null=True)),
                ("people_count", models.IntegerField()),
                ("content_index", models.BinaryField()),
            ],
            options={
                "db_table": "communities_owner",
            },
        ),
        migrations.CreateModel(
            name="VisitRecord",
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
                ("visited_on", models.DateField()),
                ("by", models.UUIDField()),
                ("findings", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "communities_visit",
            },
        ),
        migrations.CreateModel(
            name="BuildingRecord",
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
            ],
            options={
                "db_table": "communities_building",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "number"), name="communities_building_number_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CommunityRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=24, unique=True)),
                ("name", models.TextField()),
                ("division", models.CharField(max_length=12)),
                ("address", models.TextField(blank=True)),
                ("parcel", models.CharField(blank=True, max_length=19)),
                ("origin", models.CharField(default="listed", max_length=16)),
                ("built_year", models.IntegerField(null=True)),
                ("accepted_on", models.DateField(null=True)),
                ("handed_over_on", models.DateField(null=True)),
                ("developer_name", models.TextField(blank=True)),
                ("developer_credit", models.CharField(blank=True, max_length=18)),
                ("manager_name", models.TextField(blank=True)),
                ("manager_credit", models.CharField(blank=True, max_length=18)),
                ("specialist_id", models.UUIDField(null=True)),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "db_table": "communities_community",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ("listed", "resettled"))),
                        name="communities_community_origin_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("division__regex", "^[0-9]{6}([0-9]{3}){0,2}$")),
                        name="communities_community_division",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HomeRecord",
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
                ("building_id", models.UUIDField()),
                ("number", models.TextField()),
                ("use", models.CharField(default="home", max_length=8)),
                ("floor", models.IntegerField(null=True)),
                ("unit_code", models.CharField(blank=True, max_length=28)),
                ("contracted_sqm", models.DecimalField(decimal_places=4, max_digits=12, null=True)),
                ("registered_sqm", models.DecimalField(decimal_places=4, max_digits=12, null=True)),
                ("price_fen_per_sqm", models.BigIntegerField(null=True)),
                ("title_state", models.CharField(default="none", max_length=8)),
                ("household_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "communities_home",
                "indexes": [
                    models.Index(
                        fields=["project_id", "household_id"], name="communities_home_household"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "number"), name="communities_home_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("unit_code", ""), _negated=True),
                        fields=("unit_code",),
                        name="communities_home_code_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("use__in", ("home", "parking", "shop", "common"))),
                        name="communities_home_use_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title_state__in", ("none", "first", "titled"))),
                        name="communities_home_title_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("contracted_sqm__isnull", True),
                            ("contracted_sqm__gt", 0),
                            _connector="OR",
                        ),
                        name="communities_home_contracted_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("registered_sqm__isnull", True),
                            ("registered_sqm__gt", 0),
                            _connector="OR",
                        ),
                        name="communities_home_registered_positive",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        *(keep_complete(f"communities_{name}") for name in TABLES),
        force_row_security("communities_owner", using=sees_household(column="id")),
    ]
