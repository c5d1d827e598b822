"""When a batch meets, who comes for whom, who stays away, who swaps; and what guards it."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

_TABLES = (
    "selection_batch_plan",
    "selection_mandate",
    "selection_absence",
    "selection_exchange",
)
REFERENCES = """
ALTER TABLE selection_batch_plan ADD CONSTRAINT selection_batch_plan_of_batch
  FOREIGN KEY (project_id, batch) REFERENCES selection_batch (project_id, batch);
ALTER TABLE selection_batch_plan ADD CONSTRAINT selection_batch_plan_of_notice
  FOREIGN KEY (project_id, notice_id) REFERENCES notices_notice (project_id, id);
ALTER TABLE selection_mandate ADD CONSTRAINT selection_mandate_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
ALTER TABLE selection_mandate ADD CONSTRAINT selection_mandate_of_account
  FOREIGN KEY (account_id) REFERENCES access_account (id);
ALTER TABLE selection_mandate ADD CONSTRAINT selection_mandate_of_document
  FOREIGN KEY (project_id, document_id) REFERENCES documents_document (project_id, id);
ALTER TABLE selection_absence ADD CONSTRAINT selection_absence_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
ALTER TABLE selection_absence ADD CONSTRAINT selection_absence_of_document
  FOREIGN KEY (project_id, document_id) REFERENCES documents_document (project_id, id);
ALTER TABLE selection_exchange ADD CONSTRAINT selection_exchange_of_batch
  FOREIGN KEY (project_id, batch) REFERENCES selection_batch (project_id, batch);
ALTER TABLE selection_exchange ADD CONSTRAINT selection_exchange_of_proposer
  FOREIGN KEY (project_id, proposer_id) REFERENCES selection_place (project_id, household_id);
ALTER TABLE selection_exchange ADD CONSTRAINT selection_exchange_of_other
  FOREIGN KEY (project_id, other_id) REFERENCES selection_place (project_id, household_id);
"""
NO_REFERENCES = """
ALTER TABLE selection_exchange DROP CONSTRAINT selection_exchange_of_other;
ALTER TABLE selection_exchange DROP CONSTRAINT selection_exchange_of_proposer;
ALTER TABLE selection_exchange DROP CONSTRAINT selection_exchange_of_batch;
ALTER TABLE selection_absence DROP CONSTRAINT selection_absence_of_document;
ALTER TABLE selection_absence DROP CONSTRAINT selection_absence_of_household;
ALTER TABLE selection_mandate DROP CONSTRAINT selection_mandate_of_document;
ALTER TABLE selection_mandate DROP CONSTRAINT selection_mandate_of_account;
ALTER TABLE selection_mandate DROP CONSTRAINT selection_mandate_of_household;
ALTER TABLE selection_batch_plan DROP CONSTRAINT selection_batch_plan_of_notice;
ALTER TABLE selection_batch_plan DROP CONSTRAINT selection_batch_plan_of_batch;
"""
# What was told, sent for and swapped is ended, never deleted.
GRANTS = "REVOKE DELETE ON " + ", ".join(_TABLES) + " FROM anju_app;"
NO_GRANTS = "GRANT DELETE ON " + ", ".join(_TABLES) + " TO anju_app;"


def _fields(*more: tuple[str, models.Field]) -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "project_id", "id", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [("pk", key), ("project_id", models.UUIDField()), ("id", models.UUIDField()), *more]


class Migration(migrations.Migration):
    dependencies = [
        ("selection", "0003_signing"),
        ("access", "0002_proxies"),
        ("documents", "0001_initial"),
        ("notices", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchPlanRecord",
            fields=_fields(
                ("batch", models.PositiveIntegerField()),
                ("notice_id", models.UUIDField()),
                ("begins_at", models.DateTimeField()),
                ("place_of_meeting", models.TextField()),
                ("desks", models.PositiveIntegerField()),
                ("is_remote_allowed", models.BooleanField()),
                ("turn_seconds", models.PositiveIntegerField()),
                ("to_bring", models.TextField()),
                ("published_at", models.DateTimeField()),
                ("published_by", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("replaced_at", models.DateTimeField(null=True)),
            ),
            options={
                "db_table": "selection_batch_plan",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "batch"],
                        condition=Q(replaced_at__isnull=True),
                        name="selection_batch_plan_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MandateRecord",
            fields=_fields(
                ("household_id", models.UUIDField()),
                ("account_id", models.UUIDField()),
                ("name_sealed", models.BinaryField()),
                ("identity_sealed", models.BinaryField()),
                ("document_id", models.UUIDField()),
                ("valid_until", models.DateField()),
                ("registered_at", models.DateTimeField()),
                ("registered_by", models.UUIDField()),
                ("countersigned_by", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.UUIDField(null=True)),
                ("revoked_event_id", models.UUIDField(null=True)),
            ),
            options={
                "db_table": "selection_mandate",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "household_id"],
                        condition=Q(revoked_at__isnull=True),
                        name="selection_mandate_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AbsenceRecord",
            fields=_fields(
                ("household_id", models.UUIDField()),
                ("document_id", models.UUIDField(null=True)),
                ("declared_at", models.DateTimeField()),
                ("declared_by", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
                ("ended_event_id", models.UUIDField(null=True)),
            ),
            options={
                "db_table": "selection_absence",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "household_id"],
                        condition=Q(ended_at__isnull=True),
                        name="selection_absence_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRecord",
            fields=_fields(
                ("batch", models.PositiveIntegerField()),
                ("proposer_id", models.UUIDField()),
                ("other_id", models.UUIDField()),
                ("proposer_units", models.JSONField()),
                ("other_units", models.JSONField()),
                ("state", models.TextField(default="proposed")),
                ("proposed_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("event_id", models.UUIDField()),
            ),
            options={
                "db_table": "selection_exchange",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=("proposed", "accepted", "done", "ended")),
                        name="selection_exchange_state_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(proposer_id=F("other_id")),
                        name="selection_exchange_of_two",
                    ),
                    models.UniqueConstraint(
                        fields=["project_id", "proposer_id"],
                        condition=Q(state__in=("proposed", "accepted")),
                        name="selection_exchange_asked_once",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["project_id", "other_id"], name="selection_exchange_other")
                ],
            },
        ),
        # With a default of the database's: the code before this signs without it.
        migrations.AddField(
            model_name="signaturerecord",
            name="is_by_proxy",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GRANTS, NO_GRANTS),
        force_row_security("selection_mandate", using=SEES_HOUSEHOLD),
        force_row_security("selection_absence", using=SEES_HOUSEHOLD),
        *(keep_complete(table) for table in _TABLES),
    ]
