"""The checks that the result pages make by themselves, on whole, spoilt and forged bundles."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anju.resettlement.offline.pages import write_pages
from tests.support.real_data import real_data
from tests.support.result_pages import run_checks
from tests.support.sample_bundle import canonical, sm3

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.req("DRW-3"), pytest.mark.enable_socket]


RECOMPUTE = """cases => cases.map(({input}) => {
  const P = Anju.proofs, scheme = 'anju-draw-1', hex = P.hexOf;
  const R = P.rootOfLines(input.lines), disputed = P.rootOfLines(input.disputed);
  const opened = input.committers.map((one) => P.commitmentOf(scheme, input, one));
  const A = P.announcementOf(scheme, input, R, disputed, opened);
  const seed = P.seedOf(scheme, A, input);
  const keys = input.lines.map((line) => P.keyOf(scheme, seed, line.ticket) + line.ticket);
  return {R: hex(R), P: hex(disputed), A: hex(A), seed: hex(seed), order: keys.sort()
    .map((key) => key.slice(64)), commitments: Object.fromEntries(
      input.committers.map((one, i) => [one.who, hex(opened[i])]))};
})"""


def test_the_browser_gives_the_published_vectors_of_the_draw(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    cases = json.loads(real_data("vectors/draw.json").read_text(encoding="utf-8"))["cases"]
    page = load_page(small / "index.html")
    for own, case in zip(page.evaluate(RECOMPUTE, cases), cases, strict=True):
        assert own == {name: case["expected"][name] for name in own}


def test_the_browsers_sm3_and_canonical_json_agree_with_openssls_and_pythons(
    small: Path, load_page: Callable[[Path], Page]
) -> None:
    page = load_page(small / "index.html")
    for size in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000):
        own = page.evaluate("n => Anju.proofs.hexOf(Anju.sm3(new Uint8Array(n).fill(97)))", size)
        assert own == sm3(b"a" * size).hex()
    for name in ("roster.json", "rules.json", "ledger.json", "manifest.json"):
        text = (small / name).read_text(encoding="utf-8")
        assert page.evaluate("t => Anju.proofs.canonicalText(JSON.parse(t))", text) == text


@pytest.mark.parametrize(
    ("file", "pattern", "number"),
    [
        ("data-roster.js", r'street\\":\\"(.)', 1),
        ("data-units.js", r'area_sqm\\":\\"(\d)', 1),
        ("data-scores.js", r'total\\":(\d)', 1),
        ("data-draws.js", r'secret\\":\\"(.)', 1),
        ("data-order.js", r'draw_number\\":(\d)', 1),
        ("data-choices.js", r'area_sqm\\":\\"(\d)', 1),
        ("data-proofs-0.js", r'path\\":\[\\"(.)', 1),
        ("data-ledger.js", r'commit\\":\\"(.)', 1),
        ("data-rules.js", r'version\\":\\"(\d)', 1),
        ("data-manifest.js", r'root\\":\\"(.)', 14),
    ],
)
def test_one_changed_character_of_any_data_file_is_found_and_its_check_is_named(
    copied: Path, load_page: Callable[[Path], Page], file: str, pattern: str, number: int
) -> None:
    spoil(copied / "assets" / file, pattern)
    page = load_page(copied / "index.html")
    said = run_checks(page)
    assert said.startswith(f"× 第 {number} 项不一致"), said
    assert "failed" in str(page.get_attribute(f"[data-check='{number}']", "class"))


def spoil(path: Path, pattern: str) -> None:
    """Change the one character that ``pattern`` captures, and nothing else."""
    text = path.read_text(encoding="utf-8")
    found = re.search(pattern, text)
    assert found is not None, f"{path.name} has no {pattern}"
    at = found.start(1)
    other = "1" if text[at] == "2" else "2"
    path.write_text(text[:at] + other + text[at + 1 :], encoding="utf-8")


def _give_twice(rows: list[dict[str, list[str]]]) -> None:
    placed = [row for row in rows if row["units"]]
    placed[1]["units"] = placed[0]["units"]


@pytest.mark.parametrize(
    ("name", "change", "number"),
    [
        ("roster", lambda rows: rows[3].update(commit=rows[4]["commit"]), 3),
        ("choices", _give_twice, 4),
        ("draws", lambda rows: rows[0].update(scheme="anju-draw-1"), 6),
        ("draws", lambda rows: rows[0]["input"].update(beacon_at="2026-12-01T15:30:00+08:00"), 6),
        ("draws", lambda rows: rows[0]["input"]["beacon"].pop(), 6),
        ("draws", lambda rows: rows[0]["expected"].update(R="0" * 64), 7),
        ("draws", lambda rows: rows[0]["input"]["committers"][0].update(secret="0" * 64), 8),
        ("draws", lambda rows: rows[0]["expected"].update(A="0" * 64), 9),
        ("draws", lambda rows: rows[0]["expected"].update(seed="0" * 64), 10),
        ("draws", lambda rows: rows[0]["expected"]["order"].reverse(), 11),
        ("order", lambda rows: rows[0].update(batch=2), 12),
        ("choices", lambda rows: rows[0].update(area_sqm="1.00"), 14),
        ("choices", lambda rows: rows[0]["proof"]["path"].reverse(), 15),
    ],
)
def test_a_forger_who_also_mends_the_manifest_is_still_found(
    *,
    small: Path,
    tmp_path: Path,
    load_page: Callable[[Path], Page],
    name: str,
    change: Callable[[object], object],
    number: int,
) -> None:
    """Digests are made to fit the forged file: the check of its content must fail by itself."""
    folder = Path(shutil.copytree(small, tmp_path / "forged"))
    rows = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    change(rows)
    write_with_digest(folder, name, rows)
    write_pages(folder)
    page = load_page(folder / "index.html")
    said = run_checks(page)
    assert said.startswith("×")
    assert "failed" in str(page.get_attribute(f"[data-check='{number}']", "class")), said
    assert page.get_attribute("[data-check='1']", "class") == "done"


def write_with_digest(folder: Path, name: str, rows: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][f"{name}.json"] = sm3(canonical(rows)).hex()
    (folder / f"{name}.json").write_bytes(canonical(rows))
    (folder / "manifest.json").write_bytes(canonical(manifest))


def test_a_missing_or_broken_data_file_is_told_not_a_blank_page(
    copied: Path, load_page: Callable[[Path], Page]
) -> None:
    (copied / "assets" / "data-units.js").write_text(
        "window.ANJU_UNITS = JSON.parse(", encoding="utf-8"
    )
    page = load_page(copied / "index.html")
    assert "data-units.js" in page.inner_text("#trouble")
    assert "一共 60 户" in page.inner_text("h1")


def test_a_broken_proof_file_fails_check_one(
    copied: Path, load_page: Callable[[Path], Page]
) -> None:
    (copied / "assets" / "data-proofs-0.js").unlink()
    page = load_page(copied / "index.html")
    assert run_checks(page).startswith("× 第 1 项不一致：读不出 assets/data-proofs-0.js")
