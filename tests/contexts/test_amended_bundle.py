"""A result whose list the failure rules amended: both verifiers derive it, and refuse forgeries."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anju.resettlement.offline.standalone import verify_bundle as verifier
from anju_rules.verify.bundle import Pins, verify_bundle
from tests.support.amended_bundle import (
    PLACED,
    STRUCK,
    amendment,
    make_amended_bundle,
    order_of,
    result_of,
)
from tests.support.bundles import Files, change, make_bundle, raw_of, ticket_of, write_bundle
from tests.support.forging import SEED, Forge, mutations, switch_off

pytestmark = pytest.mark.req("DRW-1", "DRW-3")
Edit = Callable[[Files], Any]
OUT, IN = ticket_of(STRUCK), ticket_of(PLACED)


def judged(files: Files, forge: Forge) -> tuple[int, int]:
    """Give the number of the first failed check of each verifier; 0: none."""
    checks = verify_bundle(
        {name: raw_of(value) for name, value in files.items()},
        pins=Pins(),
        is_signed=lambda *_: True,
    )
    return 0 if checks[-1].met else checks[-1].number, forge.judge(files)


@pytest.fixture(scope="module", params=[False, True], ids=["by-lot", "live"])
def amended(request: pytest.FixtureRequest) -> Files:
    return make_amended_bundle(is_live=request.param)


@pytest.fixture(scope="module")
def forge(amended: Files, tmp_path_factory: pytest.TempPathFactory) -> Forge:
    return Forge(write_bundle(tmp_path_factory.mktemp("amended"), amended), amended)


def forged(files: Files, edit: Edit, *, follow: bool = True) -> Files:
    """Change a bundle; ``follow``: what is after the order is made anew as well, consistently."""

    def make(copied: Files) -> None:
        edit(copied)
        if follow:
            result_of(copied, is_live="turns.json" in copied)

    return change(files, make, ledger=True)


def renumber(rows: list[Files]) -> None:
    """Put places and batches of an order right again, stratum by stratum."""
    batch, strata = 0, list(dict.fromkeys(row["stratum"] for row in rows))
    for stratum in strata:
        for count, row in enumerate(row for row in rows if row["stratum"] == stratum):
            batch += count % 3 == 0
            row["batch"] = batch
    for place, row in enumerate(rows, 1):
        row["place"] = place


def test_a_struck_and_a_placed_line_are_derived_by_both(amended: Files, forge: Forge) -> None:
    assert judged(amended, forge) == (0, 0)
    order = {row["ticket"]: row for row in amended["order.json"]}
    assert OUT not in order
    assert IN in order
    numbers = [
        row["draw_number"] for row in order.values() if row["stratum"] == order[IN]["stratum"]
    ]
    drawn = max(numbers)
    assert len(set(numbers)) == len(numbers)
    # The struck number is nobody's, or was the last one.
    assert len(numbers) in {drawn, drawn - 1}


def test_a_bundle_without_amendments_stays_as_it_was(tmp_path: Path) -> None:
    files = make_bundle(signed=False)
    assert "amendments.json" not in files
    assert judged(files, Forge(write_bundle(tmp_path, files), files)) == (0, 0)


def without(ticket: str) -> Edit:
    """Leave an amendment out of the list, and nothing else."""

    def edit(files: Files) -> None:
        rows = files["amendments.json"]
        files["amendments.json"] = [row for row in rows if row["ticket"] != ticket]

    return edit


def strike_without_entry(files: Files) -> None:
    """Leave another household out of the order, without a word of it."""
    rows = files["order.json"]
    rows.remove(next(row for row in rows if row["ticket"] not in {IN, OUT}))
    renumber(rows)


def everyone_shifted(files: Files) -> None:
    """Let everybody behind the struck line move up by one number."""
    stratum = next(row["stratum"] for row in files["roster.json"] if row["ticket"] == OUT)
    rows = [row for row in files["order.json"] if row["stratum"] == stratum]
    for row in rows:
        row["draw_number"] += 1


def struck_but_there(files: Files) -> None:
    """Leave the struck household in the order."""
    mode = files["manifest.json"]["project"]["mode"]
    told = {
        **files,
        "amendments.json": [row for row in files["amendments.json"] if row["ticket"] == IN],
    }
    files["order.json"] = order_of(told, mode=mode)


def wrong_place(files: Files) -> None:
    """Give the placed household the number before or after its own."""
    rows = files["order.json"]
    one = next(row for row in rows if row["ticket"] == IN)
    other = next(row for row in rows if row["stratum"] == one["stratum"] and row is not one)
    one["draw_number"], other["draw_number"] = other["draw_number"], one["draw_number"]


def place_a_stranger(files: Files) -> None:
    """Place somebody who was announced nowhere: in the roster, with a key like anybody's."""
    stranger = copy.deepcopy(next(row for row in files["roster.json"] if row["ticket"] == IN))
    stranger |= {"ticket": "YS-999", "commit": "5" * 64}
    sheet = copy.deepcopy(next(row for row in files["scores.json"] if row["ticket"] == IN))
    files["roster.json"].append(stranger)
    files["scores.json"].append(sheet | {"ticket": "YS-999"})
    draw = next(
        row for row in files["draws.json"] if row["input"]["stratum"] == stranger["stratum"]
    )
    files["amendments.json"].append(amendment("place", draw, "YS-999"))


def place_another_commitment(files: Files) -> None:
    next(row for row in files["roster.json"] if row["ticket"] == IN)["commit"] = "5" * 64


def strike_a_stranger(files: Files) -> None:
    files["amendments.json"].append(amendment("strike", files["draws.json"][0], "YS-999"))


def of_another_draw(files: Files) -> None:
    rows = files["amendments.json"]
    numbers = {draw["input"]["draw_id"] for draw in files["draws.json"]}
    (other,) = numbers - {rows[0]["draw_number"]}
    rows[0]["draw_number"] = other


def put(place: int, **values: Any) -> Edit:
    """Change values of one amendment."""
    return lambda files: files["amendments.json"][place].update(values)


def same_event(files: Files) -> None:
    rows = files["amendments.json"]
    rows[1]["event"] = rows[0]["event"]


FORGERIES: dict[str, tuple[Edit, int]] = {
    "a strike without an entry": (strike_without_entry, 12),
    "an order of which the entry is gone": (without(OUT), 12),
    "everyone shifted by a strike": (everyone_shifted, 12),
    "struck, and still there": (struck_but_there, 12),
    "a placement at another place": (wrong_place, 12),
    "a placement without an entry": (without(IN), 6),
    "a placement of somebody not in P": (place_a_stranger, 6),
    "a placement of another record": (place_another_commitment, 6),
    "a strike of somebody not in the list": (strike_a_stranger, 6),
    "an amendment of another draw": (of_another_draw, 6),
    "an unknown draw": (put(0, draw_number="YS-2026-0009"), 6),
    "the other's reason": (put(0, reason="result-disliked"), 6),
    "an entry that tells two": (same_event, 6),
    "the wrong order of rows": (lambda files: files["amendments.json"].reverse(), 6),
    "a row twice": (
        lambda files: files["amendments.json"].insert(0, files["amendments.json"][0]),
        6,
    ),
    "an empty file": (lambda files: files["amendments.json"].clear(), 6),
}


@pytest.mark.threat("T-01")
@pytest.mark.parametrize("name", FORGERIES)
def test_every_forged_amendment_is_refused_by_both(name: str, amended: Files, forge: Forge) -> None:
    """The forger owns ledger, root and manifest, and makes everything behind the order follow."""
    edit, number = FORGERIES[name]
    # With an unknown ticket in the order no live record can be written: those fail before it.
    changed = forged(amended, edit, follow=number == 12 and edit is not struck_but_there)
    assert judged(changed, forge) == (number, number)


def test_no_changed_value_of_the_amendments_is_accepted(amended: Files, forge: Forge) -> None:
    dice = random.Random(f"{SEED} amendments")
    tried = 0
    for what, rows in mutations(amended["amendments.json"], each=1, dice=dice):
        changed = change(amended, lambda files, rows=rows: files.update({"amendments.json": rows}))  # type: ignore[misc]
        own, alone = judged(changed, forge)
        assert own, what
        assert alone, what
        tried += 1
    print(f"seed {SEED}: {tried} refused")  # noqa: T201
    assert tried > 10


@pytest.mark.parametrize(
    ("name", "off"), [("everyone shifted by a strike", 12), ("a strike without an entry", 12)]
)
def test_control_with_its_check_off_a_forged_order_passes(
    name: str, off: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is that check, and no other, that holds the amendments' order."""
    files = make_amended_bundle()
    changed = forged(files, FORGERIES[name][0])

    def believe(b: Any) -> None:
        b.order = verifier.load(b, "order", object)
        b.held = {turn["stratum"] for turn in b.order}

    switch_off(monkeypatch, off, believe)
    assert Forge(write_bundle(tmp_path, files), files).judge(changed) == 0
