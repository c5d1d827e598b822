"""What the database itself refuses of eligibility, and how applications meet across projects."""

from __future__ import annotations

from django.db import migrations

from anju.foundation.core.schema import SEES_HOUSEHOLD, SEES_PROJECT, force_row_security
from anju.foundation.ledger.schema import keep_complete

OF_HOUSEHOLD = ("statement", "mark", "review", "sheet", "published")
ADDED_TO_ALONE = ("statement", "sheet", "published", "take_over")
TABLES = (*OF_HOUSEHOLD, "objection", "take_over")

REFERENCES = "".join(
    f"ALTER TABLE eligibility_{table} ADD CONSTRAINT eligibility_{table}_of_household"
    " FOREIGN KEY (project_id, household_id) REFERENCES households_household (project_id, id);\n"
    for table in OF_HOUSEHOLD
)
NO_REFERENCES = "".join(
    f"ALTER TABLE eligibility_{table} DROP CONSTRAINT eligibility_{table}_of_household;\n"
    for table in OF_HOUSEHOLD
)

KEPT = """
CREATE FUNCTION eligibility_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'eligibility.% is kept as it stands', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER eligibility_{table}_kept BEFORE UPDATE OR DELETE ON eligibility_{table}"
    " FOR EACH ROW EXECUTE FUNCTION eligibility_only_added();\n"
    for table in ADDED_TO_ALONE
)
NOT_KEPT = "DROP FUNCTION eligibility_only_added() CASCADE;"

# The one look beyond one's own projects: which other applications of the city carry an index that
# this one carries, and how they stand. It tells no name and no number.
MEETS = """
CREATE FUNCTION eligibility_meets(own_project uuid, own_household uuid)
RETURNS TABLE (project_id uuid, household_id uuid, kind text, index bytea, standing text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE in_sight text := coalesce(current_setting('anju.projects', true), '');
BEGIN
  PERFORM set_config('anju.projects', '*', true);
  RETURN QUERY SELECT DISTINCT theirs.project_id, theirs.household_id, theirs.kind, theirs.index,
    coalesce(review.standing, 'open')
  FROM eligibility_mark own
  JOIN eligibility_mark theirs ON theirs.index = own.index
    AND (theirs.project_id, theirs.household_id) <> (own.project_id, own.household_id)
  LEFT JOIN LATERAL (
    SELECT one.standing FROM eligibility_review one
    WHERE (one.project_id, one.household_id) = (theirs.project_id, theirs.household_id)
    ORDER BY one.round DESC LIMIT 1) review ON true
  WHERE own.project_id = own_project AND own.household_id = own_household
  ORDER BY 1, 2, 3, 4;
  PERFORM set_config('anju.projects', in_sight, true);
END $$;
"""
MEETS_NOT = "DROP FUNCTION eligibility_meets(uuid, uuid);"

# Whoever objects names an entry by what everybody reads in the notice, its number.
SHOWN = """
CREATE FUNCTION eligibility_shown(own_project uuid, shown_in uuid, shown_as text)
RETURNS TABLE (case_id uuid, household_id uuid, step text, division text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE in_sight text := coalesce(current_setting('anju.projects', true), '');
BEGIN
  PERFORM set_config('anju.projects', '*', true);
  RETURN QUERY SELECT one.case_id, one.household_id, one.step, one.division
  FROM eligibility_published one
  WHERE (one.project_id, one.notice_id, one.number) = (own_project, shown_in, shown_as);
  PERFORM set_config('anju.projects', in_sight, true);
END $$;
"""
SHOWN_NOT = "DROP FUNCTION eligibility_shown(uuid, uuid, text);"


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0001_initial"),
        ("households", "__first__"),
        ("ledger", "__first__"),
        ("core", "0001_tables"),
    ]

    operations = [
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(KEPT, NOT_KEPT),
        *(keep_complete(f"eligibility_{table}") for table in TABLES),
        *(
            force_row_security(f"eligibility_{table}", using=SEES_HOUSEHOLD)
            for table in OF_HOUSEHOLD
        ),
        force_row_security("eligibility_objection", using=SEES_HOUSEHOLD),
        force_row_security("eligibility_take_over", using=SEES_PROJECT),
        migrations.RunSQL(MEETS, MEETS_NOT),
        migrations.RunSQL(SHOWN, SHOWN_NOT),
    ]
