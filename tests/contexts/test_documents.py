"""Documents on the database: sealed, with provenance, never swapped, scanned or not taken."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from anju.foundation.access.context import reading
from anju.foundation.access.operations import erase_household
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.operations import storage, store_document, withdraw_document
from anju.foundation.documents.queries import documents_of, read_document
from anju.foundation.documents.scanning import Clamd, read_scanner
from anju.foundation.documents.types import DocumentRow
from anju_rules.values import Refusal
from tests.support.access import AT, Family, open_family, open_officer, open_scope, open_tier
from tests.support.databases import Database
from tests.support.hostile_files import picture, plain_pdf

STREET = "370102001"


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with an empty folder, and with the decision to do without a scanner."""
    monkeypatch.setattr(settings, "SCANNER", "off")
    shutil.rmtree(Path(settings.HOME, "documents"), ignore_errors=True)


def kept_files() -> list[Path]:
    return [file for file in Path(settings.HOME, "documents").rglob("*") if file.is_file()]


def hand_in(family: Family, *, by: Actor, name: str = "王小明身份证.pdf") -> DocumentRow:
    return store_document(
        project_id=family.project_id,
        household_id=family.id,
        owner_kind="household",
        owner_id=family.id,
        name=name,
        content=plain_pdf(),
        channel="phone",
        by=by,
        at=AT,
    )


@pytest.mark.req("SEC-2")
@pytest.mark.threat("T-28")
def test_a_document_comes_back_as_it_was_and_lies_sealed(database: Database) -> None:
    family = open_family(open_scope(STREET))
    row = hand_in(family, by=family.actor)
    with reading(by=family.actor):
        kept, content = read_document(project_id=family.project_id, document_id=row.id)
        listed = documents_of(
            project_id=family.project_id, owner_kind="household", owner_id=family.id
        )
    assert content == plain_pdf()
    assert listed == (kept,)
    assert (kept.name, kept.channel, kept.scanned_by) == (
        "王小明身份证.pdf",
        "phone",
        "not-scanned",
    )
    assert (kept.handed_in_by, kept.digest) == (family.account_id, kept.arrived_digest)
    lying = [file.read_bytes() for file in kept_files()]
    assert lying
    assert not any(b"%PDF" in held or "王小明".encode() in held for held in lying)
    with psycopg.connect(database.superuser_url) as admin:
        rows = admin.execute("SELECT documents_document::text FROM documents_document").fetchall()
    assert "王小明" not in str(rows)


@pytest.mark.threat("T-24")
@pytest.mark.usefixtures("database")
def test_another_household_sees_nothing_of_it() -> None:
    project_id = open_scope(STREET)
    family, other = open_family(project_id), open_family(project_id)
    row = hand_in(family, by=family.actor)
    with reading(by=other.actor), pytest.raises(Refusal) as refused:
        read_document(project_id=project_id, document_id=row.id)
    assert refused.value.code == "documents.unknown"


def test_what_was_handed_in_is_never_swapped(database: Database) -> None:
    family = open_family(open_scope(STREET))
    row = hand_in(family, by=family.actor)
    for statement in (
        "UPDATE documents_document SET digest = repeat('0', 64)",
        "UPDATE documents_document SET stored_as = repeat('0', 64)",
        "DELETE FROM documents_document",
    ):
        with (
            psycopg.connect(database.superuser_url) as admin,
            pytest.raises(psycopg.errors.CheckViolation, match=r"documents\.kept"),
        ):
            admin.execute(statement)
    withdraw_document(project_id=family.project_id, document_id=row.id, by=family.actor, at=AT)
    with pytest.raises(Refusal) as refused:
        withdraw_document(project_id=family.project_id, document_id=row.id, by=family.actor, at=AT)
    assert refused.value.code == "documents.withdrawn-already"


@pytest.mark.usefixtures("database")
def test_a_file_changed_or_moved_on_the_disk_does_not_open() -> None:
    family = open_family(open_scope(STREET))
    first, second = (hand_in(family, by=family.actor) for _ in range(2))
    files = kept_files()
    contents = [file.read_bytes() for file in files]
    for file, content in zip(files, reversed(contents), strict=True):
        file.write_bytes(content)
    for row in (first, second):
        with reading(by=family.actor), pytest.raises(Refusal) as refused:
            read_document(project_id=family.project_id, document_id=row.id)
        assert refused.value.code == "crypto.not-authentic"
    for file in files:
        file.unlink()
    with reading(by=family.actor), pytest.raises(Refusal) as refused:
        read_document(project_id=family.project_id, document_id=first.id)
    assert refused.value.code == "documents.missing"


@pytest.mark.usefixtures("database")
def test_nothing_is_kept_of_a_refused_document(monkeypatch: pytest.MonkeyPatch) -> None:
    family = open_family(open_scope(STREET))
    monkeypatch.setattr(settings, "SCANNER", "")
    with pytest.raises(Refusal) as refused:
        hand_in(family, by=family.actor)
    assert refused.value.code == "documents.scanner-missing"
    with reading(by=family.actor):
        assert not documents_of(
            project_id=family.project_id, owner_kind="household", owner_id=family.id
        )


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[tuple[str, int], list[bytes]]]:
    """Stand in for ClamAV's daemon: read one stream, give one answer."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            stream, _ = server.accept()
            with stream:
                data = b""
                while not data.endswith(b"\0\0\0\0"):
                    data += stream.recv(65536)
                received.append(data)
                stream.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname(), received
        thread.join(60)


@pytest.mark.threat("T-30")
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"stream: OK\0", None),
        (b"stream: Eicar-Test-Signature FOUND\0", "documents.malicious"),
        (b"INSTREAM size limit exceeded. ERROR\0", "documents.scanner-away"),
        (b"", "documents.scanner-away"),
    ],
)
def test_the_scanner_fails_closed(answer: bytes, code: str | None) -> None:
    content = picture("JPEG", size=(400, 400))
    with answering(answer) as (address, received):
        scanner = read_scanner(f"clamd:{address[0]}:{address[1]}")
        if code is None:
            scanner.require_clean(content)
        else:
            with pytest.raises(Refusal) as refused:
                scanner.require_clean(content)
            assert refused.value.code == code
    assert received[0].startswith(b"zINSTREAM\0")
    assert content[:100] in received[0]


def test_no_scanner_at_the_address_keeps_everything_out(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        Clamd(str(tmp_path / "nobody")).require_clean(b"x")
    assert refused.value.code == "documents.scanner-away"
    for told in ("clamd", "clamd:host", "clamd::99x", "other:1:2"):
        with pytest.raises(Refusal) as refused:
            read_scanner(told)
        assert refused.value.code == "documents.scanner-malformed"


@pytest.mark.threat("T-22")
@pytest.mark.usefixtures("database")
def test_an_erased_households_documents_are_gone() -> None:
    organisation_id, project_id = open_tier("3701"), open_scope(STREET)
    first, second = (
        open_officer(login, role="city-officer", organisation_id=organisation_id)
        for login in ("one", "two")
    )
    family = open_family(project_id)
    row = hand_in(family, by=family.actor)
    by, beside = first.actor, second.actor
    erase_household(
        project_id=project_id, household_id=family.id, ground="案卷一", by=by, second=beside, at=AT
    )
    assert not kept_files()
    with reading(by=by), pytest.raises(Refusal):
        read_document(project_id=project_id, document_id=row.id)


def test_names_that_leave_the_folder_are_not_followed() -> None:
    for name in ("../a", "/etc/passwd", "a" * 63, "A" * 64, str(new_id())):
        with pytest.raises(Refusal) as refused:
            storage().get(name=name)
        assert refused.value.code == "documents.missing"
