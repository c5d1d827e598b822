"""Ceremonies of the public draw: the tables."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "__first__")]

    operations = [
        migrations.CreateModel(
            name="StreetCountRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "ceremony_id",
                        "street",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("ceremony_id", models.UUIDField()),
                ("street", models.TextField()),
                ("counted", models.PositiveIntegerField()),
                ("signed_by", models.UUIDField()),
                ("signed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "draws_street_count",
            },
        ),
        migrations.CreateModel(
            name="AgreementRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "ceremony_id",
                        "verifier",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("ceremony_id", models.UUIDField()),
                ("verifier", models.TextField()),
                ("digest", models.TextField()),
                ("account_id", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "draws_agreement",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "ceremony_id", "account_id"),
                        name="draws_agreement_person_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AmendmentRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "ceremony_id",
                        "kind",
                        "ticket",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("ceremony_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("ticket", models.TextField(db_collation="C")),
                ("draw_id", models.UUIDField()),
                ("reason", models.TextField()),
                ("line", models.JSONField(default=dict)),
                ("first_by", models.UUIDField()),
                ("first_at", models.DateTimeField()),
                ("second_by", models.UUIDField(null=True)),
                ("second_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "draws_amendment",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("strike", "place", "paper"))),
                        name="draws_amendment_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_by__isnull", True),
                            models.Q(("second_by", models.F("first_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="draws_amendment_two_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BeaconPartRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "ceremony_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("ceremony_id", models.UUIDField()),
                ("place", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("first_by", models.UUIDField()),
                ("first_at", models.DateTimeField()),
                ("second_by", models.UUIDField(null=True)),
                ("second_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "draws_beacon_part",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_by__isnull", True),
                            models.Q(("second_by", models.F("first_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="draws_beacon_part_two_people",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CeremonyRecord",
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
                ("use", models.TextField()),
                ("batch", models.TextField()),
                ("sequence", models.PositiveIntegerField()),
                ("scheme", models.TextField()),
                ("step", models.TextField(default="opened")),
                ("void_cause", models.TextField(default="")),
                ("opened_at", models.DateTimeField()),
                ("freeze_at", models.DateTimeField()),
                ("beacon_at", models.DateTimeField()),
                ("beacon_rule", models.TextField()),
                ("redraw_rule", models.TextField()),
                ("postponed_to", models.DateTimeField(null=True)),
                ("take", models.PositiveIntegerField(null=True)),
                ("announced_event_id", models.UUIDField(null=True)),
                ("result_digest", models.TextField(default="")),
            ],
            options={
                "db_table": "draws_ceremony",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("scheme", "anju-draw-1"), models.Q(("step", "void"), _negated=True)
                        ),
                        fields=("project_id", "use", "batch"),
                        name="draws_ceremony_one_that_counts",
                    ),
                    models.UniqueConstraint(
                        fields=("project_id", "use", "batch", "scheme", "sequence"),
                        name="draws_ceremony_sequence_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("step", "void"), models.Q(("void_cause", ""), _negated=True)),
                            models.Q(models.Q(("step", "void"), _negated=True), ("void_cause", "")),
                            _connector="OR",
                        ),
                        name="draws_ceremony_void_has_cause",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CommitmentRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "draw_id",
                        "who",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("draw_id", models.UUIDField()),
                ("who", models.TextField()),
                ("ceremony_id", models.UUIDField()),
                ("commitment", models.TextField()),
                ("entered_by", models.UUIDField()),
                ("entered_at", models.DateTimeField()),
                ("secret", models.TextField(default="")),
                ("first_scan_by", models.UUIDField(null=True)),
                ("second_scan_by", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "draws_commitment",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "draw_id", "commitment"), name="draws_commitment_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_scan_by__isnull", True),
                            models.Q(
                                ("first_scan_by__isnull", False),
                                models.Q(
                                    ("second_scan_by", models.F("first_scan_by")), _negated=True
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="draws_commitment_two_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DrawRecord",
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
                ("ceremony_id", models.UUIDField()),
                ("position", models.PositiveIntegerField()),
                ("draw_number", models.TextField()),
                ("stratum", models.TextField()),
                ("size", models.PositiveIntegerField()),
                ("disputed", models.PositiveIntegerField()),
                ("root", models.TextField()),
                ("disputed_root", models.TextField()),
                ("announcement", models.TextField(default="")),
                ("seed", models.TextField(default="")),
            ],
            options={
                "db_table": "draws_draw",
                "constraints": [
                    models.UniqueConstraint(fields=("draw_number",), name="draws_draw_number_once"),
                    models.UniqueConstraint(
                        fields=("project_id", "ceremony_id", "stratum"),
                        name="draws_draw_stratum_once",
                    ),
                    models.UniqueConstraint(
                        fields=("project_id", "ceremony_id", "position"),
                        name="draws_draw_position_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntryRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "ceremony_id",
                        "ticket",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("ceremony_id", models.UUIDField()),
                ("ticket", models.TextField(db_collation="C")),
                ("draw_id", models.UUIDField()),
                ("commitment", models.BinaryField()),
                ("masked_name", models.TextField(blank=True)),
                ("street", models.TextField(blank=True)),
                ("is_disputed", models.BooleanField(default=False)),
                ("is_decided", models.BooleanField(default=True)),
            ],
            options={
                "db_table": "draws_entry",
                "indexes": [
                    models.Index(
                        fields=["project_id", "draw_id", "ticket"], name="draws_entry_of_draw"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventRecord",
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
                ("ceremony_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("kind", models.TextField()),
                ("role", models.TextField()),
                ("facts", models.JSONField()),
            ],
            options={
                "db_table": "draws_event",
                "indexes": [
                    models.Index(fields=["project_id", "ceremony_id", "at"], name="draws_event_of")
                ],
            },
        ),
        migrations.CreateModel(
            name="FailedScanRecord",
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
                ("ceremony_id", models.UUIDField()),
                ("draw_id", models.UUIDField()),
                ("who", models.TextField()),
                ("secret", models.TextField()),
                ("scanned_by", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "draws_failed_scan",
                "indexes": [
                    models.Index(fields=["project_id", "ceremony_id"], name="draws_failed_scan_of")
                ],
            },
        ),
        migrations.CreateModel(
            name="PartyRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "ceremony_id",
                        "who",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("ceremony_id", models.UUIDField()),
                ("who", models.TextField()),
                ("position", models.PositiveIntegerField()),
                ("party", models.TextField()),
                ("account_id", models.UUIDField()),
            ],
            options={
                "db_table": "draws_party",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "ceremony_id", "account_id"),
                        name="draws_party_person_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "draw_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("draw_id", models.UUIDField()),
                ("place", models.PositiveIntegerField()),
                ("ticket", models.TextField(db_collation="C")),
                ("ceremony_id", models.UUIDField()),
            ],
            options={
                "db_table": "draws_place",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "ceremony_id", "ticket"),
                        name="draws_place_ticket_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignatureRecord",
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
                ("ceremony_id", models.UUIDField()),
                ("step", models.TextField()),
                ("cause", models.TextField(default="")),
                ("who", models.TextField()),
                ("party", models.TextField()),
                ("account_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "draws_signature",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "ceremony_id", "step", "cause", "account_id"),
                        name="draws_signature_once",
                    )
                ],
            },
        ),
    ]
