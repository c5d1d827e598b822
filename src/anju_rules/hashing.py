"""What every proof is made of: SM3, ``enc`` and canonical JSON.

``enc`` joins parts so that no two lists of parts give the same bytes: for each part a 4-byte
big-endian length and the part; text as UTF-8, numbers as ASCII decimal, digests as raw bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any

import rfc8785

from anju_rules import sm3_pure
from anju_rules.values import Refusal

DIGEST_BYTES = 32
Digest = Callable[[bytes], bytes]
DigestEach = Callable[[Iterable[bytes]], list[bytes]]
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


def _openssl_digests() -> tuple[Digest, DigestEach] | None:
    try:
        fresh = hashlib.new("sm3")
    except ValueError:
        return None
    # Copying a fresh state is twice as fast as looking the algorithm up again by its name.
    copy = fresh.copy

    def digest_one(data: bytes) -> bytes:
        state = copy()
        state.update(data)
        return state.digest()

    def digest_many(messages: Iterable[bytes]) -> list[bytes]:
        digests: list[bytes] = []
        keep = digests.append
        for message in messages:
            state = copy()
            state.update(message)
            keep(state.digest())
        return digests

    return digest_one, digest_many


def _own_digest_each(messages: Iterable[bytes]) -> list[bytes]:
    return [sm3_pure.digest(message) for message in messages]


digest: Digest
"""The SM3 digest of some bytes (GB/T 32905-2016): OpenSSL's, else our own."""
digest_each: DigestEach
"""The SM3 digest of each of many messages, in their order, without a call for each."""
digest, digest_each = _openssl_digests() or (sm3_pure.digest, _own_digest_each)


def encode(*parts: bytes | str | int) -> bytes:
    """Join ``parts`` unambiguously (``enc`` of the draw protocol).

    >>> encode("ab", 7).hex()
    '0000000261620000000137'
    """
    pieces: list[bytes] = []
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode()
        pieces += (len(raw).to_bytes(4, "big"), raw)
    return b"".join(pieces)


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Write a JSON value in its one canonical form (RFC 8785).

    Refuses with ``value.not-canonical`` what has no such form.

    >>> canonical({"b": 1, "a": "安"}).decode()
    '{"a":"安","b":1}'
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise Refusal("value.not-canonical", detail=str(error)) from error


def bytes_from_hex(text: str) -> bytes:
    """Read a digest or secret of 32 bytes in lower-case hex; every other spelling is refused.

    One spelling a value is what keeps independent verifiers equal.
    """
    if not isinstance(text, str) or _HEX_DIGEST.fullmatch(text) is None:
        raise Refusal("value.not-a-digest", value=str(text)[:80])
    return bytes.fromhex(text)
