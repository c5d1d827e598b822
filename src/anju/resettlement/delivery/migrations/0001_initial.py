"""Hand-overs: the table and what guards it."""

from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

REFERENCES = """
ALTER TABLE delivery_hand_over ADD CONSTRAINT delivery_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
ALTER TABLE delivery_hand_over ADD CONSTRAINT delivery_of_unit
  FOREIGN KEY (project_id, unit_id) REFERENCES inventory_unit (project_id, id);
"""
NO_REFERENCES = """
ALTER TABLE delivery_hand_over DROP CONSTRAINT delivery_of_unit;
ALTER TABLE delivery_hand_over DROP CONSTRAINT delivery_of_household;
"""
# What both have signed stays as they signed it.
GUARDS = """
CREATE FUNCTION delivery_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'prepared' THEN
    RAISE EXCEPTION 'delivery.signed-is-fixed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER delivery_hand_over_fixed BEFORE UPDATE OR DELETE ON delivery_hand_over
  FOR EACH ROW EXECUTE FUNCTION delivery_keep_signed();
"""
NO_GUARDS = """
DROP TRIGGER delivery_hand_over_fixed ON delivery_hand_over;
DROP FUNCTION delivery_keep_signed();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("ledger", "__first__"),
        ("inventory", "__first__"),
        ("households", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="HandOverRecord",
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
                ("unit_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("state", models.CharField(default="prepared", max_length=16)),
                ("accepted_on", models.DateField()),
                ("promised_on", models.DateField(null=True)),
                ("keys", models.IntegerField()),
                ("water", models.TextField()),
                ("power", models.TextField()),
                ("gas", models.TextField(blank=True)),
                ("prepared_at", models.DateTimeField()),
                ("office_signed_by", models.UUIDField(null=True)),
                ("office_signed_at", models.DateTimeField(null=True)),
                ("household_signed_by", models.UUIDField(null=True)),
                ("household_signed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "delivery_hand_over",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("prepared", "handed-over", "withdrawn"))),
                        name="delivery_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "handed-over"), _negated=True),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("household_signed_at__isnull", False),
                                ("office_signed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="delivery_both_signed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "withdrawn"), _negated=True),
                        fields=("project_id", "unit_id"),
                        name="delivery_unit_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        keep_complete("delivery_hand_over"),
    ]
