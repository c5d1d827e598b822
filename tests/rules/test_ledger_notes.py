"""Signed notes: keys that are pinned, lines that are believed only under them."""

from __future__ import annotations

import pytest

from anju_rules import notes
from anju_rules.hashing import digest
from anju_rules.ledger import Checkpoint, write_note
from anju_rules.values import Refusal

SM2 = notes.NoteKey("anju/log", notes.KeyKind.SM2, b"\x04" + bytes(range(64)))
ED25519 = notes.NoteKey("anju/log", notes.KeyKind.ED25519, bytes(range(32)))
CHECKPOINT = Checkpoint("anju/log", 3, digest(b"root"))
TEXT = write_note(CHECKPOINT)


def sign(key: notes.NoteKey, message: bytes) -> bytes:
    """A signature that only tells keys and messages apart."""
    return digest(key.public + message)


def is_signed(key: notes.NoteKey, message: bytes, signature: bytes) -> bool:
    return signature == sign(key, message)


NOTE = notes.join_note(TEXT, [(key, sign(key, TEXT.encode())) for key in (SM2, ED25519)])


def refusal_of(note: str, *, key: notes.NoteKey = SM2) -> str:
    with pytest.raises(Refusal) as refused:
        notes.open_note(note, key=key, is_signed=is_signed)
    return refused.value.code


@pytest.mark.parametrize("key", [SM2, ED25519])
def test_a_signed_note_opens_under_each_of_its_keys(key: notes.NoteKey) -> None:
    assert notes.open_note(NOTE, key=key, is_signed=is_signed) == CHECKPOINT
    assert notes.read_key(key.write() + "\n") == key


def test_the_form_is_that_of_the_public_logs() -> None:
    """The example key of the signed-note specification reads, and its id is the printed one."""
    told = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = notes.read_key(told)
    assert (key.name, key.kind) == ("PeterNeumann", notes.KeyKind.ED25519)
    assert key.key_id.hex() == "c74f20a3"
    assert key.write() == told


def test_a_bare_key_names_its_log_by_itself() -> None:
    key = notes.read_key(SM2.public.hex())
    assert key.name == notes.name_log(SM2.public)
    assert refusal_of(NOTE, key=key) == "ledger.wrong-origin"


def test_a_note_of_other_keys_is_not_signed() -> None:
    other = notes.NoteKey("anju/log", notes.KeyKind.ED25519, bytes(32))
    assert refusal_of(NOTE, key=other) == "ledger.signature-wrong"
    lying = notes.join_note(TEXT, [(SM2, sign(other, TEXT.encode()))])
    assert refusal_of(lying) == "ledger.signature-wrong"


def test_each_witness_counts_once() -> None:
    signature = (ED25519, sign(ED25519, TEXT.encode()))
    opened = notes.split_note(notes.join_note(TEXT, [signature, signature]))
    assert notes.signed_by(opened, keys=[SM2, ED25519], is_signed=is_signed) == {ED25519}


@pytest.mark.threat("T-20")
@pytest.mark.parametrize(
    "changed",
    [
        TEXT,
        TEXT + "\n",
        NOTE + "\n",
        NOTE[:-1],
        NOTE.replace("—", "-"),
        NOTE.replace("— ", "—  "),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("\n3\n", "\n03\n"),
        NOTE.replace("\n\n", "\nmore\n\n"),
        NOTE.replace("— anju/log ", "— "),
        TEXT + "\n— anju/log AAAA\n",
        TEXT + "\n— anju/log !!!!\n",
        TEXT + "\n" + "— anju/log AAAAAAAA\n" * 101,
    ],
)
def test_another_spelling_of_a_note_is_refused(changed: str) -> None:
    assert refusal_of(changed) == "ledger.note-malformed"


def test_a_changed_size_or_root_is_not_signed() -> None:
    assert refusal_of(NOTE.replace("\n3\n", "\n4\n")) == "ledger.signature-wrong"
    other = write_note(Checkpoint("anju/log", 3, bytes(32)))
    assert refusal_of(NOTE.replace(TEXT, other)) == "ledger.signature-wrong"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "anju/log",
        "04" + "zz" * 64,
        SM2.write().replace("anju/log", "anju/other"),
        SM2.write()[:-4],
        ED25519.write() + "AAAA",
        "a b+" + ED25519.write().partition("+")[2],
        "anju/log+00000000+!!!",
    ],
)
def test_what_is_no_key_is_refused(told: str) -> None:
    with pytest.raises(Refusal) as refused:
        notes.read_key(told)
    assert refused.value.code == "ledger.key-malformed"
