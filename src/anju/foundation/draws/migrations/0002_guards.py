"""What the database itself refuses of the public draw, whoever writes."""

from __future__ import annotations

from django.db import migrations

from anju.foundation.ledger.schema import keep_complete

TABLES = (
    "ceremony",
    "party",
    "draw",
    "entry",
    "commitment",
    "failed_scan",
    "street_count",
    "beacon_part",
    "signature",
    "agreement",
    "amendment",
    "place",
    "event",
)
KEEP = TABLES
_OF_CEREMONY = tuple(table for table in TABLES if table != "ceremony")
_OF_DRAW = ("entry", "commitment", "failed_scan", "amendment", "place")
"""Tables whose rows belong to one draw of the ceremony as well."""

REFERENCES = "".join(
    f"ALTER TABLE draws_{table} ADD CONSTRAINT draws_{table}_of_ceremony"
    " FOREIGN KEY (project_id, ceremony_id) REFERENCES draws_ceremony (project_id, id);\n"
    for table in _OF_CEREMONY
) + "".join(
    f"ALTER TABLE draws_{table} ADD CONSTRAINT draws_{table}_of_draw"
    " FOREIGN KEY (project_id, draw_id) REFERENCES draws_draw (project_id, id);\n"
    for table in _OF_DRAW
)
NO_REFERENCES = "".join(
    f"ALTER TABLE draws_{table} DROP CONSTRAINT draws_{table}_of_draw;\n" for table in _OF_DRAW
) + "".join(
    f"ALTER TABLE draws_{table} DROP CONSTRAINT draws_{table}_of_ceremony;\n"
    for table in _OF_CEREMONY
)

# The last word on what may be written when: whoever writes, by whatever program. FOR SHARE makes a
# late writer wait for a freeze that is under way, and then see it.
GUARDS = """
CREATE FUNCTION draws_rank(step text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT array_position(ARRAY['opened', 'frozen', 'counted', 'committed', 'announced', 'beacon',
    'revealed', 'derived', 'agreed', 'published', 'locked'], step)
$$;

CREATE FUNCTION draws_step_of(project uuid, ceremony uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE standing text;
BEGIN
  SELECT step INTO standing FROM draws_ceremony
    WHERE project_id = project AND id = ceremony FOR SHARE;
  RETURN standing;
END $$;

CREATE FUNCTION draws_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'draws.% is kept as it stands', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION draws_only_at_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  standing text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    standing := draws_step_of(OLD.project_id, OLD.ceremony_id);
    IF standing IS DISTINCT FROM TG_ARGV[0] THEN
      RAISE EXCEPTION 'draws.wrong-step: % at %', TG_TABLE_NAME, standing
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    standing := draws_step_of(NEW.project_id, NEW.ceremony_id);
    IF standing IS DISTINCT FROM TG_ARGV[0] THEN
      RAISE EXCEPTION 'draws.wrong-step: % at %', TG_TABLE_NAME, standing
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  RETURN OLD;
END $$;

CREATE FUNCTION draws_ceremony_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.step <> 'opened' THEN
      RAISE EXCEPTION 'draws.wrong-step: a ceremony begins opened'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.step IN ('void', 'locked')
    OR (NEW.step = 'void' AND draws_rank(OLD.step) >= draws_rank('derived'))
    OR (NEW.step <> 'void' AND (draws_rank(NEW.step) IS NULL
      OR draws_rank(NEW.step) NOT IN (draws_rank(OLD.step), draws_rank(OLD.step) + 1)))
    OR (NEW.project_id, NEW.id, NEW.use, NEW.batch, NEW.sequence, NEW.scheme, NEW.opened_at)
      IS DISTINCT FROM
      (OLD.project_id, OLD.id, OLD.use, OLD.batch, OLD.sequence, OLD.scheme, OLD.opened_at)
    OR (OLD.step <> 'opened' AND (NEW.freeze_at, NEW.beacon_rule, NEW.redraw_rule, NEW.take)
      IS DISTINCT FROM (OLD.freeze_at, OLD.beacon_rule, OLD.redraw_rule, OLD.take))
    OR (draws_rank(OLD.step) >= draws_rank('announced')
      AND (NEW.beacon_at, NEW.announced_event_id)
        IS DISTINCT FROM (OLD.beacon_at, OLD.announced_event_id))
    OR (draws_rank(OLD.step) >= draws_rank('beacon')
      AND NEW.postponed_to IS DISTINCT FROM OLD.postponed_to)
    OR (OLD.result_digest <> '' AND NEW.result_digest <> OLD.result_digest)
  THEN
    RAISE EXCEPTION 'draws.ceremony goes forward only: % to %', OLD.step, NEW.step
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER draws_ceremony_forward BEFORE INSERT OR UPDATE ON draws_ceremony
  FOR EACH ROW EXECUTE FUNCTION draws_ceremony_forward();

CREATE FUNCTION draws_draw_forward() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  standing text;
BEGIN
  standing := draws_step_of(NEW.project_id, NEW.ceremony_id);
  IF (TG_OP = 'INSERT' AND (standing <> 'opened' OR NEW.announcement <> '' OR NEW.seed <> ''))
    OR (TG_OP = 'UPDATE' AND (
      (NEW.project_id, NEW.id, NEW.ceremony_id, NEW.position, NEW.draw_number, NEW.stratum)
        IS DISTINCT FROM
        (OLD.project_id, OLD.id, OLD.ceremony_id, OLD.position, OLD.draw_number, OLD.stratum)
      OR (standing <> 'opened' AND (NEW.size, NEW.disputed, NEW.root, NEW.disputed_root)
        IS DISTINCT FROM (OLD.size, OLD.disputed, OLD.root, OLD.disputed_root))
      OR (NEW.announcement <> OLD.announcement
        AND (OLD.announcement <> '' OR standing <> 'committed'))
      OR (NEW.seed <> OLD.seed AND (OLD.seed <> '' OR standing <> 'revealed'))))
  THEN
    RAISE EXCEPTION 'draws.wrong-step: draw % at %', NEW.draw_number, standing
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER draws_draw_forward BEFORE INSERT OR UPDATE ON draws_draw
  FOR EACH ROW EXECUTE FUNCTION draws_draw_forward();

CREATE FUNCTION draws_card_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  standing text;
BEGIN
  standing := draws_step_of(NEW.project_id, NEW.ceremony_id);
  IF standing IS DISTINCT FROM 'beacon'
    OR (NEW.project_id, NEW.draw_id, NEW.who, NEW.ceremony_id, NEW.commitment, NEW.entered_by,
      NEW.entered_at) IS DISTINCT FROM (OLD.project_id, OLD.draw_id, OLD.who, OLD.ceremony_id,
      OLD.commitment, OLD.entered_by, OLD.entered_at)
    OR OLD.secret <> ''
  THEN
    RAISE EXCEPTION 'draws.commitment is fixed (% at %)', NEW.who, standing
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER draws_card_fixed BEFORE UPDATE ON draws_commitment
  FOR EACH ROW EXECUTE FUNCTION draws_card_fixed();

CREATE TRIGGER draws_entry_frozen BEFORE INSERT OR UPDATE OR DELETE ON draws_entry
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('opened');
CREATE TRIGGER draws_party_fixed BEFORE INSERT ON draws_party
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('opened');
CREATE TRIGGER draws_street_count_step BEFORE INSERT ON draws_street_count
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('frozen');
CREATE TRIGGER draws_commitment_step BEFORE INSERT ON draws_commitment
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('counted');
CREATE TRIGGER draws_beacon_part_step BEFORE INSERT OR UPDATE OR DELETE ON draws_beacon_part
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('announced');
CREATE TRIGGER draws_failed_scan_step BEFORE INSERT ON draws_failed_scan
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('beacon');
CREATE TRIGGER draws_agreement_step BEFORE INSERT ON draws_agreement
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('derived');
CREATE TRIGGER draws_place_comes_with_derivation BEFORE INSERT ON draws_place
  FOR EACH ROW EXECUTE FUNCTION draws_only_at_step('revealed');
"""

_KEPT = (
    ("ceremony", "DELETE"),
    ("draw", "DELETE"),
    ("commitment", "DELETE"),
    ("amendment", "DELETE"),
    ("party", "UPDATE OR DELETE"),
    ("street_count", "UPDATE OR DELETE"),
    ("failed_scan", "UPDATE OR DELETE"),
    ("signature", "UPDATE OR DELETE"),
    ("agreement", "UPDATE OR DELETE"),
    ("place", "UPDATE OR DELETE"),
    ("event", "UPDATE OR DELETE"),
)
KEPT = "".join(
    f"CREATE TRIGGER draws_{table}_kept BEFORE {verbs} ON draws_{table}"
    " FOR EACH ROW EXECUTE FUNCTION draws_refuse();\n"
    for table, verbs in _KEPT
) + "".join(
    f"CREATE TRIGGER draws_{table}_kept_whole BEFORE TRUNCATE ON draws_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION draws_refuse();\n"
    for table in TABLES
)
# Not even a session that plays a replica may write past these.
ALWAYS = """
ALTER TABLE draws_entry ENABLE ALWAYS TRIGGER draws_entry_frozen;
ALTER TABLE draws_entry ENABLE ALWAYS TRIGGER draws_entry_kept_whole;
ALTER TABLE draws_place ENABLE ALWAYS TRIGGER draws_place_comes_with_derivation;
ALTER TABLE draws_place ENABLE ALWAYS TRIGGER draws_place_kept;
ALTER TABLE draws_ceremony ENABLE ALWAYS TRIGGER draws_ceremony_forward;
"""
NO_GUARDS = """
DROP FUNCTION draws_only_at_step(), draws_refuse(), draws_ceremony_forward(), draws_draw_forward(),
  draws_card_fixed() CASCADE;
DROP FUNCTION draws_step_of(uuid, uuid);
DROP FUNCTION draws_rank(text);
"""

# What happened is neither rewritten nor deleted.
GRANTS = """
REVOKE DELETE ON draws_ceremony, draws_draw, draws_commitment, draws_amendment FROM anju_app;
REVOKE UPDATE, DELETE ON draws_party, draws_street_count, draws_failed_scan, draws_signature,
  draws_agreement, draws_place, draws_event FROM anju_app;
"""
NO_GRANTS = """
GRANT DELETE ON draws_ceremony, draws_draw, draws_commitment, draws_amendment TO anju_app;
GRANT UPDATE, DELETE ON draws_party, draws_street_count, draws_failed_scan, draws_signature,
  draws_agreement, draws_place, draws_event TO anju_app;
"""


class Migration(migrations.Migration):
    dependencies = [("draws", "0001_initial")]

    operations = [
        migrations.RunSQL(REFERENCES, NO_REFERENCES),
        migrations.RunSQL(f"{GUARDS}{KEPT}{ALWAYS}", NO_GUARDS),
        migrations.RunSQL(GRANTS, NO_GRANTS),
        *(keep_complete(f"draws_{table}") for table in KEEP),
    ]
