"""Messages to households: their tables, and what the database itself refuses of them."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE messages_dispatch ADD CONSTRAINT messages_dispatch_of_message
  FOREIGN KEY (project_id, message_id) REFERENCES messages_message (project_id, id);
"""
NO_REFERENCES = "ALTER TABLE messages_dispatch DROP CONSTRAINT messages_dispatch_of_message;"

# What was told, to whom and when stays; how it ended is said once.
GUARD = """
CREATE FUNCTION messages_keep_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  later text[] := ARRAY['state', 'receipt', 'accepted_at', 'text_digest', 'ended_at', 'event_id'];
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'waiting'
    OR (to_jsonb(NEW) - later) IS DISTINCT FROM (to_jsonb(OLD) - later)
  THEN
    RAISE EXCEPTION 'messages_message keeps what was told'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER messages_message_keeps_told BEFORE UPDATE OR DELETE ON messages_message
  FOR EACH ROW EXECUTE FUNCTION messages_keep_told();
"""
NO_GUARD = "DROP FUNCTION messages_keep_told() CASCADE;"


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "__first__"), ("core", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="DispatchRecord",
            fields=[
                ("message_id", models.UUIDField(primary_key=True, serialize=False)),
                ("project_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("fault", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "db_table": "messages_dispatch",
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_at__isnull", False)),
                        fields=["next_at"],
                        name="messages_dispatch_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageRecord",
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
                ("kind", models.CharField(max_length=32)),
                ("channel", models.CharField(max_length=8)),
                ("subject_id", models.UUIDField()),
                ("round", models.PositiveIntegerField()),
                ("facts", models.JSONField()),
                ("laid_at", models.DateTimeField()),
                ("useful_until", models.DateTimeField(null=True)),
                ("state", models.CharField(default="waiting", max_length=16)),
                ("receipt", models.TextField(blank=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("text_digest", models.CharField(blank=True, max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("event_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "messages_message",
                "indexes": [
                    models.Index(
                        fields=["project_id", "subject_id"], name="messages_message_subject"
                    ),
                    models.Index(
                        fields=["project_id", "household_id"], name="messages_message_whose"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ("sms", "voice"))),
                        name="messages_message_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("waiting", "sent", "overdue", "undeliverable"))
                        ),
                        name="messages_message_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True),
                            models.Q(
                                ("accepted_at__isnull", False),
                                models.Q(("receipt", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="messages_message_sent_with_receipt",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARD, NO_GUARD),
        keep_complete("messages_message"),
        *(
            force_row_security(table, using=SEES_HOUSEHOLD)
            for table in ("messages_message", "messages_dispatch")
        ),
    ]
