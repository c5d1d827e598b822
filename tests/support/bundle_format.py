"""The bytes a bundle is made of: encoding, digest, tree and path, written out a second time.

Nothing of Anju is used (docs/algorithms/bundle.md).
"""

from __future__ import annotations

import hashlib
import json


def sm3(data: bytes) -> bytes:
    """Digest with SM3."""
    return hashlib.new("sm3", data).digest()


def enc(*parts: str | int | bytes) -> bytes:
    """Give each part a 4-byte length and join them."""
    raw = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in raw)


def canonical(value: object) -> bytes:
    """Write canonical JSON; names here are ASCII, so plain sorting is the right order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def root_of(leaves: list[bytes]) -> bytes:
    """Give the RFC 9162 root by its recursive definition."""
    if not leaves:
        return sm3(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sm3(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:]))


def path_of(leaves: list[bytes], index: int) -> list[str]:
    """Give the inclusion path by its recursive definition (RFC 9162, 2.1.3.1)."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path_of(leaves[:split], index), root_of(leaves[split:]).hex()]
    return [*path_of(leaves[split:], index - split), root_of(leaves[:split]).hex()]
