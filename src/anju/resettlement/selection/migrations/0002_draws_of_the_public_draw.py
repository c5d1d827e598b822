"""The draw itself moves into the public draw's tables; here stays which one the order rests on.

The columns that held a copy may be empty from now on, so that the release before still writes them;
the release after this one drops them.
"""

from __future__ import annotations

from django.db import migrations, models

MOVED = ("scheme", "draw_number", "households", "root", "announcement", "seed", "input", "expected")

# A copy cannot become a ceremony without its entries in the ledger: better stop than lose it.
REFUSE_OLD_DRAWS = """
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM selection_draw) THEN
    RAISE EXCEPTION 'selection.drawn-by-an-earlier-release'
      USING HINT = 'publish its bundle, and let a new project (or a new demo) draw';
  END IF;
END $$;
"""
REFERENCES = (
    "".join(f"ALTER TABLE selection_draw ALTER COLUMN {name} DROP NOT NULL;\n" for name in MOVED)
    + """
ALTER TABLE selection_draw ADD COLUMN ceremony_id uuid;
ALTER TABLE selection_draw ADD CONSTRAINT selection_draw_of_ceremony
  FOREIGN KEY (project_id, ceremony_id) REFERENCES draws_ceremony (project_id, id);
ALTER TABLE selection_receipt DROP CONSTRAINT selection_receipt_of_household;
ALTER TABLE selection_receipt ADD CONSTRAINT selection_receipt_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);
"""
)
NO_REFERENCES = """
ALTER TABLE selection_receipt DROP CONSTRAINT selection_receipt_of_household;
ALTER TABLE selection_receipt ADD CONSTRAINT selection_receipt_of_household
  FOREIGN KEY (project_id, household_id) REFERENCES selection_place (project_id, household_id);
ALTER TABLE selection_draw DROP CONSTRAINT selection_draw_of_ceremony;
ALTER TABLE selection_draw DROP COLUMN ceremony_id;
""" + "".join(f"ALTER TABLE selection_draw ALTER COLUMN {name} SET NOT NULL;\n" for name in MOVED)


class Migration(migrations.Migration):
    dependencies = [
        ("selection", "0001_initial"),
        ("draws", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(REFUSE_OLD_DRAWS, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(REFERENCES, NO_REFERENCES)],
            state_operations=[
                *(migrations.RemoveField(model_name="drawrecord", name=name) for name in MOVED),
                migrations.AddField(
                    model_name="drawrecord",
                    name="ceremony_id",
                    field=models.UUIDField(),
                    preserve_default=False,
                ),
            ],
        ),
    ]
