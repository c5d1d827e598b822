"""Sealing: what a copied database gives away, and what a moved or destroyed field does."""

from __future__ import annotations

import hashlib
import hmac
import stat
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from anju.foundation.core import keys, sealing
from anju.foundation.core.crypto import hmac_sm3, new_id
from anju.foundation.core.keys import read_keys
from anju.foundation.core.sealing import (
    FieldPlace,
    PlainField,
    SealedField,
    blind_index,
    destroy_key,
    open_field,
    open_fields,
    seal_field,
    seal_fields,
)
from anju_rules.hashing import encode
from anju_rules.values import Refusal
from tests.support.access import recorded
from tests.support.databases import Database

NAME = "欧阳建国"
NUMBER = "11010519491231002X"


def place(subject: UUID, *, row: UUID | None = None, column: str = "name") -> FieldPlace:
    return FieldPlace(subject, "households_household", row or subject, column)


def seal(where: FieldPlace, text: str = NAME) -> bytes:
    return seal_fields(fields=[PlainField(place=where, text=text)])[0]


def unseal(where: FieldPlace, sealed: bytes) -> str:
    return open_fields(fields=[SealedField(place=where, sealed=sealed)])[0]


@pytest.mark.req("SEC-2")
def test_what_is_sealed_opens_again_and_shows_nothing(database: Database) -> None:
    del database
    where = place(new_id())
    with recorded():
        first, second = seal(where), seal(where)
    assert first != second
    assert NAME.encode() not in first
    assert len(first) == 1 + 12 + len(NAME.encode()) + 16
    assert unseal(where, first) == unseal(where, second) == NAME
    assert open_field(**where._asdict(), sealed=first) == NAME


@pytest.mark.threat("T-28")
def test_a_field_moved_to_another_row_column_table_or_household_stays_shut(
    database: Database,
) -> None:
    del database
    mine, other = place(new_id()), place(new_id())
    with recorded():
        sealed = seal(mine)
        seal(other)
    swaps = [
        mine._replace(row_id=other.row_id),
        mine._replace(column="phone"),
        mine._replace(table="projects_project"),
        other,
    ]
    for swapped in swaps:
        with pytest.raises(Refusal, match=r"crypto\.not-authentic"):
            unseal(swapped, sealed)
    for place_of_bit in range(0, len(sealed) * 8, 7):
        flipped = bytearray(sealed)
        flipped[place_of_bit // 8] ^= 1 << place_of_bit % 8
        with pytest.raises(Refusal, match=r"crypto\.not-authentic"):
            unseal(mine, bytes(flipped))


@pytest.mark.threat("T-28")
def test_control_without_associated_data_a_swapped_field_opens(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database
    monkeypatch.setattr(sealing, "_associated", lambda _: b"")
    mine = place(new_id())
    with recorded():
        sealed = seal(mine)
    assert unseal(mine._replace(row_id=new_id(), column="phone"), sealed) == NAME


@pytest.mark.threat("T-22")
def test_a_destroyed_key_opens_nothing_and_is_never_made_again(database: Database) -> None:
    del database
    where = place(new_id())
    with recorded():
        sealed = seal(where)
    assert unseal(where, sealed) == NAME  # and the unwrapped key is remembered
    with recorded():
        assert destroy_key(where.subject_id)
    with recorded():
        assert not destroy_key(where.subject_id)
    with pytest.raises(Refusal, match=r"sealing\.key-destroyed"):
        unseal(where, sealed)
    with pytest.raises(Refusal, match=r"sealing\.key-destroyed"):
        seal(where)


@pytest.mark.threat("T-22")
def test_a_data_key_can_neither_be_put_back_nor_taken_away(database: Database) -> None:
    subject = new_id()
    with recorded():
        seal(place(subject))
    with database.connect("anju_app") as app:
        kept = app.execute("SELECT wrapped FROM core_data_key").fetchone()
    assert kept is not None
    with pytest.raises(IntegrityError, match=r"sealing\.key-exchanged"), recorded():
        run("UPDATE core_data_key SET wrapped = %s", kept[0])
    with pytest.raises(Exception, match="permission denied"), recorded():
        run("DELETE FROM core_data_key")
    with pytest.raises(IntegrityError, match=r"ledger\.change-without-entry"), transaction.atomic():
        destroy_key(subject)


def run(statement: str, *values: bytes) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, list(values))


@pytest.mark.threat("T-28")
def test_the_data_key_in_the_database_is_wrapped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = place(new_id())
    with recorded():
        sealed = seal(where)
    with database.connect("anju_app") as app:
        row = app.execute(
            "SELECT wrapped FROM core_data_key WHERE subject_id = %s", [where.subject_id]
        ).fetchone()
    assert row is not None
    assert len(row[0]) == 1 + 12 + 16 + 16
    other = keys.Keys(master=b"\1" * 16, index=b"\1" * 32, web=b"\1" * 32)
    monkeypatch.setattr(sealing, "installed_keys", lambda: other)
    sealing._unwrap.cache_clear()
    with pytest.raises(Refusal, match=r"crypto\.not-authentic"):
        unseal(where, sealed)


@pytest.mark.threat("T-29")
def test_a_blind_index_needs_the_key_that_is_not_in_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = blind_index(kind="identity-number", text=NUMBER)
    assert index == blind_index(kind="identity-number", text=NUMBER)
    assert index != blind_index(kind="phone", text=NUMBER)
    plain = encode("anju-index-1", "identity-number", NUMBER)
    assert index != hashlib.new("sm3", plain).digest()
    other = keys.Keys(master=b"\1" * 16, index=b"\1" * 32, web=b"\1" * 32)
    monkeypatch.setattr(sealing, "installed_keys", lambda: other)
    assert index != blind_index(kind="identity-number", text=NUMBER)


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 200])
def test_hmac_over_sm3_is_the_standard_one(length: int) -> None:
    key, data = bytes(range(256))[:length], b"data" * length
    assert hmac_sm3(key=key, data=data) == hmac.new(key, data, "sm3").digest()


def test_a_thousand_households_are_sealed_in_three_statements_for_keys(database: Database) -> None:
    del database
    fields = [
        PlainField(place=place(subject, row=subject, column=column), text=NAME)
        for subject in (new_id() for _ in range(1_000))
        for column in ("name", "phone", "identity")
    ]
    with recorded(), CaptureQueriesContext(connection) as asked:
        sealed = seal_fields(fields=fields)
    about_keys = [told["sql"] for told in asked if "core_data_key" in told["sql"]]
    assert len(about_keys) == 3, asked.captured_queries
    back = [
        SealedField(place=field.place, sealed=cipher)
        for field, cipher in zip(fields, sealed, strict=True)
    ]
    assert open_fields(fields=back) == [field.text for field in fields]


def test_two_transactions_that_make_a_key_at_once_use_the_same(database: Database) -> None:
    subject = new_id()
    places = [place(subject, row=new_id()) for _ in range(8)]

    def seal_one(where: FieldPlace) -> bytes:
        with recorded():
            return seal(where)

    sealed = database.in_threads([partial(seal_one, where) for where in places])
    for where, cipher in zip(places, sealed, strict=True):
        assert isinstance(cipher, bytes), cipher
        assert unseal(where, cipher) == NAME


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    made = read_keys(tmp_path, {})
    assert read_keys(tmp_path, {}) == made
    assert len({made.master.hex(), made.index.hex()[:32], made.web.hex()[:32]}) == 3
    files = sorted((tmp_path / "keys").iterdir())
    assert [file.name for file in files] == ["index.key", "master.key", "web.key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert made.master.hex() not in repr(made)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    read_keys(tmp_path, {})
    (tmp_path / "keys/master.key").chmod(0o640)
    with pytest.raises(Refusal, match=r"keys\.readable-by-others"):
        read_keys(tmp_path, {})


def test_keys_come_from_the_environment_where_it_has_them(tmp_path: Path) -> None:
    told = {
        "ANJU_MASTER_KEY": "01" * 16,
        "ANJU_INDEX_KEY": "02" * 32,
        "ANJU_SECRET_KEY": "03" * 32,
    }
    assert read_keys(tmp_path, told).index == b"\2" * 32
    assert not (tmp_path / "keys").exists()
    for wrong in ("01" * 15, "zz" * 16):
        with pytest.raises(Refusal, match=r"keys\.malformed"):
            read_keys(tmp_path, told | {"ANJU_MASTER_KEY": wrong})


def test_one_field_alone_is_sealed_like_many(database: Database) -> None:
    del database
    where = place(new_id())
    with recorded():
        sealed = seal_field(**where._asdict(), text=NUMBER)
    assert unseal(where, sealed) == NUMBER
