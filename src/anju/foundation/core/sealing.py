"""Sealing: personal data as SM4-GCM fields, one data key a household.

A sealed field is ``01``, a nonce of 12 bytes, ciphertext and tag. Its associated data names table,
row and column, so a field that is moved elsewhere no longer opens. The data key of a subject (a
household; for other data its project or account) lies in ``core_data_key``, wrapped by the master
key. Destroying it closes every field of the subject for ever (PIPL 47), in backups too.

Keys are read from the database each time and never kept across transactions: what one process
destroys, no other can still open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connections

from anju.foundation.core.crypto import (
    SM4_KEY_BYTES,
    SM4_NONCE_BYTES,
    SM4_TAG_BYTES,
    hmac_sm3,
    new_nonce,
    new_secret,
    tested_provider,
)
from anju.foundation.core.keys import Keys, read_keys
from anju_rules.hashing import encode
from anju_rules.values import Refusal

_FORM = b"\x01"
_SHORTEST = len(_FORM) + SM4_NONCE_BYTES + SM4_TAG_BYTES
_SUBJECTS_A_STATEMENT = 1_000


class FieldPlace(NamedTuple):
    """Where a sealed field stands, and whose it is."""

    subject_id: UUID
    table: str
    row_id: UUID
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainField:
    """A text to seal, and its place."""

    place: FieldPlace
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedField:
    """Sealed bytes to open, and their place."""

    place: FieldPlace
    sealed: bytes


@cache
def installed_keys() -> Keys:
    """Give the keys of this installation, read once a process."""
    return read_keys(settings.HOME)


def seal_field(*, subject_id: UUID, table: str, row_id: UUID, column: str, text: str) -> bytes:
    """Seal one text. A subject without a data key gets one, in the caller's transaction.

    Refuses with ``sealing.key-destroyed`` a subject whose key was destroyed.
    """
    place = FieldPlace(subject_id, table, row_id, column)
    return seal_fields(fields=[PlainField(place=place, text=text)])[0]


def open_field(
    *, subject_id: UUID, table: str, row_id: UUID, column: str, sealed: bytes | memoryview
) -> str:
    """Open one sealed text.

    Refuses with ``sealing.key-destroyed`` where the key is gone, and with
    ``crypto.not-authentic`` what was changed or belongs to another place.
    """
    place = FieldPlace(subject_id, table, row_id, column)
    return open_fields(fields=[SealedField(place=place, sealed=bytes(sealed))])[0]


def seal_fields(*, fields: Sequence[PlainField]) -> list[bytes]:
    """Seal many texts, in their order, with one statement for the keys of a thousand subjects.

    Refuses like :func:`seal_field`.
    """
    keys = _keys_to_seal({field.place.subject_id for field in fields})
    return [
        _seal(keys[field.place.subject_id], _associated(field.place), field.text.encode())
        for field in fields
    ]


def open_fields(*, fields: Sequence[SealedField]) -> list[str]:
    """Open many sealed texts, in their order; refuses like :func:`open_field`."""
    keys = _read_data_keys({field.place.subject_id for field in fields})
    texts = []
    for field in fields:
        key = keys.get(field.place.subject_id)
        if key is None:
            raise Refusal("sealing.key-destroyed")
        texts.append(_open(key, _associated(field.place), bytes(field.sealed)).decode())
    return texts


def open_unless_erased(*, fields: Sequence[SealedField]) -> list[str]:
    """Open fields; those of an erased subject, whose key is gone, are empty.

    Refuses like :func:`open_fields` in every other case.
    """
    try:
        return open_fields(fields=fields)
    except Refusal as refusal:
        if refusal.code != "sealing.key-destroyed":
            raise
    return [_open_one_unless_erased(field) for field in fields]


def _open_one_unless_erased(field: SealedField) -> str:
    try:
        return open_fields(fields=[field])[0]
    except Refusal as refusal:
        if refusal.code != "sealing.key-destroyed":
            raise
        return ""


def blind_index(*, kind: str, text: str) -> bytes:
    """Give the 32 bytes under which ``text`` is looked up, and which tell nothing of it.

    The key is outside the database: whoever holds the database alone cannot try numbers out. The
    caller brings ``text`` to its normal spelling. ``kind`` keeps indexes apart:
    ``identity-number``, ``household-code``.
    """
    return hmac_sm3(key=installed_keys().index, data=encode("anju-index-1", kind, text))


def destroy_key(subject_id: UUID) -> bool:
    """Destroy the data key of a subject: nothing sealed with it opens again.

    Gives whether there was one. The operation that calls this has two people and its own entry.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "UPDATE core_data_key SET wrapped = NULL WHERE subject_id = %s AND wrapped IS NOT NULL",
            [subject_id],
        )
        return bool(cursor.rowcount == 1)


def _keys_to_seal(subjects: set[UUID]) -> dict[UUID, bytes]:
    keys = _read_data_keys(subjects)
    missing = sorted(subjects - keys.keys())
    if missing:
        _make_data_keys(missing)
        keys = _read_data_keys(subjects)
    destroyed = [subject for subject in subjects if keys.get(subject) is None]
    if destroyed:
        raise Refusal("sealing.key-destroyed")
    return {subject: key for subject, key in keys.items() if key is not None}


def _make_data_keys(subjects: Sequence[UUID]) -> None:
    """Insert a fresh key for each; where another transaction was first, its key stays."""
    for part in _parts(subjects):
        wrapped = [
            _seal(installed_keys().master, _key_place(subject), new_secret()[:SM4_KEY_BYTES])
            for subject in part
        ]
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_data_key (subject_id, wrapped)"
                " SELECT * FROM unnest(%s::uuid[], %s::bytea[]) ON CONFLICT DO NOTHING",
                [list(part), wrapped],
            )


def _read_data_keys(subjects: Iterable[UUID]) -> Mapping[UUID, bytes | None]:
    """Give the data key of each subject that has one; of a destroyed one, none."""
    keys: dict[UUID, bytes | None] = {}
    for part in _parts(sorted(subjects)):
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT subject_id, wrapped FROM core_data_key WHERE subject_id = ANY (%s)",
                [list(part)],
            )
            for subject, wrapped in cursor.fetchall():
                keys[subject] = None if wrapped is None else _unwrap(subject, bytes(wrapped))
    return keys


def _parts(subjects: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    for start in range(0, len(subjects), _SUBJECTS_A_STATEMENT):
        yield subjects[start : start + _SUBJECTS_A_STATEMENT]


@lru_cache(maxsize=4_096)
def _unwrap(subject: UUID, wrapped: bytes) -> bytes:
    """Unwrap a data key; the same wrapped bytes are unwrapped once."""
    return _open(installed_keys().master, _key_place(subject), wrapped)


def _key_place(subject: UUID) -> bytes:
    return encode("anju-data-key-1", subject.bytes)


def _associated(place: FieldPlace) -> bytes:
    return encode("anju-field-1", place.table, place.row_id.bytes, place.column)


def _seal(key: bytes, associated: bytes, plaintext: bytes) -> bytes:
    nonce = new_nonce()
    return (
        _FORM
        + nonce
        + tested_provider().sm4_gcm_encrypt(
            key=key, nonce=nonce, plaintext=plaintext, associated=associated
        )
    )


def _open(key: bytes, associated: bytes, sealed: bytes) -> bytes:
    if len(sealed) < _SHORTEST or not sealed.startswith(_FORM):
        raise Refusal("crypto.not-authentic")
    start = len(_FORM) + SM4_NONCE_BYTES
    return tested_provider().sm4_gcm_decrypt(
        key=key, nonce=sealed[len(_FORM) : start], sealed=sealed[start:], associated=associated
    )
