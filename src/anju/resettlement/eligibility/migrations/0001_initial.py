from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("households", "__first__"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="TakeOverRecord",
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
                (
                    "papers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("reason", models.TextField()),
                ("households", models.IntegerField()),
                ("taken_by", models.UUIDField()),
                ("second_by", models.UUIDField()),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "db_table": "eligibility_take_over",
            },
        ),
        migrations.CreateModel(
            name="MarkRecord",
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
                ("household_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("index", models.BinaryField()),
            ],
            options={
                "db_table": "eligibility_mark",
                "indexes": [
                    models.Index(fields=["index"], name="eligibility_mark_index"),
                    models.Index(
                        fields=["project_id", "household_id"], name="eligibility_mark_household"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ObjectionRecord",
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
                ("notice_id", models.UUIDField()),
                ("step", models.TextField()),
                ("review_id", models.UUIDField()),
                ("about_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("person_sealed", models.BinaryField(null=True)),
                ("lodged_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("is_upheld", models.BooleanField(null=True)),
            ],
            options={
                "db_table": "eligibility_objection",
                "indexes": [
                    models.Index(
                        fields=["project_id", "review_id"], name="eligibility_objection_review"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedRecord",
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
                ("notice_id", models.UUIDField()),
                ("step", models.TextField()),
                ("case_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("number", models.TextField()),
                ("division", models.TextField()),
                ("published_at", models.DateTimeField()),
            ],
            options={
                "db_table": "eligibility_published",
                "indexes": [
                    models.Index(
                        fields=["project_id", "notice_id"], name="eligibility_published_notice"
                    ),
                    models.Index(
                        fields=["project_id", "case_id"], name="eligibility_published_case"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewRecord",
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
                ("household_id", models.UUIDField()),
                ("round", models.IntegerField()),
                ("standing", models.TextField()),
                ("take_over_id", models.UUIDField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("street_by", models.UUIDField(null=True)),
                ("district_by", models.UUIDField(null=True)),
                ("city_by", models.UUIDField(null=True)),
                ("visited_at", models.DateTimeField(null=True)),
                ("returned_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "eligibility_review",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "household_id", "round"),
                        name="eligibility_review_round_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("standing__in", ["open", "confirmed", "refused", "withdrawn"])
                        ),
                        name="eligibility_review_standing_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("standing", "confirmed"), _negated=True),
                            models.Q(
                                ("district_by__isnull", False),
                                ("street_by__isnull", False),
                                ("take_over_id__isnull", False),
                            ),
                            models.Q(
                                ("city_by__isnull", False),
                                ("district_by__isnull", False),
                                ("street_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="eligibility_review_confirmed_by_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("street_by", models.F("district_by")), _negated=True),
                            models.Q(("street_by", models.F("city_by")), _negated=True),
                            models.Q(("district_by", models.F("city_by")), _negated=True),
                        ),
                        name="eligibility_review_nobody_twice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SheetRecord",
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
                ("case_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("step", models.TextField()),
                ("outcome", models.TextField()),
                ("lines_sealed", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.UUIDField()),
            ],
            options={
                "db_table": "eligibility_sheet",
                "indexes": [
                    models.Index(fields=["project_id", "case_id"], name="eligibility_sheet_case")
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementRecord",
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
                ("household_id", models.UUIDField()),
                ("version", models.IntegerField()),
                ("stated_sealed", models.BinaryField()),
                ("stated_by", models.UUIDField()),
                ("stated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "eligibility_statement",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "household_id", "version"),
                        name="eligibility_statement_version_once",
                    )
                ],
            },
        ),
    ]
