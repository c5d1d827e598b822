"""The signed note: a checkpoint's text with signature lines under it, one a key.

The form is that of the public logs (C2SP signed-note), so that their tools read ours: the text, an
empty line, then ``— <name> <base64 of key id and signature>``. Ed25519 is theirs (type 01); SM2 is
ours (type ff, ``anju-sm2``). A key says which log it signs: its name is the log's origin. A witness
signs with keys of other types, so that no line of a log passes for one of a witness.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from anju_rules.hashing import digest
from anju_rules.ledger import Checkpoint, read_note
from anju_rules.values import Refusal

_KEY_ID_BYTES = 4
_MOST_LINES = 100
_NAME = re.compile(r"[!-*,-~]{1,100}")
_HEX_POINT = re.compile(r"04[0-9a-f]{128}")


class KeyKind(StrEnum):
    """What a key signs with."""

    SM2 = "sm2"
    ED25519 = "ed25519"
    SM2_COSIGN = "sm2-cosign"
    ED25519_COSIGN = "ed25519-cosign"

    @property
    def is_cosigning(self) -> bool:
        """Whether it is a witness's: its signature has a time (:mod:`anju_rules.witnessing`)."""
        return self in {KeyKind.SM2_COSIGN, KeyKind.ED25519_COSIGN}

    @property
    def is_sm2(self) -> bool:
        """Whether it is on the national curve; else it is Ed25519."""
        return self in {KeyKind.SM2, KeyKind.SM2_COSIGN}


_TYPES = {
    KeyKind.SM2: b"\xffanju-sm2",
    KeyKind.ED25519: b"\x01",
    KeyKind.SM2_COSIGN: b"\xffanju-sm2-cosignature",
    KeyKind.ED25519_COSIGN: b"\x04",
}
_SM2_BYTES = 65
_ED25519_BYTES = 32

IsSigned = Callable[["NoteKey", bytes, bytes], bool]
"""Whether the key's signature (second bytes) over the message (first bytes) holds."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key, and the name its lines carry."""

    name: str
    kind: KeyKind
    public: bytes
    """SM2: 65 bytes, ``04`` x y. Ed25519: 32 bytes."""

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which a line names its key: a hint, never a proof."""
        named = self.name.encode() + b"\n" + _TYPES[self.kind] + self.public
        return hashlib.sha256(named).digest()[:_KEY_ID_BYTES]

    def write(self) -> str:
        """Write the key as one line to print or pin."""
        body = base64.b64encode(_TYPES[self.kind] + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{body}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line under a note."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note taken apart; nothing of it is believed yet."""

    text: str
    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]


def name_log(public: bytes) -> str:
    """Give the origin of the log that an SM2 key signs: it follows from the key.

    >>> name_log(bytes(65))[:5]
    'anju/'
    """
    return f"anju/{digest(public).hex()[:16]}"


def read_key(text: str) -> NoteKey:
    """Read a pinned key: the line of :meth:`NoteKey.write`, or a bare SM2 public key in hex.

    Refuses with ``ledger.key-malformed``.
    """
    told = text.strip()
    if _HEX_POINT.fullmatch(told):
        public = bytes.fromhex(told)
        return NoteKey(name_log(public), KeyKind.SM2, public)
    malformed = Refusal("ledger.key-malformed")
    name, _, rest = told.partition("+")
    _, _, body = rest.partition("+")
    try:
        raw = base64.b64decode(body, validate=True)
    except ValueError as error:
        raise malformed from error
    for kind, prefix in _TYPES.items():
        length = _SM2_BYTES if kind.is_sm2 else _ED25519_BYTES
        if raw.startswith(prefix) and len(raw) == len(prefix) + length:
            key = NoteKey(name, kind, raw.removeprefix(prefix))
            if _NAME.fullmatch(name) and key.write() == told:
                return key
    raise malformed


def join_note(text: str, signatures: Sequence[tuple[NoteKey, bytes]]) -> str:
    """Put signature lines under a checkpoint's text."""
    lines = [
        f"— {key.name} {base64.b64encode(key.key_id + signature).decode()}\n"
        for key, signature in signatures
    ]
    return f"{text}\n{''.join(lines)}"


def split_note(note: str) -> SignedNote:
    """Take a signed note apart; any other spelling is refused with ``ledger.note-malformed``."""
    malformed = Refusal("ledger.note-malformed")
    text, gap, rest = note.partition("\n\n")
    lines = rest.split("\n")
    if not gap or lines.pop() or not 0 < len(lines) <= _MOST_LINES:
        raise malformed
    text += "\n"
    signatures = []
    for line in lines:
        dash, _, told = line.partition(" ")
        name, _, body = told.partition(" ")
        try:
            raw = base64.b64decode(body, validate=True)
        except ValueError as error:
            raise malformed from error
        spelled = base64.b64encode(raw).decode() == body
        if dash != "—" or not _NAME.fullmatch(name) or not spelled or len(raw) <= _KEY_ID_BYTES:
            raise malformed
        signatures.append(NoteSignature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:]))
    return SignedNote(text, read_note(text), tuple(signatures))


def signed_by(note: SignedNote, *, keys: Collection[NoteKey], is_signed: IsSigned) -> set[NoteKey]:
    """Give which of ``keys`` signed the note. Lines of other keys are nothing to us."""
    message = note.text.encode()
    return {
        key
        for key in keys
        if any(
            (line.name, line.key_id) == (key.name, key.key_id)
            and is_signed(key, message, line.signature)
            for line in note.signatures
        )
    }


def open_note(note: str, *, key: NoteKey, is_signed: IsSigned) -> Checkpoint:
    """Give the checkpoint of a note that the pinned ``key`` signed for the log it names.

    Refuses with ``ledger.note-malformed``, ``ledger.wrong-origin`` or ``ledger.signature-wrong``.
    """
    opened = split_note(note)
    if opened.checkpoint.origin != key.name:
        raise Refusal("ledger.wrong-origin", origin=opened.checkpoint.origin, expected=key.name)
    if not signed_by(opened, keys=[key], is_signed=is_signed):
        raise Refusal("ledger.signature-wrong", size=opened.checkpoint.size)
    return opened.checkpoint
