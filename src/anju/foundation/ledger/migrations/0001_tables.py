"""The ledger's tables, rights and the trigger that keeps it complete (decision record 0013)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

EVENTS = """
CREATE TABLE ledger_event (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor uuid,
    actor_role text NOT NULL,
    address text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    outcome text NOT NULL,
    clauses text[] NOT NULL,
    level text NOT NULL,
    request_id text NOT NULL,
    header bytea NOT NULL,
    commit bytea NOT NULL CHECK (octet_length(commit) = 32),
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX ledger_event_target ON ledger_event (target, at);
CREATE INDEX ledger_event_actor ON ledger_event (actor, at);
CREATE TABLE ledger_event_default PARTITION OF ledger_event DEFAULT;

CREATE TABLE ledger_secret (
    event_id uuid PRIMARY KEY,
    subject_id uuid NOT NULL,
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    body bytea NOT NULL
);
CREATE INDEX ledger_secret_subject ON ledger_secret (subject_id);
"""

LOG = """
CREATE TABLE ledger_inbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    at timestamptz NOT NULL,
    leaf bytea NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX ledger_inbox_xact ON ledger_inbox (xact);

CREATE TABLE ledger_leaf (
    idx bigint CONSTRAINT ledger_leaf_idx PRIMARY KEY CHECK (idx >= 0),
    event_id uuid NOT NULL CONSTRAINT ledger_leaf_event_once UNIQUE,
    at timestamptz NOT NULL,
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32)
);
CREATE TABLE ledger_tile (
    level smallint NOT NULL,
    n bigint NOT NULL,
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, n)
);
CREATE TABLE ledger_checkpoint (
    size bigint CONSTRAINT ledger_checkpoint_size PRIMARY KEY,
    prev_size bigint NOT NULL CONSTRAINT ledger_checkpoint_prev_once UNIQUE,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    frontier bytea NOT NULL,
    at timestamptz NOT NULL,
    note text,
    CHECK (prev_size >= 0 AND size > prev_size)
);
"""

# One entry, one place in the queue: no caller can forget it, and none can queue what is no entry.
QUEUE = """
CREATE FUNCTION ledger_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO public.ledger_inbox (event_id, at, leaf) VALUES (NEW.id, NEW.at, NEW.leaf);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_event_queue AFTER INSERT ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_queue();
"""

# Rows of ledger_owed never outlive their transaction, so they need no write-ahead log.
# A temporary table of the same name must not stand in for ours: pg_temp is searched last.
COMPLETE = """
CREATE UNLOGGED TABLE ledger_owed (xact xid8 PRIMARY KEY);
CREATE FUNCTION ledger_owe() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM changed) THEN
        INSERT INTO public.ledger_owed (xact) VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.ledger_inbox WHERE xact = NEW.xact) THEN
        RAISE EXCEPTION 'ledger.change-without-entry'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'ledger_change_without_entry';
    END IF;
    DELETE FROM public.ledger_owed WHERE xact = NEW.xact;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_owed_settle AFTER INSERT ON ledger_owed
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_settle();
"""

# A month that already has rows in the default partition stays there: nothing is ever moved.
PARTITIONS = """
CREATE FUNCTION ledger_make_partitions(first date, months int) RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    month date;
    starts timestamptz;
    ends timestamptz;
    name text;
    made int := 0;
BEGIN
    FOR step IN 0 .. least(months, 120) - 1 LOOP
        month := (date_trunc('month', first) + make_interval(months => step))::date;
        starts := month::timestamp AT TIME ZONE 'UTC';
        ends := (month + interval '1 month') AT TIME ZONE 'UTC';
        name := 'ledger_event_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT 1 FROM public.ledger_event_default
                              WHERE at >= starts AND at < ends);
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.ledger_event '
                       'FOR VALUES FROM (%L) TO (%L)', name, starts, ends);
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, anju_app, anju_ledger', name);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
SELECT ledger_make_partitions(now()::date, 3);
"""

RIGHTS = """
REVOKE ALL ON ledger_event, ledger_event_default, ledger_secret, ledger_inbox, ledger_leaf,
    ledger_tile, ledger_checkpoint, ledger_owed FROM PUBLIC, anju_app, anju_ledger;
GRANT SELECT, INSERT ON ledger_event TO anju_app;
GRANT SELECT, INSERT, DELETE ON ledger_secret TO anju_app;
GRANT SELECT ON ledger_inbox, ledger_leaf, ledger_tile, ledger_checkpoint TO anju_app;
GRANT SELECT ON ledger_event TO anju_ledger;
GRANT SELECT, DELETE, UPDATE (seq) ON ledger_inbox TO anju_ledger;
GRANT SELECT, INSERT ON ledger_leaf, ledger_tile, ledger_checkpoint TO anju_ledger;
GRANT UPDATE (note) ON ledger_checkpoint TO anju_ledger;
REVOKE ALL ON FUNCTION ledger_make_partitions(date, int), ledger_queue(), ledger_owe(),
    ledger_settle() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_make_partitions(date, int) TO anju_ledger;
"""

DROP = """
DROP TABLE ledger_event, ledger_secret, ledger_inbox, ledger_leaf, ledger_tile, ledger_checkpoint,
    ledger_owed;
DROP FUNCTION ledger_make_partitions(date, int), ledger_queue(), ledger_owe(), ledger_settle();
"""


class Migration(migrations.Migration):
    """Make everything at once: a ledger without its rights or its trigger is none."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            sql=f"{EVENTS}{LOG}{QUEUE}{COMPLETE}{PARTITIONS}{RIGHTS}", reverse_sql=DROP
        )
    ]
