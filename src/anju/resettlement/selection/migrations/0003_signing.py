"""Two sides sign a choice, several desks call, and an act under a key is done once.

What is new has a default, so that the release before still calls and chooses: at desk 1, and
without signatures.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from anju.foundation.ledger.schema import keep_complete

KEEP = ("signature", "answer")

REFERENCES = """
ALTER TABLE selection_signature ADD CONSTRAINT selection_signature_of_turn
  FOREIGN KEY (project_id, turn_id) REFERENCES selection_turn (project_id, id);
ALTER TABLE selection_signature ADD CONSTRAINT selection_signature_of_document
  FOREIGN KEY (project_id, document_id) REFERENCES documents_document (project_id, id);
ALTER TABLE selection_answer ADD CONSTRAINT selection_answer_of_project
  FOREIGN KEY (project_id) REFERENCES projects_project (id);
CREATE INDEX selection_choice_named ON selection_choice (project_id, turn_id)
  WHERE is_named AND released_at IS NULL;
REVOKE DELETE ON selection_signature, selection_answer FROM anju_app;
"""
NO_REFERENCES = """
GRANT DELETE ON selection_signature, selection_answer TO anju_app;
DROP INDEX selection_choice_named;
ALTER TABLE selection_answer DROP CONSTRAINT selection_answer_of_project;
ALTER TABLE selection_signature DROP CONSTRAINT selection_signature_of_document;
ALTER TABLE selection_signature DROP CONSTRAINT selection_signature_of_turn;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("selection", "0002_draws_of_the_public_draw"),
        ("documents", "0001_initial"),
    ]

    operations = [
        migrations.AddField("turnrecord", "desk", models.PositiveIntegerField(db_default=1)),
        migrations.AddField("turnrecord", "step", models.PositiveIntegerField(db_default=0)),
        migrations.AddField("turnrecord", "named_at", models.DateTimeField(null=True)),
        migrations.AddField("turnrecord", "sign_by", models.DateTimeField(null=True)),
        migrations.AddField("turnrecord", "is_by_wishes", models.BooleanField(db_default=False)),
        migrations.AddField("turnrecord", "sides", models.TextField(db_default="")),
        migrations.AddField("choicerecord", "is_named", models.BooleanField(db_default=False)),
        migrations.AddField("choicerecord", "rank", models.PositiveIntegerField(db_default=1)),
        migrations.RemoveConstraint("turnrecord", "selection_turn_one_called"),
        migrations.AddConstraint(
            "turnrecord",
            models.UniqueConstraint(
                condition=Q(("state", "called")),
                fields=("project_id", "desk"),
                name="selection_turn_one_a_desk",
            ),
        ),
        migrations.AddConstraint(
            "turnrecord",
            models.CheckConstraint(
                condition=Q(("desk__gte", 1)), name="selection_turn_desk_from_one"
            ),
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
                ("turn_id", models.UUIDField()),
                ("call", models.PositiveIntegerField()),
                ("step", models.PositiveIntegerField()),
                ("side", models.TextField()),
                ("account_id", models.UUIDField()),
                ("is_automatic", models.BooleanField(default=False)),
                ("document_id", models.UUIDField(null=True)),
                ("signed_at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
                ("voided_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "selection_signature",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("side__in", ("household", "office", "check"))),
                        name="selection_signature_side_known",
                    ),
                    models.UniqueConstraint(
                        condition=Q(("voided_at__isnull", True)),
                        fields=("project_id", "turn_id", "call", "side"),
                        name="selection_signature_side_once",
                    ),
                    models.UniqueConstraint(
                        condition=Q(("is_automatic", False), ("voided_at__isnull", True)),
                        fields=("project_id", "turn_id", "call", "account_id"),
                        name="selection_signature_person_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "account_id",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("account_id", models.UUIDField()),
                ("key", models.TextField()),
                ("act", models.TextField()),
                ("asked", models.TextField()),
                ("answer", models.JSONField(null=True)),
                ("answered_at", models.DateTimeField()),
            ],
            options={"db_table": "selection_answer"},
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        *(keep_complete(f"selection_{table}") for table in KEEP),
    ]
