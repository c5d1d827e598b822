"""The page that checks one draw: in Chromium, from a file, with the same verdicts as Python."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anju.foundation.draws.standalone import verify_draw
from anju.foundation.draws.verifiers import VERIFIERS
from anju_rules.draw_bundle import judge_bundle
from anju_rules.draws import Scheme
from tests.support.draw_bundles import (
    REAL,
    REHEARSAL,
    SEED,
    clash,
    forge_each,
    fuzz,
    make_bundle,
    publish,
    raw_of,
    recommit,
    splice,
)
from tests.support.pages import overhang

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Page

    from tests.web.conftest import Opened

alone: Any = verify_draw
"""The program itself, which is without annotations."""
pytestmark = [pytest.mark.req("DRW-3"), pytest.mark.enable_socket]
FUZZED = 100_000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 2_000
CLASHES = 1_000
PAGE = VERIFIERS["verify_draw.html"]

JUDGE_ALL = """([bases, cuts, scheme]) => {
  const whole = bases.map((text) => UTF8.encode(text));
  return cuts.map(([base, kept, dropped, hex]) => {
    const from = whole[base];
    const raw = join([from.subarray(0, kept), bytesOf(hex), from.subarray(kept + dropped)]);
    return judge(raw, scheme);
  });
}"""
WITHOUT = """([hex, number]) => {
  const met = [...checks(bytesOf(hex), 'anju-draw-1', '', {})].map(Boolean);
  return met.findIndex((one, i) => !one && i + 1 !== number) + 1;
}"""


def judge_all(page: Page, raws: Sequence[bytes], *, scheme: str = REAL) -> list[int]:
    """Give the page's verdict on each file, in one call; files travel as splices of the first."""
    base = raw_of(make_bundle())
    cuts = [[0, *splice(base, raw)] for raw in raws]
    numbers: list[int] = page.evaluate(JUDGE_ALL, [[base.decode()], cuts, scheme])
    return numbers


@pytest.fixture
def page(load_page: Callable[[Path], Page]) -> Page:
    return load_page(PAGE)


@pytest.mark.threat("T-01")
def test_page_and_program_agree_on_strange_files(page: Page) -> None:
    """100,000 files in the thorough run, mutated, mended, cut: not one verdict differs."""
    dice = random.Random(SEED)
    bundles = [make_bundle(size=size) for size in (3, 4, 5)]
    raws = [fuzz(dice.choice(bundles), dice, share=0.1) for _ in range(FUZZED)]
    raws.append(raw_of(make_bundle(scheme=Scheme.REHEARSAL)))  # few strange files are of a kind
    expected = [alone.judge(raw) for raw in raws]
    given = judge_all(page, raws)
    differing = [
        (raw, one, two) for raw, one, two in zip(raws, expected, given, strict=True) if one != two
    ]
    assert differing == []
    right = {raw_of(bundle) for bundle in bundles}
    assert not [raw for raw, one in zip(raws, expected, strict=True) if raw in right and one]
    assert set(given) >= {0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 12}


@pytest.mark.threat("T-05")
def test_the_page_finds_every_clash(page: Page) -> None:
    dice = random.Random(SEED)
    forged = [raw_of(clash(dice)) for _ in range(CLASHES)]
    assert judge_all(page, forged) == [4] * CLASHES
    passed = sum(page.evaluate(WITHOUT, [raw.hex(), 4]) == 0 for raw in forged[:50])
    assert passed > 25, "control: with check 4 off they are valid"


def test_each_check_of_the_page_alone_keeps_its_forgery_out(page: Page) -> None:
    """Control: with its check off, the forgery is valid."""
    bundle = make_bundle()
    for number, what, raw in forge_each(bundle):
        assert judge_all(page, [raw]) == [number], what
        # The page makes A of the published roots, so a false root spoils what follows too; and a
        # ticket of both lists has no place of its own.
        spoilt = 7 if number == 5 else 12 if what == "a disputed line of the list" else 0
        assert page.evaluate(WITHOUT, [raw.hex(), number]) == spoilt, what


@pytest.mark.threat("T-09")
@pytest.mark.parametrize("made", [REAL, REHEARSAL])
def test_the_page_takes_no_rehearsal_for_real_nor_the_reverse(page: Page, made: str) -> None:
    other = REHEARSAL if made == REAL else REAL
    bundles = [make_bundle(size=size, scheme=Scheme(made)) for size in range(1, 21)]
    raws = [raw_of(bundle) for bundle in bundles]
    assert judge_all(page, raws, scheme=made) == [0] * 20
    assert judge_all(page, raws, scheme=other) == [3] * 20
    relabelled = [raw_of(recommit({**bundle, "scheme": other})) for bundle in bundles]
    assert judge_all(page, relabelled, scheme=other) == [3] * 20


def test_a_person_picks_a_file_and_finds_the_own_ticket(
    open_page: Callable[..., Opened], tmp_path: Path
) -> None:
    bundle = make_bundle(size=5)
    file = tmp_path / "draw.json"
    file.write_bytes(raw_of(bundle))
    opened = open_page(PAGE, phone=True)
    page = opened.page
    page.click("#run")
    assert "请先选" in page.inner_text("#verdict")
    page.set_input_files("#file", file)
    page.fill("#pin", bundle["expected"]["A"])
    page.fill("#ticket", bundle["expected"]["order"][2].lower())
    page.click("#run")
    page.wait_for_selector("#verdict.met")
    assert "第 3 位" in page.inner_text("#own")
    assert page.inner_text("#digest") == judge_bundle(raw_of(bundle)).order_digest
    assert page.locator("#checks li.met").count() == 12
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert overhang(page) <= 0, width
    page.fill("#pasted", raw_of({**bundle, "stratum": "另一层"}).decode())
    page.click("#run")
    page.wait_for_selector("#verdict.failed")
    assert "第 7 项“公告摘要”" in page.inner_text("#verdict")
    assert page.locator("#checks li.failed").count() == 1
    assert opened.complaints == []
    assert opened.requests == [PAGE.as_uri()]


def test_the_page_checks_a_hundred_thousand_tickets(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "draw.json"
    file.write_bytes(publish(size=100_000))
    page.set_input_files("#file", file)
    page.click("#run")
    page.wait_for_selector("#verdict.met, #verdict.failed", timeout=120_000)
    assert "共 100000 票" in page.inner_text("#verdict")
