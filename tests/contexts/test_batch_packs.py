"""A batch checked offline: what a pack may hold, what a row may say, what is predicted of it."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anju.cli.app import app
from anju.titles.cases.batches import packs
from anju.titles.cases.batches.checking import check_batch
from anju.titles.cases.batches.packs import open_pack
from anju.titles.cases.batches.types import BatchReport
from anju_rules.values import Refusal
from tests.support.batches import Row, make_files, packed, write_folder
from tests.support.hostile_files import hostile_uploads

ON = date(2026, 9, 17)
Spoil = Callable[[zipfile.ZipFile], None]


def check(files: dict[str, bytes], *, on: date = ON) -> BatchReport:
    return check_batch(pack=open_pack(packed(files)), on=on)


def check_row(mend: Callable[[Row], None], *, on: date = ON) -> tuple[str, ...]:
    """Give the rules that the only row of a batch breaks after ``mend``."""
    report = check(make_files(1, mend=lambda _, row: mend(row)), on=on)
    return tuple(fault.rule for fault in report.rows[0].faults)


def zip_with(spoil: Spoil) -> bytes:
    told = BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", "房号")
        spoil(archive)
    return told.getvalue()


def _link(archive: zipfile.ZipFile) -> None:
    held = zipfile.ZipInfo("scan.pdf")
    held.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(held, "/etc/passwd")


def _twice(archive: zipfile.ZipFile) -> None:
    for _ in range(2):
        archive.writestr("a.pdf", b"x")


def _named(name: str) -> Spoil:
    return lambda archive: archive.writestr(name, b"x")


HOSTILE: dict[str, tuple[Spoil, str]] = {
    "a path that leads out": (_named("../out.pdf"), "batches.pack-bad-name"),
    "an absolute path": (_named("/etc/out.pdf"), "batches.pack-bad-name"),
    "a drive": (_named("C:out.pdf"), "batches.pack-bad-name"),
    "too deep": (_named("/".join("abcdefghij") + ".pdf"), "batches.pack-bad-name"),
    "too long": (_named("x" * 300), "batches.pack-bad-name"),
    "a link": (_link, "batches.pack-link"),
    "a bomb": (_named("bomb.pdf"), "batches.pack-swells"),
}


@pytest.mark.threat("T-30")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_pack_that_means_harm_is_refused_before_anything_is_read(kind: str) -> None:
    spoil, code = HOSTILE[kind]
    if kind == "a bomb":
        data = zip_with(lambda archive: archive.writestr("bomb.pdf", b"\0" * (20 << 20)))
    else:
        data = zip_with(spoil)
    with pytest.raises(Refusal) as refused:
        open_pack(data)
    assert refused.value.code == code


@pytest.mark.threat("T-30")
def test_a_name_twice_too_many_files_and_no_zip_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zip_with(_twice)
    for data, code in ((twice, "batches.pack-repeats"), (b"PK\x03\x04", "batches.pack-broken")):
        with pytest.raises(Refusal) as refused:
            open_pack(data)
        assert refused.value.code == code
    monkeypatch.setattr(packs, "MOST_FILES", 3)
    with pytest.raises(Refusal) as many:
        open_pack(packed(make_files(2)))
    assert many.value.code == "batches.pack-too-many-files"


@pytest.mark.threat("T-30")
def test_with_the_look_at_growth_off_a_bomb_would_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packs, "MOST_RATIO", 1 << 30)
    data = zip_with(lambda archive: archive.writestr("bomb.pdf", b"\0" * (20 << 20)))
    assert "bomb.pdf" in open_pack(data).sizes


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, make_files(1))
    (tmp_path / "link.pdf").symlink_to("/etc/passwd")
    with pytest.raises(Refusal) as refused:
        open_pack(tmp_path)
    assert refused.value.code == "batches.pack-link"


@pytest.mark.threat("T-30")
def test_every_hostile_scan_is_a_fault_of_its_row_or_made_harmless() -> None:
    files = make_files(1)
    name = next(name for name in files if "identity-proof" in name)
    for hostile in hostile_uploads()[::8]:
        report = check({**files, name: hostile.content})
        rules = [fault.rule for fault in report.rows[0].faults]
        assert all(rule.startswith("documents.") for rule in rules), hostile.name


WRONG: dict[str, tuple[str, str, str]] = {
    "a check digit": ("papers", "370105195201010030", "identifier.id-check-digit"),
    "two owners, one number": ("owners", "王一、李二", "batches.papers-differ"),
    "shares that do not add up": ("shares", "1/2", "batches.shares-not-whole"),
    "a phone": ("phones", "123", "batches.phone-malformed"),
    "a unit code": ("unit_code", "123", "identifier.unit-length"),
    "a total that is not the product": ("price", "700000", "batches.price-differs"),
    "a word that nobody knows": ("area", "随便", "batches.area-word-unknown"),
    "a missing main material": ("file:identity-proof", "", "batches.material-missing"),
    "a file that is not there": ("file:identity-proof", "没有.pdf", "batches.file-missing"),
    "no number": ("contracted", "八十八", "import.not-a-number"),
}


@pytest.mark.req("TTL-5")
@pytest.mark.parametrize("what", WRONG)
def test_a_row_that_is_wrong_says_where_and_why(what: str) -> None:
    column, value, rule = WRONG[what]
    assert check_row(lambda row: row.update({column: value})) == (rule,)


@pytest.mark.threat("T-23")
def test_a_faulty_number_is_told_without_being_shown() -> None:
    report = check(make_files(1, mend=lambda _, row: row.update({"papers": "370105195201010030"})))
    (fault,) = report.rows[0].faults
    assert fault.value == "3701************30"
    assert "370105195201010030" not in json.dumps(fault.as_json())


def test_a_right_row_has_no_fault_and_what_may_follow_is_a_note() -> None:
    assert check_row(lambda _: None) == ()
    report = check(
        make_files(1, mend=lambda _, row: row.update({"file:floor-sketch": "", "tax": ""}))
    )
    assert [note.rule for note in report.rows[0].notes] == [
        "batches.material-owed",
        "batches.tax-proof-owed",
    ]


def test_what_stands_twice_is_found_whichever_it_is() -> None:
    def same(_: int, row: Row) -> None:
        row["contract"], row["file:identity-proof"] = "HT-1", "材料/1-101-identity-proof.pdf"

    report = check(make_files(2, mend=same))
    assert {fault.rule for fault in report.rows[1].faults} == {
        "import.repeated",
        "batches.file-of-another-row",
    }
    assert report.rows[0].faults == ()


@pytest.mark.req("TTL-9")
@pytest.mark.pitfall("P21")
@pytest.mark.parametrize(
    ("measured", "owed"),
    [("103", 2_400_000), ("103.01", 2_400_000), ("98", -1_600_000), ("95", -5_600_000)],
)
def test_the_area_settlement_is_predicted_exactly(measured: str, owed: int) -> None:
    told = {"contracted": "100", "registered": measured, "price": "800000"}
    report = check(make_files(1, mend=lambda _, row: row.update(told)))
    figures = report.rows[0].figures
    assert figures is not None
    assert figures.buyer_pays_fen == owed


@pytest.mark.pitfall("P17")
@pytest.mark.parametrize(
    ("on", "due"),
    [("2026-02-10", "2026-02-24"), ("2026-04-30", "2026-05-11"), ("2026-09-17", "2026-09-23")],
)
def test_the_day_it_is_due_is_predicted_by_the_notices(on: str, due: str) -> None:
    figures = check(make_files(1), on=date.fromisoformat(on)).rows[0].figures
    assert figures is not None
    assert figures.due_on == due


@pytest.mark.req("TTL-5")
def test_the_command_line_checks_a_folder_without_a_database(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "pack", make_files(3, mend=_forget_the_second))
    report = tmp_path / "report.xlsx"
    command = ["titles", "check", str(folder), "--on", "2026-09-17", "--json"]
    ran = CliRunner().invoke(app, [*command, "--report", str(report)])
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["homes"], told["ready"], told["faulty"]) == (1, 3, 2, 1)
    assert told["rows"][1]["faults"][0]["rule"] == "batches.material-missing"
    assert told["rows"][0]["forecast"]["due_on"] == "2026-09-23"
    assert zipfile.is_zipfile(report)
    plain = CliRunner().invoke(app, command[:-1])
    assert "2 户可以收，1 户要改" in plain.stdout


def test_an_empty_manifest_is_written_and_read_again(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["titles", "template", str(tmp_path / "manifest.xlsx")])
    assert ran.exit_code == 0
    report = check_batch(pack=open_pack(tmp_path), on=ON)
    assert [fault.rule for fault in report.faults] == ["import.no-rows"]


def _forget_the_second(place: int, row: Row) -> None:
    if place == 1:
        row["file:identity-proof"] = ""
