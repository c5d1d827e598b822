"""Writing an entry: in the transaction of what it records, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.backends.utils import CursorWrapper

from anju.foundation.core.crypto import new_id, new_salt
from anju.foundation.core.sealing import FieldPlace, PlainField, seal_fields
from anju.foundation.ledger.types import Act, EntryReceipt
from anju_rules.hashing import canonical
from anju_rules.ledger import commit_stored_body, hash_stored_entry, shape_header
from anju_rules.values import Refusal

SYSTEM_SUBJECT = UUID("00000000-0000-4000-8000-000000000001")
"""Whose data key seals what is about no household: the installation itself."""
_CITIZENS = frozenset({"", "household"})

# One statement, one journey: the inbox row follows by trigger, so no caller can forget it.
_SECRETS = "INSERT INTO ledger_secret (event_id, subject_id, salt, body) VALUES "
_EVENTS = (
    "INSERT INTO ledger_event (id, at, actor, actor_role, address, action, target, outcome,"
    " clauses, level, request_id, header, commit, leaf) VALUES "
)
_SECRET_COLUMNS, _EVENT_COLUMNS = 4, 14
_ENTRIES_A_STATEMENT = 500


def append_entry(*, act: Act) -> EntryReceipt:
    """Record ``act`` inside the caller's transaction, and give what proves it later.

    Refuses like :func:`append_entries`.
    """
    return append_entries(acts=[act])[0]


def append_entries(*, acts: Sequence[Act]) -> tuple[EntryReceipt, ...]:
    """Record ``acts`` inside the caller's transaction, an entry each, in their order.

    Gives what proves each of them later. Refuses with ``ledger.no-transaction`` outside one: a
    record that can stand without its act, or an act without its record, is none. Refuses with
    ``ledger.header-not-plain`` a header that could name a person, and with ``value.not-canonical``
    a body that has no one spelling.
    """
    connection = connections["default"]
    if not connection.in_atomic_block:
        raise Refusal("ledger.no-transaction", action=acts[0].action if acts else "")
    entries = [_entry_from(act) for act in acts]
    sealed = seal_fields(fields=[one.field for one in entries])
    with connection.cursor() as cursor:
        for start in range(0, len(entries), _ENTRIES_A_STATEMENT):
            part = slice(start, start + _ENTRIES_A_STATEMENT)
            _insert(cursor, list(zip(entries[part], sealed[part], strict=True)))
    return tuple(one.receipt for one in entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry that is ready but for its seal."""

    receipt: EntryReceipt
    field: PlainField
    told: tuple[Any, ...]
    """The columns of its event."""


def _entry_from(act: Act) -> _Entry:
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
    place = FieldPlace(act.subject_id or SYSTEM_SUBJECT, "ledger_secret", event_id, "body")
    return _Entry(
        receipt=EntryReceipt(event_id=event_id, leaf=leaf, salt=salt),
        field=PlainField(place=place, text=told.decode()),
        told=(
            *(event_id, act.at, act.actor_id, act.actor_role, str(header["address"])),
            *(act.action, act.target, act.outcome, list(act.clauses)),
            *(act.level, act.request_id, header_bytes, commit, leaf),
        ),
    )


def _insert(cursor: CursorWrapper, entries: Sequence[tuple[_Entry, bytes]]) -> None:
    secrets = [
        (one.receipt.event_id, one.field.place.subject_id, one.receipt.salt, sealed)
        for one, sealed in entries
    ]
    events = [one.told for one, _ in entries]
    cursor.execute(
        f"WITH secret AS ({_SECRETS}{_places(_SECRET_COLUMNS, len(secrets))})"
        f" {_EVENTS}{_places(_EVENT_COLUMNS, len(events))}",
        [value for row in (*secrets, *events) for value in row],
    )


def _places(columns: int, rows: int) -> str:
    row = "(" + ", ".join(["%s"] * columns) + ")"
    return ", ".join([row] * rows)
