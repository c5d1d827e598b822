"""What an entry of the ledger is, and how the state of the log is written down.

An entry's header is public and holds no personal data; its body is bound by a salted commitment, so
that the body can be erased and every proof still verifies. Nothing here reads a clock or a table.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from anju_rules.hashing import DIGEST_BYTES, canonical, digest, encode
from anju_rules.values import Refusal

PUBLIC_SALT = bytes(16)
"""The salt of a body that is published whole: there is nothing to hide."""
SCHEMA = "anju-ledger-1"
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_PLAIN = re.compile(r"[!-~]{0,200}")
_ACTION = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+")
_PERSONAL = re.compile(r"(?<![0-9A-Za-z])([0-9]{17}[0-9Xx]|1[3-9][0-9]{9})(?![0-9A-Za-z])")
"""What looks like an identity number or a mobile telephone."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log at one size."""

    origin: str
    size: int
    root: bytes


def commit_body(*, salt: bytes, body: Mapping[str, object]) -> bytes:
    """Bind an entry's body: ``SM3(enc("anju-ledger-1/body", salt, canonical body))``."""
    return commit_stored_body(salt=salt, body=canonical(dict(body)))


def commit_stored_body(*, salt: bytes, body: bytes) -> bytes:
    """Bind a body that is already in its canonical bytes."""
    return digest(encode("anju-ledger-1/body", salt, body))


def hash_entry(*, header: Mapping[str, object], commitment: bytes) -> bytes:
    """Give an entry's leaf: ``SM3(0x00 | enc("anju-ledger-1/leaf", canonical header, commit))``."""
    return hash_stored_entry(header=canonical(dict(header)), commitment=commitment)


def hash_stored_entry(*, header: bytes, commitment: bytes) -> bytes:
    """Give the leaf of an entry whose header is already in its canonical bytes."""
    return digest(b"\x00" + encode("anju-ledger-1/leaf", header, commitment))


def shape_header(
    *,
    event_id: str,
    at: datetime,
    actor: str,
    role: str,
    address: str,
    action: str,
    target: str,
    outcome: str,
    clauses: Sequence[str],
    level: str,
    request_id: str,
) -> dict[str, object]:
    """Give an entry's public header: who, when, from where, what, on what, with what outcome.

    A header outlives every erasure, so it must be unable to hold a person. Refuses with
    ``ledger.header-not-plain`` text that is not printable ASCII without spaces, a target that looks
    like an identity number or telephone, an action that is not dotted words, and a moment without
    its zone.
    """
    texts = {
        "role": role,
        "address": address,
        "target": target,
        "outcome": outcome,
        "level": level,
        "request_id": request_id,
    }
    for name, text in texts.items():
        if _PLAIN.fullmatch(text) is None or _PERSONAL.search(text):
            raise Refusal("ledger.header-not-plain", field=name)
    if _ACTION.fullmatch(action) is None:
        raise Refusal("ledger.header-not-plain", field="action")
    return {
        "schema": SCHEMA,
        "id": event_id,
        "at": write_moment(at),
        "actor": actor,
        "action": action,
        "clauses": list(clauses),
        **texts,
    }


def write_moment(at: datetime) -> str:
    """Write a moment in its one spelling: RFC 3339, UTC, microseconds.

    >>> write_moment(datetime(2026, 6, 1, 16, 0, tzinfo=UTC))
    '2026-06-01T16:00:00.000000Z'
    """
    if at.tzinfo is None:
        raise Refusal("ledger.header-not-plain", field="at")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def write_note(checkpoint: Checkpoint) -> str:
    """Write a checkpoint as the text that is signed: origin, size and root, a line each.

    >>> write_note(Checkpoint("anju/YS-2026", 3, bytes(32))).splitlines()[:2]
    ['anju/YS-2026', '3']
    """
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def read_note(text: str) -> Checkpoint:
    """Read a checkpoint's text; any other spelling is refused with ``ledger.note-malformed``."""
    lines = text.split("\n")
    malformed = Refusal("ledger.note-malformed")
    if len(lines) != 4 or lines[3] or not lines[0] or _SIZE.fullmatch(lines[1]) is None:
        raise malformed
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:
        raise malformed from error
    checkpoint = Checkpoint(lines[0], int(lines[1]), root)
    if len(root) != DIGEST_BYTES or write_note(checkpoint) != text:
        raise malformed
    return checkpoint
