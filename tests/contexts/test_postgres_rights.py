"""Who may do what in a database, before any table says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.roles import prepare_database
from tests.support.databases import Database, empty_folder, installed_versions

VERSIONS = installed_versions()
ROLES = ("anju_owner", "anju_app", "anju_ledger")


@pytest.fixture(scope="module", params=VERSIONS)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Serve a cluster whose database has one table of the owner's, once for this file."""
    with empty_folder() as empty:
        made = Cluster(empty / "postgres", binaries=VERSIONS[request.param], is_durable=False)
        made.start()
        with psycopg.connect(made.url("anju_owner")) as connection:
            connection.execute("CREATE TABLE things (id bigserial, said text)")
        yield made


def is_refused(url: str, statement: str) -> bool:
    """Whether ``statement`` fails for want of rights; it is rolled back if it does not."""
    with psycopg.connect(url) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
        finally:
            connection.rollback()
    return False


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_a_superuser_or_passes_by_row_security(cluster: Cluster, role: str) -> None:
    with psycopg.connect(cluster.url(role)) as connection:
        flags = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        others = connection.execute(
            "SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole"
        ).fetchone()
    assert flags == (False,) * 5
    assert others == (0,)


def test_the_application_writes_rows_and_makes_nothing(cluster: Cluster) -> None:
    url = cluster.url("anju_app")
    assert not is_refused(url, "INSERT INTO things (said) VALUES ('a')")
    assert not is_refused(url, "UPDATE things SET said = 'b'")
    assert not is_refused(url, "DELETE FROM things")
    assert is_refused(url, "TRUNCATE things")
    assert is_refused(url, "ALTER TABLE things ADD COLUMN more text")
    assert is_refused(url, "DROP TABLE things")
    assert is_refused(url, "CREATE TABLE more ()")
    assert is_refused(url, "CREATE TEMPORARY TABLE things ()")
    assert is_refused(url, "SET ROLE anju_owner")
    assert is_refused(url, "SELECT pg_read_file('/etc/passwd')")


def test_the_ledgers_role_sees_no_table_it_was_not_given(cluster: Cluster) -> None:
    url = cluster.url("anju_ledger")
    assert is_refused(url, "SELECT * FROM things")
    assert is_refused(url, "INSERT INTO things (said) VALUES ('a')")
    assert is_refused(url, "CREATE TABLE more ()")
    assert not is_refused(url, "SELECT 1")


def test_a_fourth_role_does_not_get_in(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS stranger")
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'known'")
    url = cluster.url("anju_app")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url, user="stranger", password="known")  # noqa: S106


def test_preparing_again_changes_nothing_but_a_password(cluster: Cluster) -> None:
    def rights() -> object:
        with psycopg.connect(cluster.url("postgres")) as connection:
            return connection.execute(
                "SELECT (SELECT array_agg(datacl::text ORDER BY datname) FROM pg_database),"
                " (SELECT array_agg(nspacl::text ORDER BY nspname) FROM pg_namespace"
                "  WHERE nspname = 'public'),"
                " (SELECT array_agg(defaclacl::text ORDER BY oid) FROM pg_default_acl)"
            ).fetchone()

    before = rights()
    changed = dict(cluster.record.passwords) | {"anju_app": "turned"}
    prepare_database(
        admin_url=cluster.url("postgres", "postgres"), database="anju", passwords=changed
    )
    assert rights() == before
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url("anju_app"))
    with psycopg.connect(cluster.url("anju_app"), password="turned"):  # noqa: S106
        pass
    cluster.start()  # sets what the record says
    with psycopg.connect(cluster.url("anju_app")):
        pass


def test_passwords_do_not_reach_the_server_in_clear(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres")) as connection:
        kept = connection.execute("SELECT rolname, rolpassword FROM pg_authid").fetchall()
    assert all(secret.startswith("SCRAM-SHA-256$") for _, secret in kept if secret)
    log = cluster.record.log.read_text(encoding="utf-8")
    assert not [word for word in cluster.record.passwords.values() if word in log]


def test_django_reaches_the_tests_own_database_with_three_roles(database: Database) -> None:
    for alias, role in zip(("owner", "default", "ledger"), ROLES, strict=True):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_database(), current_user")
            assert cursor.fetchone() == (database.name, role)


def test_a_test_starts_with_a_database_that_no_other_wrote_to(database: Database) -> None:
    with database.connect("anju_owner") as connection:
        connection.execute("CREATE TABLE mine ()")  # fails if a copy were shared


test_so_does_the_next = test_a_test_starts_with_a_database_that_no_other_wrote_to


def test_threads_have_connections_of_their_own(database: Database) -> None:
    def ask() -> int:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    asked = database.in_threads([ask] * 4)
    assert len(set(asked)) == 4
    assert all(isinstance(number, int) for number in asked)


def test_what_fails_in_a_thread_is_given_to_the_test(database: Database) -> None:
    def fail() -> int:
        raise ZeroDivisionError

    (outcome,) = database.in_threads([fail])
    assert isinstance(outcome, ZeroDivisionError)


@pytest.mark.usefixtures("database")
def test_migrations_run_as_the_owner_who_gives_up_waiting_early() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
        )
        assert cursor.fetchone() == ("4s", "5s")
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchall() == [("anju_owner",)]
