"""Nothing in the database's catalogue leads round row-level security (T-25)."""

from __future__ import annotations

import psycopg
import pytest

from tests.architecture.catalogue import RULES, catalogue_findings
from tests.support.databases import Database

PLANTED = {
    "view-as-owner": "CREATE VIEW planted AS SELECT * FROM access_account",
    "definer-without-search-path": (
        "CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"
    ),
    "definer-for-everybody": (
        "CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER"
        " SET search_path = public, pg_temp AS 'SELECT 1'"
    ),
    "sealed-without-force": "ALTER TABLE access_account NO FORCE ROW LEVEL SECURITY",
    "secured-without-force": (
        "CREATE TABLE planted (id int); ALTER TABLE planted ENABLE ROW LEVEL SECURITY"
    ),
    "policy-without-context": "CREATE POLICY planted ON access_account USING (true)",
    "personal-data-in-plain": "CREATE TABLE planted (phone text)",
    "unique-on-plain-text": "CREATE UNIQUE INDEX planted ON access_account (role)",
    "service-role-owns": "CREATE TABLE planted (id int); ALTER TABLE planted OWNER TO anju_app",
    "role-above-policies": "ALTER ROLE anju_app BYPASSRLS",
    "role-in-a-role": "GRANT anju_owner TO anju_app",
    "right-of-everybody": "GRANT SELECT ON access_account TO PUBLIC",
    "right-past-policies": "GRANT TRUNCATE ON access_account TO anju_app",
}


@pytest.mark.req("SEC-3")
@pytest.mark.threat("T-25")
def test_the_catalogue_holds_no_way_round_the_policies(database: Database) -> None:
    with psycopg.connect(database.superuser_url) as all_seeing:
        assert catalogue_findings(all_seeing) == []


@pytest.mark.threat("T-25")
def test_control_every_planted_way_round_is_found(database: Database) -> None:
    assert PLANTED.keys() == RULES.keys()
    with psycopg.connect(database.superuser_url) as all_seeing:
        for name, statement in PLANTED.items():
            all_seeing.execute(statement.encode())
            found = catalogue_findings(all_seeing)
            assert [finding for finding in found if finding.startswith(f"{name}: ")], name
            all_seeing.rollback()
        assert catalogue_findings(all_seeing) == []
