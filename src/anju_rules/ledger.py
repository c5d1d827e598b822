"""What an entry of the ledger is, and how the state of the log is written down.

An entry's header is public and holds no personal data; its body is bound by a salted commitment, so
that the body can be erased and every proof still verifies. Nothing here reads a clock or a table.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from anju_rules.hashing import DIGEST_BYTES, canonical, digest, encode
from anju_rules.values import Refusal

PUBLIC_SALT = bytes(16)
"""The salt of a body that is published whole: there is nothing to hide."""
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log at one size."""

    origin: str
    size: int
    root: bytes


def commit_body(*, salt: bytes, body: Mapping[str, object]) -> bytes:
    """Bind an entry's body: ``SM3(enc("anju-ledger-1/body", salt, canonical body))``."""
    return digest(encode("anju-ledger-1/body", salt, canonical(dict(body))))


def hash_entry(*, header: Mapping[str, object], commitment: bytes) -> bytes:
    """Give an entry's leaf: ``SM3(0x00 | enc("anju-ledger-1/leaf", canonical header, commit))``."""
    return digest(b"\x00" + encode("anju-ledger-1/leaf", canonical(dict(header)), commitment))


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
