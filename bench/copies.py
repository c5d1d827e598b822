"""Copies of rows, made inside the database: many cases from a few that went through the operations.

They stand in no ledger; what is measured on them is reading.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg.sql import SQL, Composable, Identifier


def copy_rows(
    admin: psycopg.Connection, table: str, *, key: str, changed: Mapping[str, Composable]
) -> None:
    """Copy the templates' rows of one table for every line of the temporary table ``copies``.

    A line (``p``) names in ``template`` the row (``o``) it copies, by the column ``key``;
    ``changed`` says which columns differ from it, and how.
    """
    names = [
        str(name)
        for (name,) in admin.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        ).fetchall()
    ]
    values = [changed.get(name, SQL("o.{}").format(Identifier(name))) for name in names]
    admin.execute(
        SQL(
            "INSERT INTO {table} ({names}) SELECT {values}"
            " FROM copies p JOIN {table} o ON o.{key} = p.template"
        ).format(
            table=Identifier(table),
            names=SQL(", ").join(map(Identifier, names)),
            values=SQL(", ").join(values),
            key=Identifier(key),
        )
    )
