from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="HolidayNoticeRecord",
            fields=[
                ("year", models.IntegerField(primary_key=True, serialize=False)),
                ("off_days", models.JSONField()),
                ("worked_weekends", models.JSONField()),
                ("loaded_at", models.DateTimeField()),
                ("loaded_by", models.UUIDField()),
            ],
            options={
                "db_table": "casework_holiday_notice",
            },
        ),
        migrations.CreateModel(
            name="SeriesRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "year",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("year", models.IntegerField()),
                ("last", models.IntegerField()),
            ],
            options={
                "db_table": "casework_series",
            },
        ),
        migrations.CreateModel(
            name="ActionRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "case_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("place", models.IntegerField()),
                ("id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("role", models.CharField(max_length=32)),
                ("tier", models.CharField(max_length=16)),
                ("by", models.UUIDField()),
                ("second", models.UUIDField(null=True)),
                ("second_role", models.CharField(max_length=32)),
                ("step", models.CharField(max_length=64)),
                ("outcome", models.CharField(max_length=64)),
                ("materials", models.JSONField()),
                ("points", models.JSONField()),
                ("reason", models.CharField(max_length=24)),
                ("clauses", models.JSONField()),
                ("facts", models.JSONField()),
                ("has_reasons", models.BooleanField()),
                ("told_sealed", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "casework_action",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "id"), name="casework_action_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "open",
                                    "accept",
                                    "decline",
                                    "turn-away",
                                    "take-up",
                                    "decide",
                                    "ask-correction",
                                    "receive-correction",
                                    "stop",
                                    "resume",
                                    "supply",
                                    "ask-withdrawal",
                                    "withdraw",
                                    "keep",
                                    "revoke",
                                ],
                            )
                        ),
                        name="casework_action_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertRecord",
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
                ("place", models.SmallIntegerField()),
                ("started_at", models.DateTimeField()),
                ("rung", models.SmallIntegerField()),
                ("household_id", models.UUIDField(null=True)),
                ("raised_at", models.DateTimeField()),
            ],
            options={
                "db_table": "casework_alert",
                "indexes": [models.Index(fields=["raised_at"], name="casework_alert_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "case_id", "place", "started_at", "rung"),
                        name="casework_alert_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rung__gte", 1), ("rung__lte", 5)),
                        name="casework_alert_rung",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseRecord",
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
                ("year", models.IntegerField()),
                ("serial", models.IntegerField()),
                ("number", models.CharField(max_length=40)),
                ("procedure_id", models.UUIDField()),
                ("subject_kind", models.CharField(max_length=32)),
                ("subject_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("division", models.CharField(max_length=12)),
                ("opened_at", models.DateTimeField()),
                ("status", models.CharField(max_length=16)),
                ("flags", models.JSONField()),
                ("exchange_code", models.SmallIntegerField()),
                ("length", models.IntegerField()),
                ("open_steps", models.JSONField()),
                ("defects", models.IntegerField()),
                ("first_task", models.SmallIntegerField(null=True)),
                ("came_on", models.DateField()),
                ("started_on", models.DateField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("due_on", models.DateField(null=True)),
                ("is_provisional", models.BooleanField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "casework_case",
                "indexes": [
                    models.Index(
                        fields=["project_id", "subject_kind", "subject_id"],
                        name="casework_case_subject",
                    ),
                    models.Index(
                        fields=["project_id", "household_id"], name="casework_case_household"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "year", "serial"), name="casework_case_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "intake",
                                    "in-progress",
                                    "done",
                                    "refused",
                                    "not-accepted",
                                    "withdrawn",
                                    "revoked",
                                ],
                            )
                        ),
                        name="casework_case_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_on__isnull", True),
                                ("first_task__isnull", False),
                                ("status__in", ("intake", "in-progress")),
                            ),
                            models.Q(
                                models.Q(("status__in", ("intake", "in-progress")), _negated=True),
                                ("ended_on__isnull", False),
                                ("first_task__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="casework_case_in_one_queue",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "case_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("place", models.SmallIntegerField()),
                ("household_id", models.UUIDField(null=True)),
                ("started_at", models.DateTimeField()),
                ("started_on", models.DateField()),
                ("unit", models.CharField(max_length=16)),
                ("length", models.IntegerField()),
                ("clause", models.TextField()),
                ("due_on", models.DateField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("is_provisional", models.BooleanField()),
                ("rings_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "casework_clock",
                "indexes": [
                    models.Index(
                        condition=models.Q(("rings_on__isnull", False)),
                        fields=["rings_on"],
                        name="casework_clock_rings",
                    ),
                    models.Index(
                        condition=models.Q(("is_provisional", True)),
                        fields=["project_id", "case_id"],
                        name="casework_clock_provisional",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unit__in", ["working-days", "calendar-days", "hours"]),
                            ("length__gte", 1),
                        ),
                        name="casework_clock_budget",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MaterialRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "case_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("place", models.SmallIntegerField()),
                ("household_id", models.UUIDField(null=True)),
                ("code", models.CharField(max_length=64)),
                ("state", models.CharField(max_length=8)),
                ("document_id", models.UUIDField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                ("owed_until", models.DateField(null=True)),
            ],
            options={
                "db_table": "casework_material",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("held", "owed"))),
                        name="casework_material_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PauseRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "case_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("place", models.SmallIntegerField()),
                ("household_id", models.UUIDField(null=True)),
                ("began_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(max_length=24)),
                ("clause", models.TextField()),
            ],
            options={
                "db_table": "casework_pause",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "supplement",
                                    "public-notice",
                                    "hearing",
                                    "survey",
                                    "expert-opinion",
                                    "court-order",
                                ],
                            ),
                            models.Q(("clause", ""), _negated=True),
                        ),
                        name="casework_pause_reason_listed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("began_on")),
                            _connector="OR",
                        ),
                        name="casework_pause_not_turned_round",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcedureRecord",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=64)),
                ("version", models.CharField(max_length=32)),
                ("digest", models.CharField(max_length=64)),
                ("definition", models.JSONField()),
                ("stored_at", models.DateTimeField()),
            ],
            options={
                "db_table": "casework_procedure",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "version"), name="casework_procedure_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "case_id",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("case_id", models.UUIDField()),
                ("place", models.SmallIntegerField()),
                ("household_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=16)),
                ("role", models.CharField(max_length=32)),
                ("tier", models.CharField(max_length=16)),
                ("office", models.CharField(max_length=12)),
                ("taken_by", models.UUIDField(null=True)),
                ("waits_since", models.DateTimeField()),
                ("due_on", models.DateField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("is_provisional", models.BooleanField()),
                ("sort_on", models.DateField()),
            ],
            options={
                "db_table": "casework_task",
                "indexes": [
                    models.Index(
                        fields=["office", "tier", "kind", "role", "sort_on", "case_id", "place"],
                        name="casework_task_office",
                    ),
                    models.Index(
                        fields=["tier", "kind", "sort_on", "case_id", "place"],
                        name="casework_task_tier",
                    ),
                    models.Index(
                        fields=["project_id", "tier", "kind", "sort_on", "case_id", "place"],
                        name="casework_task_project",
                    ),
                    models.Index(
                        condition=models.Q(("taken_by__isnull", False)),
                        fields=["taken_by", "sort_on", "case_id", "place"],
                        name="casework_task_taken",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ("intake", "applicant", "office", "stopped", "withdrawal"),
                            ),
                            models.Q(("role", ""), _negated=True),
                            models.Q(("tier", ""), _negated=True),
                        ),
                        name="casework_task_waits_for_somebody",
                    )
                ],
            },
        ),
    ]
