from __future__ import annotations

from django.db import migrations, models

from anju.foundation.ledger.schema import keep_complete

TABLES = ("notices_notice", "notices_sighting", "notices_missed_day", "notices_objection")

# What a notice says is never swapped; what became of it is said once. The rest is only added to.
# At commit, whoever published inside an operation of another context must have tied its entry.
KEEP_WHAT_WAS_SHOWN = """
CREATE FUNCTION notices_keep_shown() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    later text[] := ARRAY['event_id', 'opens_entry', 'withdrawn_at', 'withdrawn_reason',
                          'withdrawn_event_id', 'closed_at', 'closed_event_id'];
BEGIN
    IF TG_OP = 'DELETE'
        OR (to_jsonb(NEW) - later) IS DISTINCT FROM (to_jsonb(OLD) - later)
        OR (OLD.event_id IS NOT NULL AND (NEW.event_id, NEW.opens_entry)
            IS DISTINCT FROM (OLD.event_id, OLD.opens_entry))
        OR (OLD.withdrawn_at IS NOT NULL
            AND (NEW.withdrawn_at, NEW.withdrawn_reason, NEW.withdrawn_event_id)
            IS DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_reason, OLD.withdrawn_event_id))
        OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at, NEW.closed_event_id)
            IS DISTINCT FROM (OLD.closed_at, OLD.closed_event_id)) THEN
        RAISE EXCEPTION 'notices.kept' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notices_keep_shown BEFORE UPDATE OR DELETE ON notices_notice
    FOR EACH ROW EXECUTE FUNCTION notices_keep_shown();

CREATE FUNCTION notices_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'notices.kept' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER notices_only_added BEFORE UPDATE OR DELETE ON notices_sighting
    FOR EACH ROW EXECUTE FUNCTION notices_only_added();
CREATE TRIGGER notices_only_added BEFORE UPDATE OR DELETE ON notices_missed_day
    FOR EACH ROW EXECUTE FUNCTION notices_only_added();
CREATE TRIGGER notices_only_added BEFORE UPDATE OR DELETE ON notices_objection
    FOR EACH ROW EXECUTE FUNCTION notices_only_added();

CREATE FUNCTION notices_has_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM notices_notice
               WHERE project_id = NEW.project_id AND id = NEW.id AND event_id IS NULL) THEN
        RAISE EXCEPTION 'notices.without-entry' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER notices_has_entry AFTER INSERT ON notices_notice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION notices_has_entry();
"""
FORGET_WHAT_WAS_SHOWN = """
DROP TRIGGER notices_has_entry ON notices_notice;
DROP TRIGGER notices_keep_shown ON notices_notice;
DROP TRIGGER notices_only_added ON notices_sighting;
DROP TRIGGER notices_only_added ON notices_missed_day;
DROP TRIGGER notices_only_added ON notices_objection;
DROP FUNCTION notices_has_entry();
DROP FUNCTION notices_keep_shown();
DROP FUNCTION notices_only_added();
"""


def belong_to_notice(table: str) -> migrations.RunSQL:
    """Tie the rows of a table to their notice."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_notice"
        " FOREIGN KEY (project_id, notice_id) REFERENCES notices_notice (project_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_of_notice",
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "__first__"), ("core", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="MissedDayRecord",
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
                ("notice_id", models.UUIDField()),
                ("missed_on", models.DateField()),
                ("due_on", models.DateField()),
                ("noted_at", models.DateTimeField()),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "notices_missed_day",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "notice_id", "missed_on"),
                        name="notices_missed_day_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeRecord",
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
                ("number", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=16)),
                ("document", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("subject_kind", models.CharField(max_length=32)),
                ("subject_id", models.UUIDField(null=True)),
                ("predecessor_id", models.UUIDField(null=True)),
                ("published_at", models.DateTimeField()),
                ("event_id", models.UUIDField(null=True)),
                ("opens_entry", models.BooleanField(default=False)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_reason", models.CharField(max_length=400)),
                ("withdrawn_event_id", models.UUIDField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_event_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "notices_notice",
                "indexes": [
                    models.Index(fields=["id"], name="notices_notice_by_id"),
                    models.Index(
                        fields=["project_id", "subject_kind", "subject_id"],
                        name="notices_notice_subject",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "number"), name="notices_notice_number_once"
                    ),
                    models.UniqueConstraint(
                        fields=("project_id", "predecessor_id"), name="notices_notice_one_successor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ("plan", "eligibility", "scores", "result", "other"))
                        ),
                        name="notices_notice_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at__isnull", True),
                            models.Q(
                                ("closed_at__isnull", True),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="notices_notice_withdrawn_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ObjectionRecord",
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
                ("notice_id", models.UUIDField()),
                ("lodged_at", models.DateTimeField()),
            ],
            options={
                "db_table": "notices_objection",
                "indexes": [
                    models.Index(
                        fields=["project_id", "notice_id"], name="notices_objection_notice"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SightingRecord",
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
                ("notice_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("seen_on", models.DateField()),
                ("fault", models.CharField(max_length=16)),
                ("address", models.CharField(max_length=400)),
                ("event_id", models.UUIDField()),
            ],
            options={
                "db_table": "notices_sighting",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "notice_id", "seen_on", "fault"),
                        name="notices_sighting_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fault__in", ("", "away", "missing", "differs", "unsigned"))
                        ),
                        name="notices_sighting_fault_known",
                    ),
                ],
            },
        ),
        *(keep_complete(table) for table in TABLES),
        *(belong_to_notice(table) for table in TABLES[1:]),
        migrations.RunSQL(
            "ALTER TABLE notices_notice ADD CONSTRAINT notices_notice_predecessor"
            " FOREIGN KEY (project_id, predecessor_id) REFERENCES notices_notice (project_id, id)",
            "ALTER TABLE notices_notice DROP CONSTRAINT notices_notice_predecessor",
        ),
        migrations.RunSQL(KEEP_WHAT_WAS_SHOWN, FORGET_WHAT_WAS_SHOWN),
    ]
