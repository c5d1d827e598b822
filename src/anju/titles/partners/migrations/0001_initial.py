"""Companies, duties, securities, restrictions, stars and ratings: the tables and what guards them."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_PROJECT, force_row_security
from anju.foundation.ledger.schema import keep_complete

SCOPED = ("duty", "demand", "guarantee", "fact", "rating", "comment")
LINKS = (
    ("duty", "party_id", "partners_party (id)"),
    ("demand", "party_id", "partners_party (id)"),
    ("demand", "basis_id", "partners_basis (id)"),
    ("guarantee", "basis_id", "partners_basis (id)"),
    ("restriction", "party_id", "partners_party (id)"),
    ("restriction", "basis_id", "partners_basis (id)"),
    ("fact", "party_id", "partners_party (id)"),
    ("star", "party_id", "partners_party (id)"),
)
WITHIN = (
    ("guarantee", "demand_id", "partners_demand (project_id, id)"),
    ("comment", "id", "partners_rating (project_id, id)"),
)
WRITTEN_ONCE = ("guarantee", "fact", "star", "rating", "comment")
KEPT = ("party", "basis", "duty", "demand", "restriction")
TABLES = (*KEPT, *WRITTEN_ONCE)


def _foreign_keys() -> tuple[list[str], list[str]]:
    keys = [
        *((name, "scope", "project_id", "access_project_scope (project_id)") for name in SCOPED),
        *((name, column.removesuffix("_id"), column, target) for name, column, target in LINKS),
        *((name, "within", f"project_id, {column}", target) for name, column, target in WITHIN),
    ]
    added = [
        f"ALTER TABLE partners_{name} ADD CONSTRAINT partners_{name}_{key}_known"
        f" FOREIGN KEY ({columns}) REFERENCES {target}"
        for name, key, columns, target in keys
    ]
    dropped = [
        f"ALTER TABLE partners_{name} DROP CONSTRAINT partners_{name}_{key}_known"
        for name, key, _, _ in reversed(keys)
    ]
    return added, dropped


# What was written once stays: a star, a fact, a rating and a security are never made better.
RIGHTS = [
    *(f"REVOKE UPDATE, DELETE ON partners_{name} FROM anju_app" for name in WRITTEN_ONCE),
    *(f"REVOKE DELETE ON partners_{name} FROM anju_app" for name in KEPT),
]
NO_RIGHTS = [
    *(f"GRANT UPDATE, DELETE ON partners_{name} TO anju_app" for name in WRITTEN_ONCE),
    *(f"GRANT DELETE ON partners_{name} TO anju_app" for name in KEPT),
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [("access", "0001_tables"), ("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="CommentRecord",
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
                ("subject_id", models.UUIDField()),
                ("words_sealed", models.BinaryField()),
            ],
            options={
                "db_table": "partners_comment",
            },
        ),
        migrations.CreateModel(
            name="BasisRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("act", models.CharField(max_length=12)),
                ("rank", models.CharField(max_length=16)),
                ("clause", models.TextField()),
                ("source", models.TextField()),
                ("certainty", models.CharField(max_length=1)),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(null=True)),
                ("withdrawn_on", models.DateField(null=True)),
                ("why_withdrawn", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_basis",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("act__in", ("security", "restriction"))),
                        name="partners_basis_act_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rank__in", ("law", "regulation", "state-council", "local"))
                        ),
                        name="partners_basis_rank_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("certainty__in", ("C", "M", "P", "U"))),
                        name="partners_basis_certainty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DemandRecord",
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
                ("party_id", models.UUIDField()),
                ("basis_id", models.UUIDField()),
                ("amount_fen", models.BigIntegerField()),
                ("covers_until", models.DateField()),
                ("demanded_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "partners_demand",
                "indexes": [models.Index(fields=["party_id"], name="partners_demand_of_party")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)),
                        name="partners_demand_amount_positive",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("project_id", "party_id"),
                        name="partners_demand_one_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DutyRecord",
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
                ("party_id", models.UUIDField()),
                ("building", models.TextField()),
                ("accepted_on", models.DateField(null=True)),
                ("handed_over_on", models.DateField(null=True)),
                ("registered_on", models.DateField(null=True)),
                ("laid_at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_duty",
                "indexes": [models.Index(fields=["party_id"], name="partners_duty_of_party")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "building"), name="partners_duty_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FactRecord",
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
                ("party_id", models.UUIDField()),
                ("kind", models.CharField(max_length=18)),
                ("is_met", models.BooleanField()),
                ("on", models.DateField()),
                ("about", models.TextField()),
                ("source_id", models.UUIDField(null=True)),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_fact",
                "indexes": [models.Index(fields=["party_id", "on"], name="partners_fact_of_party")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ("deadline-kept", "material-collected", "answer-given"))
                        ),
                        name="partners_fact_kind_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("source_id__isnull", False)),
                        fields=("project_id", "source_id", "kind"),
                        name="partners_fact_source_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GuaranteeRecord",
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
                ("demand_id", models.UUIDField()),
                ("basis_id", models.UUIDField()),
                ("form", models.CharField(max_length=9)),
                ("amount_fen", models.BigIntegerField()),
                ("given_on", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("issuer", models.TextField()),
                ("number", models.TextField()),
            ],
            options={
                "db_table": "partners_guarantee",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("form__in", ("deposit", "guarantee"))),
                        name="partners_guarantee_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)),
                        name="partners_guarantee_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("form", "deposit"), ("valid_until__isnull", True)),
                            models.Q(
                                ("form", "guarantee"), ("valid_until__gte", models.F("given_on"))
                            ),
                            _connector="OR",
                        ),
                        name="partners_guarantee_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartyRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=9)),
                ("name", models.TextField()),
                ("credit_code", models.CharField(max_length=18)),
                ("registered_at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_party",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("developer", "manager"))),
                        name="partners_party_kind_known",
                    ),
                    models.UniqueConstraint(
                        fields=("kind", "credit_code"), name="partners_party_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RatingRecord",
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
                ("service_kind", models.CharField(max_length=16)),
                ("service_id", models.UUIDField()),
                ("level", models.IntegerField()),
                ("matter", models.TextField()),
                ("office", models.CharField(max_length=12)),
                ("officer_id", models.UUIDField(null=True)),
                ("channel", models.CharField(max_length=6)),
                ("wants_visit", models.BooleanField()),
                ("case_id", models.UUIDField(null=True)),
                ("given_at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_rating",
                "indexes": [models.Index(fields=["office", "given_at"], name="partners_rating_at")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "service_id"), name="partners_rating_service_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1), ("level__lte", 5)),
                        name="partners_rating_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level__gte", 3), ("case_id__isnull", False), _connector="OR"
                        ),
                        name="partners_rating_bad_has_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ("qr", "window", "online"))),
                        name="partners_rating_channel",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RestrictionRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("party_id", models.UUIDField()),
                ("basis_id", models.UUIDField()),
                ("reason", models.TextField()),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("lifted_on", models.DateField(null=True)),
                ("why_lifted", models.TextField(blank=True)),
                ("restricted_at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "partners_restriction",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_on__isnull", True)),
                        fields=("party_id",),
                        name="partners_restriction_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))),
                        name="partners_restriction_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StarRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("party_id", models.UUIDField()),
                ("quarter", models.CharField(max_length=7)),
                ("stars", models.IntegerField(null=True)),
                ("tenths", models.IntegerField(null=True)),
                ("counts", models.JSONField()),
                ("formula", models.TextField()),
                ("event_id", models.UUIDField()),
                ("published_at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_star",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("party_id", "quarter"), name="partners_star_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stars__isnull", True), ("tenths__isnull", True)),
                            models.Q(
                                ("stars__gte", 1),
                                ("stars__lte", 5),
                                ("tenths__gte", 0),
                                ("tenths__lte", 1000),
                            ),
                            _connector="OR",
                        ),
                        name="partners_star_range",
                    ),
                ],
            },
        ),
        migrations.RunSQL(*_foreign_keys()),
        migrations.RunSQL(RIGHTS, NO_RIGHTS),
        *(keep_complete(f"partners_{name}") for name in TABLES),
        *(
            force_row_security(f"partners_{name}", using=SEES_PROJECT)
            for name in ("demand", "guarantee", "comment")
        ),
    ]
