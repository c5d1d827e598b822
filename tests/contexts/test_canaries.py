"""A thousand canaries: households whose numbers must turn up nowhere but on the screen."""

from __future__ import annotations

import io
import json
import logging
import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import structlog
from django.conf import settings
from django.db import IntegrityError, connections, transaction
from psycopg.sql import SQL, Identifier

from anju.foundation.access.context import acting, reading
from anju.foundation.access.operations import erase_household
from anju.foundation.core import logs
from anju.foundation.core.crypto import new_id
from anju.foundation.core.logs import COVERED, Secret, configure_logs, cover_text
from anju.foundation.core.sealing import blind_index
from anju.resettlement.households.queries import household_file, registered_households
from anju_rules.identifiers import check_identity_number
from anju_rules.values import Refusal
from tests.support.access import SYSTEM
from tests.support.databases import Database
from tests.support.registers import AT, Office, open_office

CANARIES = 1_000
DAY = "1900"
"""The year that all canaries are born in, and nobody else."""


def identity_number(order: int, *, county: str = "370105") -> str:
    """Give a well-formed identity number: the order code tells canaries apart."""
    first = f"{county}{DAY}0101{order:03d}"
    for last in "0123456789X":
        try:
            return check_identity_number(first + last)
        except Refusal:
            continue
    raise AssertionError(first)


def flock(county: str) -> list[tuple[str, str, str]]:
    """Give a thousand names, identity numbers and phones, told apart by the county."""
    return [
        (
            f"欧{chr(0x6000 + int(county[-3:]))}雀{chr(0x5000 + order)}",
            identity_number(order, county=county),
            f"19{county}{order:03d}",
        )
        for order in range(CANARIES)
    ]


def beginnings_of(birds: list[tuple[str, str, str]]) -> list[bytes]:
    """Give how every canary of a flock begins: as text, and as a dump writes bytes.

    Six beginnings instead of three thousand words: a search through files then takes seconds.
    """
    name, number, phone = birds[0]
    words = [word.encode() for word in (name[:-1], number[:-4], phone[:-3])]
    return words + [word.hex().encode() for word in words]


def count_in(data: bytes, beginnings: list[bytes]) -> int:
    return sum(data.count(beginning) for beginning in beginnings)


def dump(database: Database) -> bytes:
    """Give every row of every table, as a superuser's dump would."""
    text = io.BytesIO()
    with psycopg.connect(database.superuser_url) as all_seeing:
        tables = all_seeing.execute(
            "SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            whole = SQL("COPY {} TO STDOUT").format(Identifier(schema, table))
            with all_seeing.cursor().copy(whole) as rows:
                for block in rows:
                    text.write(block)
    return text.getvalue()


def files_of(database: Database) -> Iterator[bytes]:
    """Give every file of the server (tables, write-ahead log, server log) and of the home."""
    with psycopg.connect(database.superuser_url, autocommit=True) as all_seeing:
        all_seeing.execute("CHECKPOINT")
    for folder in {database.cluster.record.seat, Path(settings.HOME)}:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink() and file.parent.name != "keys":
                yield file.read_bytes()


def seen_in(database: Database, birds: list[tuple[str, str, str]]) -> Counter[str]:
    beginnings = beginnings_of(birds)
    found: Counter[str] = Counter()
    found["dump"] = count_in(dump(database), beginnings)
    found["files"] = sum(count_in(data, beginnings) for data in files_of(database))
    return found


def households_csv(birds: list[tuple[str, str, str]]) -> str:
    lines = ["户号,户主,身份证号,电话,类别,人口,住房面积"]
    lines += [
        f"H{place:04d},{name},{number},{phone},普通户,3,60"
        for place, (name, number, phone) in enumerate(birds, 1)
    ]
    return "\n".join(lines) + "\n"


def open_with(birds: list[tuple[str, str, str]]) -> Office:
    office = open_office()
    row = office.bring("households", households_csv(birds))
    assert (row.state, row.counts.added) == ("done", CANARIES)
    return office


@pytest.mark.req("SEC-2")
@pytest.mark.threat("T-28")
def test_a_thousand_households_leave_no_number_in_dump_log_or_files(database: Database) -> None:
    birds = flock("370105")
    open_with(birds)
    assert seen_in(database, birds) == Counter({"dump": 0, "files": 0})
    print(f"{CANARIES} of {CANARIES} households: 0 seen")  # noqa: T201


@pytest.mark.threat("T-28")
def test_control_plain_canaries_are_seen_in_dump_and_files(database: Database) -> None:
    birds = flock("370112")
    with psycopg.connect(database.superuser_url) as all_seeing:
        all_seeing.execute("CREATE TABLE planted (name text, number bytea)")
        for name, number, _ in birds:
            all_seeing.execute("INSERT INTO planted VALUES (%s, %s)", [name, number.encode()])
    seen = seen_in(database, birds)
    assert seen["dump"] >= 2 * CANARIES
    assert seen["files"] >= 2 * CANARIES


@pytest.mark.threat("T-28")
def test_a_ciphertext_moved_to_another_household_does_not_open(database: Database) -> None:
    office = open_with(flock("370113"))
    with psycopg.connect(database.superuser_url) as all_seeing:
        (_, first), (second, _) = all_seeing.execute(
            "SELECT id, identity_sealed FROM households_household ORDER BY place LIMIT 2"
        ).fetchall()
        all_seeing.execute("SET session_replication_role = replica")  # no trigger stops a superuser
        all_seeing.execute(
            "UPDATE households_household SET identity_sealed = %s WHERE id = %s", [first, second]
        )
    with pytest.raises(Refusal, match=r"crypto\.not-authentic"), reading(by=office.officer):
        household_file(project_id=office.project.id, household_id=second)


@pytest.mark.threat("T-22")
def test_of_an_erased_household_nothing_is_left_that_a_guess_could_be_held_against(
    database: Database,
) -> None:
    birds = flock("370114")
    office = open_with(birds)
    second = replace(office.officer, id=new_id())
    with reading(by=office.officer):
        erased = registered_households(project_id=office.project.id)[7]
    erase_household(
        project_id=office.project.id,
        household_id=erased.id,
        ground="撤回同意",
        by=office.officer,
        second=second,
        at=AT,
    )
    index = blind_index(kind="identity-number", text=birds[7][1])
    kept = dump(database)
    assert index.hex().encode() not in kept
    other = blind_index(kind="identity-number", text=birds[8][1])
    assert other.hex().encode() in kept  # and the control: whoever stays is found
    with reading(by=office.officer):
        left = household_file(project_id=office.project.id, household_id=erased.id)
    assert (left.name, left.identity_number, left.phone) == ("", "", "")


NAME, NUMBER, PHONE = "欧雀啸", identity_number(999, county="370101"), "13812345678"
SPELLINGS = (
    NUMBER,
    NUMBER.lower(),
    f"{NUMBER[:6]} {NUMBER[6:10]} {NUMBER[10:14]} {NUMBER[14:]}",
    "".join(chr(ord(letter) + 0xFEE0) for letter in NUMBER),
    NUMBER[:6] + NUMBER[8:17],
    PHONE,
    "138-1234-5678",
    "+86 138 1234 5678",
    "0531-88881234",
    "K7QX-2M9P-TR4C",
    "anju_" + "5f" * 32,
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Write this test's log lines where it can read them."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    told = io.StringIO()
    configure_logs(stream=told, level="DEBUG")
    yield told
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def speak_of_everything() -> None:
    """Log a person's data in every way that somebody once did."""
    ours, theirs = structlog.get_logger("anju"), logging.getLogger("django.request")
    for spelling in SPELLINGS:
        ours.info("event", text=f"户主 {spelling} 来了", deep={"list": [spelling, {"a": spelling}]})
        ours.warning(f"said {spelling}")
        theirs.warning("Not Found: %s", f"/me/?q={spelling}")
        theirs.error("and %(what)s", {"what": spelling})
        try:
            raise Refusal("import.bad-number", value=spelling)
        except Refusal:
            ours.exception("refused")
            theirs.exception("refused")
    ours.info("named", name=NAME, owner_name=NAME, body={"name": NAME}, secret=Secret(NAME))
    ours.info(
        "typed", value=Secret(NAME), text=f"{Secret(NAME)} {Secret(NAME)!r} {Secret(NAME):>9}"
    )
    ours.info("numbers", number=int(NUMBER[:17] + "0"), raw=NAME.encode())
    with structlog.contextvars.bound_contextvars(phone=PHONE, note=PHONE):
        ours.info("bound")


def spoken(lines: str) -> list[str]:
    words = {NAME, json.dumps(NAME)[1:-1], *SPELLINGS}
    return sorted(word for word in words if word in lines)


@pytest.mark.threat("T-35")
def test_no_log_line_names_anybody(log: io.StringIO) -> None:
    speak_of_everything()
    lines = log.getvalue().splitlines()
    assert len(lines) > 6 * len(SPELLINGS)
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert spoken(log.getvalue()) == []


@pytest.mark.threat("T-35")
def test_control_without_the_filter_the_log_names_everybody(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "cover_event", lambda _logger, _method, event: event)
    configure_logs(stream=log, level="DEBUG")
    speak_of_everything()
    assert set(spoken(log.getvalue())) >= {NAME, *SPELLINGS}


@pytest.mark.threat("T-35")
def test_a_failed_statement_tells_no_values(database: Database, log: io.StringIO) -> None:
    del database

    def insert_twice() -> None:
        with transaction.atomic(), acting(SYSTEM), connections["default"].cursor() as cursor:
            for _ in range(2):
                cursor.execute(
                    "INSERT INTO access_organisation VALUES (%s, '3701', %s, 'city')",
                    [new_id(), NUMBER],
                )

    try:
        insert_twice()
    except IntegrityError:
        structlog.get_logger("anju").exception("failed")
    assert "access_organisation_name_once" in log.getvalue()
    assert spoken(log.getvalue()) == []


def test_what_is_no_persons_number_stays_readable() -> None:
    for text in (
        "3f2b8c1e-4138-4234-8567-890123456789",
        "selection.unit-already-held",
        "2026-06-01T01:00:00.000+00:00",
        "1780275600000",
        "YS-2026 1-101 88.50",
        "0" * 64,
        "/p/YS-2026/homes/",
    ):
        assert cover_text(text) == text
    assert all(COVERED in cover_text(spelling) for spelling in SPELLINGS)


def test_a_secret_is_revealed_only_on_purpose() -> None:
    secret = Secret(NUMBER)
    assert secret.reveal() == NUMBER
    assert NUMBER not in f"{secret}{secret!r}{[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert not hasattr(secret, "__dict__")
