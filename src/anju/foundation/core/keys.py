"""The keys of an installation: made at the first start, never in the database.

Three keys, each in a file of its own under ``home/keys`` that only its owner can read, or given by
the environment as hex (``ANJU_MASTER_KEY``, ``ANJU_INDEX_KEY``, ``ANJU_SECRET_KEY``), where a key
store puts them. The environment wins. Who loses the master key loses every sealed field; who
copies the database without it has copied none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anju.foundation.core.crypto import (
    SM4_KEY_BYTES,
    KeyPair,
    new_id,
    new_key_pair,
    new_secret,
)
from anju.foundation.core.files import write_private
from anju_rules.values import Refusal

INDEX_KEY_BYTES = 32
WEB_KEY_BYTES = 32
_OTHERS = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of an installation; none of them shows in logs."""

    master: bytes = field(repr=False)
    """16 bytes, SM4: wraps the data keys."""
    index: bytes = field(repr=False)
    """32 bytes, HMAC-SM3: the blind index."""
    web: bytes = field(repr=False)
    """32 bytes: signs cookies and forms."""


def read_keys(home: Path, variables: Mapping[str, str] | None = None) -> Keys:
    """Give the keys of the installation in ``home``, made now if there are none yet.

    ``variables`` stands in for ``os.environ``. Refuses with ``keys.malformed`` a key that is not
    hex of its length, and with ``keys.readable-by-others`` a file that others may read.
    """
    told = os.environ if variables is None else variables
    folder = home / "keys"
    return Keys(
        master=_read_key(folder, told, "ANJU_MASTER_KEY", "master", SM4_KEY_BYTES),
        index=_read_key(folder, told, "ANJU_INDEX_KEY", "index", INDEX_KEY_BYTES),
        web=_read_key(folder, told, "ANJU_SECRET_KEY", "web", WEB_KEY_BYTES),
    )


def _read_key(
    folder: Path, told: Mapping[str, str], variable: str, name: str, length: int
) -> bytes:
    if told.get(variable):
        return _key_from(told[variable], source=variable, length=length)
    file = folder / f"{name}.key"
    if not file.exists():
        _write_once(file, new_secret()[:length].hex())
    _refuse_readable(file)
    return _key_from(file.read_text(encoding="ascii"), source=str(file), length=length)


def read_key_pair(file: Path) -> KeyPair:
    """Give the SM2 key pair in ``file``, made now if there is none.

    Refuses with ``keys.pair-malformed`` or ``keys.readable-by-others``.
    """
    if not file.exists():
        pair = new_key_pair()
        _write_once(file, json.dumps({"public": pair.public.hex(), "private": pair.private.hex()}))
    _refuse_readable(file)
    try:
        told = json.loads(file.read_text(encoding="ascii"))
        return KeyPair(public=bytes.fromhex(told["public"]), private=bytes.fromhex(told["private"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("keys.pair-malformed", file=str(file)) from error


def _refuse_readable(file: Path) -> None:
    if file.stat().st_mode & _OTHERS:
        raise Refusal("keys.readable-by-others", file=str(file))


def _key_from(text: str, *, source: str, length: int) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError as error:
        raise Refusal("keys.malformed", source=source, expected=length) from error
    if len(key) != length:
        raise Refusal("keys.malformed", source=source, expected=length)
    return key


def _write_once(file: Path, text: str) -> None:
    """Write a fresh key; of two processes that start at once, the first one's stays."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}-{new_id()}")
    write_private(fresh, text + "\n")
    try:
        # A hard link is refused where the name is taken: nobody's key is ever overwritten.
        os.link(fresh, file)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
