"""Writing an entry: in the transaction of what it records, or not at all."""

from __future__ import annotations

from uuid import UUID

from django.db import connections

from anju.foundation.core.crypto import new_id, new_salt
from anju.foundation.core.sealing import seal_field
from anju.foundation.ledger.types import Act, EntryReceipt
from anju_rules.hashing import canonical
from anju_rules.ledger import commit_stored_body, hash_stored_entry, shape_header
from anju_rules.values import Refusal

SYSTEM_SUBJECT = UUID("00000000-0000-4000-8000-000000000001")
"""Whose data key seals what is about no household: the installation itself."""
_CITIZENS = frozenset({"", "household"})

# One statement, one journey: the inbox row follows by trigger, so no caller can forget it.
_INSERT = """
WITH secret AS (
    INSERT INTO ledger_secret (event_id, subject_id, salt, body) VALUES (%s, %s, %s, %s)
)
INSERT INTO ledger_event (id, at, actor, actor_role, address, action, target, outcome, clauses,
                          level, request_id, header, commit, leaf)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def append_entry(*, act: Act) -> EntryReceipt:
    """Record ``act`` inside the caller's transaction, and give what proves it later.

    Refuses with ``ledger.no-transaction`` outside one: a record that can stand without its act, or
    an act without its record, is none. Refuses with ``ledger.header-not-plain`` a header that could
    name a person, and with ``value.not-canonical`` a body that has no one spelling.
    """
    connection = connections["default"]
    if not connection.in_atomic_block:
        raise Refusal("ledger.no-transaction", action=act.action)
    is_citizen = act.actor_role in _CITIZENS
    event_id = new_id()
    header = shape_header(
        event_id=str(event_id),
        at=act.at,
        actor="" if act.actor_id is None else str(act.actor_id),
        role=act.actor_role,
        address="" if is_citizen else act.address,
        action=act.action,
        target=act.target,
        outcome=act.outcome,
        clauses=act.clauses,
        level=act.level,
        request_id=act.request_id,
    )
    body = dict(act.body)
    if is_citizen and act.address:
        body["address"] = act.address
    salt, told, header_bytes = new_salt(), canonical(body), canonical(header)
    commit = commit_stored_body(salt=salt, body=told)
    leaf = hash_stored_entry(header=header_bytes, commitment=commit)
    subject_id = act.subject_id or SYSTEM_SUBJECT
    sealed = seal_field(
        subject_id=subject_id,
        table="ledger_secret",
        row_id=event_id,
        column="body",
        text=told.decode(),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                *(event_id, subject_id, salt, sealed),
                *(event_id, act.at, act.actor_id, act.actor_role, str(header["address"])),
                *(act.action, act.target, act.outcome, list(act.clauses)),
                *(act.level, act.request_id, header_bytes, commit, leaf),
            ],
        )
    return EntryReceipt(event_id=event_id, leaf=leaf, salt=salt)
