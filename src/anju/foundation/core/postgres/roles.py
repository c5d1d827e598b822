"""The three roles and the rights of a database: who may do what, before any table exists.

``anju_owner`` owns database and schema and runs migrations; ``anju_app`` reads and writes rows, and
owns nothing; ``anju_ledger`` gets no more than the ledger's migrations give it. None is a
superuser, none passes by row security.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier, Literal

from anju.foundation.core.postgres.record import APPLICATION, LEDGER, OWNER, ROLES

_BARE = SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION PASSWORD {}")
_RIGHTS = (
    SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
    SQL("GRANT USAGE ON SCHEMA public TO {app}, {ledger}"),
    SQL(
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}"
    ),
    SQL(
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT USAGE ON SEQUENCES TO {app}"
    ),
)


def prepare_database(*, admin_url: str, database: str, passwords: Mapping[str, str]) -> None:
    """Make the roles and ``database``, and set their rights; a second call changes nothing.

    Args:
        admin_url: a superuser's address, to any database of the server.
        database: the name of the database.
        passwords: by role.

    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role in ROLES:
            _set_role(connection, role=role, password=passwords[role])
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if found is None:
            connection.execute(
                SQL("CREATE DATABASE {} OWNER {}").format(Identifier(database), Identifier(OWNER))
            )
        admit_roles(connection, database=database)
    with psycopg.connect(make_conninfo(admin_url, dbname=database), autocommit=True) as connection:
        for right in _RIGHTS:
            connection.execute(right.format(**_names()))


def admit_roles(connection: psycopg.Connection, *, database: str) -> None:
    """Let the three roles, and no other, connect to ``database``; a copy of one needs it anew."""
    name = Identifier(database)
    # TEMPORARY goes too: a temporary table must not stand before one that a function reads.
    connection.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(
        SQL("GRANT CONNECT ON DATABASE {database} TO {owner}, {app}, {ledger}").format(
            database=name, **_names()
        )
    )


def _set_role(connection: psycopg.Connection, *, role: str, password: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = SQL("CREATE ROLE {}") if found is None else SQL("ALTER ROLE {}")
    # Only the digest travels: a password in a statement could end in the server's log.
    secret = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        SQL(" ").join([verb.format(Identifier(role)), _BARE.format(Literal(secret))])
    )


def _names() -> dict[str, Identifier]:
    return {
        "owner": Identifier(OWNER),
        "app": Identifier(APPLICATION),
        "ledger": Identifier(LEDGER),
    }
