"""The keys of the simulated departments: one each, made at the first start."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import gmssl_fast

from anju_rules.departments.messages import Signed, signing_bytes
from anju_rules.values import Refusal

_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class DepartmentKey:
    """What a department signs with."""

    public: bytes
    """65 bytes: ``04``, x, y."""
    private: bytes = field(repr=False)

    def sign(self, message: Mapping[str, object]) -> Signed:
        """Sign a message of the contract."""
        pair = gmssl_fast.SM2(private_key=self.private.hex())
        return Signed(message=message, signature=pair.sign(signing_bytes(message)))


def is_signed(signed: Signed, *, public: bytes) -> bool:
    """Whether the key's signature is over the message; malformed input is false."""
    if len(signed.signature) != _SIGNATURE_BYTES:
        return False
    try:
        key = gmssl_fast.SM2(public_key=public[1:].hex())
        return bool(key.verify(signing_bytes(signed.message), signed.signature))
    except (gmssl_fast.GmsslError, gmssl_fast.GmsslValueError):
        return False


def new_key() -> DepartmentKey:
    """Make a fresh key."""
    pair = gmssl_fast.SM2.generate()
    return DepartmentKey(
        bytes.fromhex(str(pair.public_key_hex)), bytes.fromhex(str(pair.private_key_hex))
    )


def keep_keys(file: Path, departments: Iterable[str]) -> Mapping[str, DepartmentKey]:
    """Give the departments' keys in ``file``, made now if there is none.

    Refuses with ``simulator.keys-malformed`` a file that is not whole.
    """
    codes = sorted(departments)
    if not file.exists():
        made = {code: new_key() for code in codes}
        told = {
            code: {"public": key.public.hex(), "private": key.private.hex()}
            for code, key in made.items()
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            json.dump(told, stream, indent=1)
    try:
        told = json.loads(file.read_text(encoding="ascii"))
        return {
            code: DepartmentKey(
                bytes.fromhex(told[code]["public"]), bytes.fromhex(told[code]["private"])
            )
            for code in codes
        }
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("simulator.keys-malformed", file=str(file)) from error
