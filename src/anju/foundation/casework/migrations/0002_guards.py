"""What the database itself refuses of casework, whoever writes."""

from __future__ import annotations

from django.db import migrations

from anju.foundation.core.schema import SEES_HOUSEHOLD, force_row_security
from anju.foundation.ledger.schema import keep_complete

OF_CASE = ("action", "task", "clock", "pause", "material", "alert")
SECURED = ("case", *OF_CASE)
KEPT = (*SECURED, "procedure", "holiday_notice", "series")

REFERENCES = (
    "".join(
        f"ALTER TABLE casework_{table} ADD CONSTRAINT casework_{table}_of_case"
        " FOREIGN KEY (project_id, case_id) REFERENCES casework_case (project_id, id);\n"
        for table in OF_CASE
    )
    # The queue of an open case is one of its tasks: looked for at commit.
    + """
ALTER TABLE casework_case ADD CONSTRAINT casework_case_waits_in_task
  FOREIGN KEY (project_id, id, first_task) REFERENCES casework_task (project_id, case_id, place)
  DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_case ADD CONSTRAINT casework_case_of_procedure
  FOREIGN KEY (procedure_id) REFERENCES casework_procedure (id);
-- One open case of a procedure for the same thing and family.
CREATE UNIQUE INDEX casework_case_open_once
  ON casework_case (project_id, procedure_id, subject_id, household_id) NULLS NOT DISTINCT
  WHERE first_task IS NOT NULL;
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE casework_pause ADD CONSTRAINT casework_pause_no_overlap EXCLUDE USING gist (
  project_id WITH =, case_id WITH =, daterange(began_on, ended_on, '[)') WITH &&);
"""
)
NO_REFERENCES = """
ALTER TABLE casework_pause DROP CONSTRAINT casework_pause_no_overlap;
DROP INDEX casework_case_open_once;
ALTER TABLE casework_case DROP CONSTRAINT casework_case_of_procedure;
ALTER TABLE casework_case DROP CONSTRAINT casework_case_waits_in_task;
""" + "".join(
    f"ALTER TABLE casework_{table} DROP CONSTRAINT casework_{table}_of_case;\n" for table in OF_CASE
)

GUARDS = """
CREATE FUNCTION casework_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'casework.% is kept as it stands', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER casework_action_kept BEFORE UPDATE OR DELETE ON casework_action
  FOR EACH ROW EXECUTE FUNCTION casework_refuse();
CREATE TRIGGER casework_action_kept_whole BEFORE TRUNCATE ON casework_action
  FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse();
CREATE TRIGGER casework_procedure_kept BEFORE UPDATE OR DELETE ON casework_procedure
  FOR EACH ROW EXECUTE FUNCTION casework_refuse();
CREATE TRIGGER casework_alert_kept BEFORE UPDATE OR DELETE ON casework_alert
  FOR EACH ROW EXECUTE FUNCTION casework_refuse();

CREATE FUNCTION casework_keep_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
    OR (NEW.project_id, NEW.id, NEW.year, NEW.serial, NEW.number, NEW.procedure_id,
      NEW.subject_kind, NEW.subject_id, NEW.household_id, NEW.division, NEW.opened_at)
      IS DISTINCT FROM (OLD.project_id, OLD.id, OLD.year, OLD.serial, OLD.number,
      OLD.procedure_id, OLD.subject_kind, OLD.subject_id, OLD.household_id, OLD.division,
      OLD.opened_at)
  THEN
    RAISE EXCEPTION 'casework.case keeps what it was opened with'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER casework_case_keeps_opening BEFORE UPDATE OR DELETE ON casework_case
  FOR EACH ROW EXECUTE FUNCTION casework_keep_opening();
ALTER TABLE casework_action ENABLE ALWAYS TRIGGER casework_action_kept;
ALTER TABLE casework_action ENABLE ALWAYS TRIGGER casework_action_kept_whole;
ALTER TABLE casework_procedure ENABLE ALWAYS TRIGGER casework_procedure_kept;
"""
NO_GUARDS = "DROP FUNCTION casework_refuse(), casework_keep_opening() CASCADE;"

GRANTS = """
REVOKE UPDATE, DELETE ON casework_action, casework_procedure, casework_alert FROM anju_app;
REVOKE DELETE ON casework_case, casework_series, casework_holiday_notice FROM anju_app;
"""
NO_GRANTS = """
GRANT UPDATE, DELETE ON casework_action, casework_procedure, casework_alert TO anju_app;
GRANT DELETE ON casework_case, casework_series, casework_holiday_notice TO anju_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0001_initial"),
        ("ledger", "__first__"),
        ("core", "0001_tables"),
    ]

    operations = [
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        migrations.RunSQL(GRANTS, NO_GRANTS),
        *(keep_complete(f"casework_{table}") for table in KEPT),
        *(force_row_security(f"casework_{table}", using=SEES_HOUSEHOLD) for table in SECURED),
    ]
