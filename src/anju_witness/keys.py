"""The witness's key: Ed25519, with SM2 beside it. Made once, on its own machine, never moved."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import gmssl_fast
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anju_rules.notes import KeyKind, NoteKey, join_note
from anju_rules.values import Refusal
from anju_rules.witnessing import (
    Witness,
    WitnessPolicy,
    cosigned_message,
    join_time,
    judge_cosignatures,
)

_SM2_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """What a witness signs with; nothing secret shows in logs."""

    name: str
    seed: bytes = field(repr=False)
    """32 bytes, Ed25519."""
    private: bytes = field(repr=False)
    """32 bytes, SM2."""
    public: bytes
    """65 bytes, SM2."""

    @property
    def public_keys(self) -> tuple[NoteKey, NoteKey]:
        """The two keys as a policy lists them."""
        ed25519 = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return (
            NoteKey(self.name, KeyKind.ED25519_COSIGN, ed25519),
            NoteKey(self.name, KeyKind.SM2_COSIGN, self.public),
        )

    @property
    def witness(self) -> Witness:
        """This witness as a policy has it."""
        return Witness(self.name, self.public_keys)

    def cosign(self, text: str, *, seconds: int) -> str:
        """Sign a head's text at a time; gives the lines, read back before anybody sees them.

        Refuses with ``witness.key-broken`` lines that do not verify: a faulty machine signs none.
        """
        message = cosigned_message(text, seconds=seconds)
        ed25519, sm2 = self.public_keys
        signatures = (
            (ed25519, Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)),
            (sm2, gmssl_fast.SM2(private_key=self.private.hex()).sign(message)),
        )
        note = join_note(
            text, [(key, join_time(told, seconds=seconds)) for key, told in signatures]
        )
        if not has_cosigned(self, note):
            raise Refusal("witness.key-broken", name=self.name)
        return note.removeprefix(f"{text}\n")

    def write(self) -> str:
        """Write the key as its file."""
        told = {
            "name": self.name,
            "seed": self.seed.hex(),
            "private": self.private.hex(),
            "public": self.public.hex(),
        }
        return json.dumps(told, indent=1) + "\n"


def new_key(name: str) -> WitnessKey:
    """Make a fresh key, and see that it signs."""
    pair = gmssl_fast.SM2.generate()
    key = WitnessKey(
        name=name,
        seed=Ed25519PrivateKey.generate().private_bytes_raw(),
        private=bytes.fromhex(str(pair.private_key_hex)),
        public=bytes.fromhex(str(pair.public_key_hex)),
    )
    key.cosign("self-test\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", seconds=1)
    return key


def read_key_file(text: str) -> WitnessKey:
    """Read a key's file; refuses with ``witness.key-unreadable``."""
    try:
        told = json.loads(text)
        parts = (bytes.fromhex(told[part]) for part in ("seed", "private", "public"))
        return WitnessKey(str(told["name"]), *parts)
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("witness.key-unreadable") from error


def has_cosigned(key: WitnessKey, note: str) -> bool:
    """Whether this very key cosigned the note."""
    policy = WitnessPolicy(1, (key.witness,))
    return judge_cosignatures(note, policy=policy, is_signed=is_signed).is_quorum


def is_signed(key: NoteKey, message: bytes, signature: bytes) -> bool:
    """Whether the key's signature over the message holds; malformed input is false."""
    if not key.kind.is_sm2:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True
    if len(signature) != _SM2_SIGNATURE_BYTES:
        return False
    try:
        return bool(gmssl_fast.SM2(public_key=key.public[1:].hex()).verify(message, signature))
    except (gmssl_fast.GmsslError, gmssl_fast.GmsslValueError):
        return False
