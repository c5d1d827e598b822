"""Questions to departments: their tables, and what the database itself refuses of them."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

KEPT = ("exchange_question", "exchange_answer", "exchange_breach")
SECURED = (*KEPT, "exchange_attempt")

REFERENCES = """
ALTER TABLE exchange_answer ADD CONSTRAINT exchange_answer_of_question
  FOREIGN KEY (project_id, question_id) REFERENCES exchange_question (project_id, id);
ALTER TABLE exchange_breach ADD CONSTRAINT exchange_breach_of_question
  FOREIGN KEY (project_id, question_id) REFERENCES exchange_question (project_id, id);
ALTER TABLE exchange_attempt ADD CONSTRAINT exchange_attempt_of_question
  FOREIGN KEY (project_id, question_id) REFERENCES exchange_question (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE exchange_attempt DROP CONSTRAINT exchange_attempt_of_question;
ALTER TABLE exchange_breach DROP CONSTRAINT exchange_breach_of_question;
ALTER TABLE exchange_answer DROP CONSTRAINT exchange_answer_of_question;
"""

# An answer and a breach are what they are; of a question only how it stands moves, and its receipt
# is taken once.
GUARDS = """
CREATE FUNCTION exchange_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is kept as it came', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER exchange_answer_kept BEFORE UPDATE OR DELETE ON exchange_answer
  FOR EACH ROW EXECUTE FUNCTION exchange_refuse();
CREATE TRIGGER exchange_breach_kept BEFORE UPDATE OR DELETE ON exchange_breach
  FOR EACH ROW EXECUTE FUNCTION exchange_refuse();

CREATE FUNCTION exchange_keep_question() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
    OR (to_jsonb(NEW) - ARRAY['state', 'received_at', 'receipt_sealed', 'finished_at'])
      IS DISTINCT FROM
      (to_jsonb(OLD) - ARRAY['state', 'received_at', 'receipt_sealed', 'finished_at'])
    OR (OLD.receipt_sealed IS NOT NULL AND (NEW.received_at, NEW.receipt_sealed)
      IS DISTINCT FROM (OLD.received_at, OLD.receipt_sealed))
  THEN
    RAISE EXCEPTION 'exchange_question keeps what was asked'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exchange_question_keeps_asked BEFORE UPDATE OR DELETE ON exchange_question
  FOR EACH ROW EXECUTE FUNCTION exchange_keep_question();
"""
NO_GUARDS = "DROP FUNCTION exchange_refuse(), exchange_keep_question() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BreachRecord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "question_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.UUIDField()),
                ("question_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("department", models.CharField(max_length=32)),
                ("is_urgent", models.BooleanField()),
                ("clause", models.CharField(max_length=64)),
                ("fault", models.CharField(blank=True, max_length=64)),
                ("due_at", models.DateTimeField()),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_breach",
            },
        ),
        migrations.CreateModel(
            name="AnswerRecord",
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
                ("question_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("place", models.SmallIntegerField()),
                ("said", models.CharField(max_length=16)),
                ("answer_sealed", models.BinaryField()),
                ("answered_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "db_table": "exchange_answer",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "question_id", "place"),
                        name="exchange_answer_place_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AttemptRecord",
            fields=[
                ("question_id", models.UUIDField(primary_key=True, serialize=False)),
                ("project_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("fault", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "db_table": "exchange_attempt",
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)),
                        fields=["next_at"],
                        name="exchange_attempt_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuestionRecord",
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
                ("subject_kind", models.CharField(max_length=32)),
                ("subject_id", models.UUIDField()),
                ("household_id", models.UUIDField(null=True)),
                ("kind", models.CharField(max_length=32)),
                ("topic", models.UUIDField()),
                ("department", models.CharField(max_length=32)),
                ("is_urgent", models.BooleanField()),
                ("commitment", models.BinaryField()),
                ("request_sealed", models.BinaryField()),
                ("asked_by", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField()),
                ("state", models.CharField(default="asked", max_length=16)),
                ("received_at", models.DateTimeField(null=True)),
                ("receipt_sealed", models.BinaryField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "exchange_question",
                "indexes": [
                    models.Index(
                        fields=["project_id", "subject_kind", "subject_id"],
                        name="exchange_question_subject",
                    ),
                    models.Index(
                        fields=["department", "state"], name="exchange_question_department"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["asked", "late", "answered", "contradictory", "failed"])
                        ),
                        name="exchange_question_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished_at__isnull", True), ("state__in", ("asked", "late"))
                            ),
                            models.Q(
                                models.Q(("state__in", ("asked", "late")), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="exchange_question_finished_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("asked", "late"))),
                        fields=("project_id", "topic"),
                        name="exchange_question_open_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        *(keep_complete(table) for table in KEPT),
        *(force_row_security(table, using=SEES_HOUSEHOLD) for table in SECURED),
    ]
