"""The log's key: SM2, with an Ed25519 seed beside it for readers whose tools know only that.

Made at the signer's first start, in a file only its owner can read. Verifiers pin the public lines
from a poster or a notice; nothing here hands a key to whoever checks this installation.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from anju.foundation.core.crypto import (
    KeyPair,
    ed25519_public,
    ed25519_sign,
    ed25519_verify,
    new_id,
    new_key_pair,
    new_secret,
    tested_provider,
)
from anju.foundation.core.files import write_private
from anju_rules.notes import KeyKind, NoteKey, name_log
from anju_rules.values import Refusal

_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class LogKey:
    """What the signer signs with; nothing secret shows in logs."""

    pair: KeyPair
    seed: bytes = field(repr=False)
    """32 bytes, Ed25519."""

    @property
    def origin(self) -> str:
        """The log's name; it follows from the SM2 key."""
        return name_log(self.pair.public)

    @property
    def public_keys(self) -> tuple[NoteKey, NoteKey]:
        """The SM2 and the Ed25519 key, as verifiers pin them."""
        return (
            NoteKey(self.origin, KeyKind.SM2, self.pair.public),
            NoteKey(self.origin, KeyKind.ED25519, ed25519_public(seed=self.seed)),
        )

    def sign(self, message: bytes) -> tuple[tuple[NoteKey, bytes], ...]:
        """Sign with both keys."""
        sm2, ed25519 = self.public_keys
        signature = tested_provider().sm2_sign(private_key=self.pair.private, message=message)
        return (sm2, signature), (ed25519, ed25519_sign(seed=self.seed, message=message))


def read_log_key(home: Path) -> LogKey:
    """Give the log's key of the installation in ``home``, made now if there is none.

    Refuses with ``ledger.key-malformed``, and with ``keys.readable-by-others``.
    """
    file = log_key_file(home)
    if not file.exists():
        _make_log_key(file)
    if file.stat().st_mode & _OTHERS:
        raise Refusal("keys.readable-by-others", file=str(file))
    try:
        told = json.loads(file.read_text(encoding="ascii"))
        pair = KeyPair(public=bytes.fromhex(told["public"]), private=bytes.fromhex(told["private"]))
        seed = bytes.fromhex(told["seed"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("ledger.key-malformed") from error
    return LogKey(pair, seed)


def log_key_file(home: Path) -> Path:
    """Say where the log's key lies."""
    return home / "keys" / "log.key"


def is_signed(key: NoteKey, message: bytes, signature: bytes) -> bool:
    """Whether the pinned key's signature over the message holds; malformed input is false."""
    if not key.kind.is_sm2:
        return ed25519_verify(public_key=key.public, message=message, signature=signature)
    return tested_provider().sm2_verify(public_key=key.public, message=message, signature=signature)


def _make_log_key(file: Path) -> None:
    """Write a fresh key; of two signers that start at once, the first one's stays."""
    pair = new_key_pair()
    told = {
        "public": pair.public.hex(),
        "private": pair.private.hex(),
        "seed": new_secret().hex(),
    }
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}-{new_id()}")
    write_private(fresh, json.dumps(told) + "\n")
    try:
        os.link(fresh, file)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
