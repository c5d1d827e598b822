"""The issuing keys of an installation: SM2 for the record, and one that PDF readers know.

Made at their first use, in files that only their owner can read, beside the log's key. Verifiers
are told the public halves; a certificate that names a key proves nothing by it.
"""

from __future__ import annotations

from pathlib import Path

from anju.foundation.core.crypto import KeyPair, tested_provider
from anju.foundation.core.keys import read_key_pair


def read_issuing_key(home: Path) -> KeyPair:
    """Give the SM2 key that certificates are signed with, made now if there is none.

    Refuses with ``keys.pair-malformed`` and ``keys.readable-by-others``.
    """
    return read_key_pair(home / "keys" / "certificates.key")


def sign_message(message: bytes, *, home: Path) -> tuple[bytes, bytes]:
    """Sign with the issuing key; gives its public half (65 bytes) and the signature (64)."""
    pair = read_issuing_key(home)
    signature = tested_provider().sm2_sign(private_key=pair.private, message=message)
    return pair.public, signature


def is_held(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a public key's SM2 signature over a message holds; malformed input is false."""
    return tested_provider().sm2_verify(public_key=public, message=message, signature=signature)
