"""Ledgers for tests: acts to record, entries to place, a key to sign with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from django.db import migrations, transaction

from anju.foundation.core.crypto import new_id, new_key_pair, new_secret
from anju.foundation.ledger.keys import LogKey
from anju.foundation.ledger.operations import append_entry
from anju.foundation.ledger.schema import keep_complete
from anju.foundation.ledger.sequencing import drain_inbox
from anju.foundation.ledger.signing import Signer
from anju.foundation.ledger.types import Act, EntryReceipt
from anju_rules.log_audit import Policy
from tests.support.databases import Database

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@cache
def log_key() -> LogKey:
    """Give one key for the whole run."""
    return LogKey(new_key_pair(), new_secret())


def pinned() -> Policy:
    """Give the policy of an auditor who pins the key and nothing else."""
    return Policy(key=log_key().public_keys[0])


def act_of(
    number: int,
    *,
    body: Mapping[str, object] | None = None,
    role: str = "selection-officer",
    subject_id: UUID | None = None,
    target: str = "",
) -> Act:
    """Make the ``number``-th act."""
    return Act(
        action="selection.home.chosen",
        actor_id=new_id(),
        actor_role=role,
        address="10.0.0.7",
        target=target or str(new_id()),
        outcome="done",
        clauses=("plan/selection#3",),
        level="internal",
        request_id=f"request-{number}",
        at=NOW + timedelta(seconds=number),
        body={"number": number} if body is None else body,
        subject_id=subject_id,
    )


def append_acts(
    count: int, *, make: Callable[[int], Act] = act_of, a_transaction: int = 1
) -> list[EntryReceipt]:
    """Append acts, some to a transaction."""
    receipts: list[EntryReceipt] = []
    for start in range(0, count, a_transaction):
        with transaction.atomic():
            receipts += [
                append_entry(act=make(number))
                for number in range(start, min(count, start + a_transaction))
            ]
    return receipts


def place_all(*, most: int = 100) -> int:
    """Drain the inbox to the end; gives the size of the log."""
    size = 0
    while (drained := drain_inbox(at=NOW, most=most)).taken:
        size = drained.size
    return size


def make_signed_log(count: int, *, most: int = 100) -> list[EntryReceipt]:
    """Append, place and sign, a note a checkpoint."""
    receipts = append_acts(count, a_transaction=50)
    signer = Signer(log_key())
    while drain_inbox(at=NOW, most=most).taken:
        signer.sign_next()
    return receipts


def make_business_table(database: Database) -> None:
    """Make a table that must not change without an entry, as a context's migration does."""
    with database.connect("anju_owner") as connection:
        connection.execute("CREATE TABLE trial_choice (id int PRIMARY KEY, home text)")
        operation = keep_complete("trial_choice")
        assert isinstance(operation, migrations.RunSQL)
        for statement in operation.sql:
            connection.execute(str(statement))
