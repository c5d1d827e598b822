"""Erasing a person from the ledger (PIPL article 47): bodies go, every proof stays.

What remains for ever is that an act of some kind took place at some time on some random id. The
two-person operation that calls this, and records ``ledger.body.redacted``, stands with the access
rules above.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connections

from anju.foundation.core.sealing import destroy_key
from anju_rules.values import Refusal


def erase_body(*, event_ids: Sequence[UUID]) -> int:
    """Delete salt and sealed body of some entries, in the caller's transaction; gives how many.

    Without the salt even an identity number cannot be guessed from its commitment.
    """
    return _delete("event_id = ANY (%s)", list(event_ids))


def erase_subject(*, subject_id: UUID) -> int:
    """Delete every body of a subject and destroy its data key, in the caller's transaction.

    Gives how many bodies went. The key's end also closes what backups still hold.
    """
    erased = _delete("subject_id = %s", subject_id)
    destroy_key(subject_id)
    return erased


def _delete(condition: str, value: UUID | list[UUID]) -> int:
    connection = connections["default"]
    if not connection.in_atomic_block:
        raise Refusal("ledger.no-transaction", action="ledger.body.redacted")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM ledger_secret WHERE {condition}", [value])  # noqa: S608 - ours
        return int(cursor.rowcount)
