"""What migrations of other contexts ask of the ledger."""

from __future__ import annotations

import re

from django.db.migrations.operations import RunSQL

_TABLE = re.compile(r"[a-z][a-z0-9_]{0,50}")


def keep_complete(table: str) -> RunSQL:
    """Refuse to commit a change of ``table`` without an entry of the same transaction.

    The change notes a debt; at commit the debt is refused with ``ledger.change-without-entry``
    unless the transaction wrote an entry. A statement that changes no row owes nothing.
    Raises ``ValueError`` for what is not the plain name of a table.
    """
    if _TABLE.fullmatch(table) is None:
        raise ValueError(table)
    kinds = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
    return RunSQL(
        sql=[
            f"CREATE TRIGGER {table}_owes_{kind} AFTER {kind.upper()} ON {table} "
            f"REFERENCING {rows} TABLE AS changed "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_owe()"
            for kind, rows in kinds
        ],
        reverse_sql=[f"DROP TRIGGER IF EXISTS {table}_owes_{kind} ON {table}" for kind, _ in kinds],
    )
