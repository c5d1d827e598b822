"""The stand-alone verifier refuses every forged bundle, and the number says where it was forged."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from anju.resettlement.offline.standalone import verify_bundle as verifier
from tests.support.bundle_format import canonical
from tests.support.bundles import (
    REAL,
    REHEARSAL,
    Files,
    change,
    make_bundle,
    receipts,
    write_bundle,
)
from tests.support.forging import (
    NUMBER_OF_FILE,
    SEED,
    Forge,
    judge,
    mutations,
    redraw,
    relabel,
    switch_off,
    with_file,
)
from tests.support.sm2_example import PUBLIC_KEY

pytestmark = [pytest.mark.req("DRW-3"), pytest.mark.long]


# --- what is changed is refused, and the number says where ----------------------------------------


@pytest.mark.threat("T-01")
@pytest.mark.threat("T-12")
@pytest.mark.parametrize("name", list(NUMBER_OF_FILE))
def test_no_changed_file_is_accepted(name: str, bundle: Files, forge: Forge) -> None:
    """Every place of every file changed, the manifest's digests put right again: 0 accepted."""
    dice = random.Random(f"{SEED} {name}")
    tried, accepted, numbers = 0, [], set()
    for what, value in mutations(bundle[name + ".json"], each=1, dice=dice):
        number = forge.judge(with_file(bundle, name + ".json", value))
        tried += 1
        numbers.add(number)
        if number == 0:
            accepted.append(what)
    print(f"{name}: {tried - len(accepted)} of {tried} refused, numbers {sorted(numbers)}")
    assert accepted == []
    # A file's own check sees most; what only the ledger knows (a street, a label) is 14's.
    assert min(numbers) >= NUMBER_OF_FILE[name]


@pytest.mark.threat("T-12")
@pytest.mark.parametrize("name", ["scores", "draws", "order", "choices"])
def test_no_changed_result_is_accepted_with_a_new_ledger(
    name: str, bundle: Files, forge: Forge
) -> None:
    """The forger makes ledger, root and manifest anew: results are still recomputed from inputs."""
    dice = random.Random(f"{SEED} ledger {name}")
    own = {"scores": {5}, "draws": {6, 7, 8, 9, 10, 11, 14}, "order": {12}, "choices": {13}}[name]
    for what, value in mutations(bundle[name + ".json"], each=1, share=0.2, dice=dice):
        try:
            changed = change({**bundle, name + ".json": value}, lambda _: None, ledger=True)
        except (KeyError, TypeError, AttributeError):
            continue  # no ledger can be written over such a file
        same = canonical(changed[name + ".json"]) == canonical(bundle[name + ".json"])
        assert same or forge.judge(changed) in own, what


@pytest.mark.threat("T-13")
@pytest.mark.parametrize("name", ["rules", "units", "roster"])
def test_no_changed_input_is_accepted_against_the_pinned_root(
    name: str, bundle: Files, forge: Forge
) -> None:
    """What nobody can recompute (a name, a street) is held by the root that the reader brought."""
    dice = random.Random(f"{SEED} pinned {name}")
    root = bundle["manifest.json"]["root"]
    for what, value in mutations(bundle[name + ".json"], each=1, share=0.2, dice=dice):
        changed = change({**bundle, name + ".json": value}, lambda _: None, ledger=True)
        assert forge.judge(changed, root=root) > 0, what


def test_no_changed_manifest_is_accepted(bundle: Files, forge: Forge) -> None:
    """Only the project's shown name is bound by nothing: it is a caption, not a result."""
    numbers = set()
    for what, value in mutations(bundle["manifest.json"], each=9, dice=random.Random(SEED)):
        number = forge.judge({**bundle, "manifest.json": value})
        is_caption = what.startswith("('project', 'name') = '")
        assert (number == 0) is is_caption, what
        numbers.add(number)
    assert 1 in numbers


# --- threats -------------------------------------------------------------------------------------


@pytest.mark.threat("T-01")
def test_any_announced_field_changed_gives_another_announcement(bundle: Files) -> None:
    dice = random.Random(SEED)
    draw = bundle["draws.json"][1]
    right = canonical(draw["input"])
    fields = ["draw_id", "stratum", "freeze_at", "beacon_at", "beacon_rule", "redraw_rule"]
    refused, tries = 0, 10_000
    for _ in range(tries):
        told = json.loads(right)
        field = dice.choice([*fields, "ticket", "commit_h", "who", "secret", "line", "committer"])
        if field in fields:
            place = dice.randrange(len(told[field]))
            told[field] = told[field][:place] + dice.choice("0123456789~") + told[field][place:]
        elif field in ("line", "committer"):
            rows = told["lines" if field == "line" else "committers"]
            rows.pop(dice.randrange(len(rows)))
        else:
            name = "lines" if field in ("ticket", "commit_h") else "committers"
            row = dice.choice(told[name] + (told["disputed"] if name == "lines" else []))
            place = dice.randrange(len(row[field]))
            new = dice.choice([one for one in "0123456789" if one != row[field][place]])
            row[field] = row[field][:place] + new + row[field][place + 1 :]
        refused += verifier.draw_again(REAL, told)["A"] != draw["expected"]["A"]
    print(f"seed {SEED}: {refused} of {tries}")
    assert refused == tries


@pytest.mark.threat("T-05")
def test_two_households_with_one_ticket_or_commitment_are_found(
    bundle: Files, forge: Forge
) -> None:
    dice = random.Random(SEED)
    right = canonical(bundle["roster.json"])
    found, tries = 0, 1000
    for _ in range(tries):
        rows = json.loads(right)
        one, two = dice.sample(range(len(rows)), 2)
        field = dice.choice(["ticket", "commit"])
        rows[two][field] = rows[one][field]
        if dice.random() < 0.5:
            rows.sort(key=lambda row: str(row["ticket"]))
        found += forge.judge(with_file(bundle, "roster.json", rows)) == 3
    print(f"seed {SEED}: {found} of {tries}")
    assert found == tries


def test_a_commitment_used_twice_is_found(bundle: Files, forge: Forge) -> None:
    def same_secret(files: Files) -> None:
        committers = files["draws.json"][0]["input"]["committers"]
        committers[1]["secret"] = committers[0]["secret"]
        redraw(files)

    def same_person(files: Files) -> None:
        committers = files["draws.json"][0]["input"]["committers"]
        committers[1]["who"] = committers[0]["who"]
        redraw(files)

    for edit in (same_secret, same_person):
        assert forge.judge(change(bundle, edit, ledger=True)) == 8


@pytest.mark.threat("T-09")
@pytest.mark.parametrize("mode", ["score", "lottery"])
@pytest.mark.parametrize("made", [REAL, REHEARSAL])
def test_a_rehearsal_is_never_real_nor_the_reverse(made: str, mode: str, tmp_path: Path) -> None:
    other = REHEARSAL if made == REAL else REAL

    def in_draws(files: Files) -> None:
        relabel(files)
        for draw in files["draws.json"]:
            draw["scheme"] = other

    def drawn_again(files: Files) -> None:
        in_draws(files)
        redraw(files)

    def one_draw(files: Files) -> None:
        files["draws.json"][0]["scheme"] = other
        redraw(files)

    files = make_bundle(scheme=made, mode=mode, signed=False)
    for number, edit in enumerate((relabel, in_draws, drawn_again, one_draw)):
        changed = change(files, edit, ledger=True)
        assert judge(write_bundle(tmp_path / str(number), changed)) == 6, edit.__name__


def test_a_real_draw_freezes_before_its_beacon(bundle: Files, forge: Forge) -> None:
    def at(name: str, time: str) -> int:
        def edit(files: Files) -> None:
            for draw in files["draws.json"]:
                draw["input"][name] = time
            redraw(files)

        return forge.judge(change(bundle, edit, ledger=True))

    assert at("beacon_at", "2026-11-23T17:00:00+08:00") == 6
    assert at("beacon_at", "2026-11-22T17:00:00+08:00") == 6
    assert at("beacon_at", "2026-13-01T17:00:00+08:00") == 6
    assert at("beacon_at", "2026-11-27T17:00:00Z") == 6
    assert at("freeze_at", "2026-11-30T17:00:00+08:00") == 6


BAD_BEACONS = [
    ["07 41 58 03 96 22", "3912.470", "482315000000", "12764.03", "611902000000"],
    ["07 41 58 03 96 22", "3912.47", "482315000000", "12764.03"],
    ["07 41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000", ""],
    ["7 41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000"],
    ["07  41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000"],
    ["07 41 58 03 96 22", "03912.47", "482315000000", "12764.03", "611902000000"],
    ["07 41 58 03 96 22", "3912.47", "482,315,000,000", "12764.03", "611902000000"],
    ["07 41 58 03 96 22\n", "3912.47", "482315000000", "12764.03", "611902000000"],
    [],
]


@pytest.mark.threat("T-08")
@pytest.mark.parametrize("parts", BAD_BEACONS)
def test_a_beacon_has_one_spelling(parts: list[str], bundle: Files, forge: Forge) -> None:
    def edit(files: Files) -> None:
        for draw in files["draws.json"]:
            draw["input"]["beacon"] = parts
        redraw(files)

    assert forge.judge(change(bundle, edit, ledger=True)) == 6


@pytest.mark.threat("T-20")
def test_forged_proofs_are_refused(bundle: Files) -> None:
    dice = random.Random(SEED)
    proofs = [row["proof"] for row in bundle["choices.json"]]
    accepted, tries = 0, 100_000
    for _ in range(tries):
        right = dice.choice(proofs)
        forged = {"index": right["index"], "path": list(right["path"])}
        match dice.randrange(5):
            case 0:
                forged["index"] += dice.choice([-1, 1, 2**40, -forged["index"] - 1])
            case 1:
                forged["path"].pop(dice.randrange(len(forged["path"])))
            case 2:
                forged["path"].insert(dice.randrange(9), "0" * 64)
            case 3:
                place = dice.randrange(len(forged["path"]))
                forged["path"][place] = dice.choice(["", "00", forged["path"][place].upper() + "F"])
            case _:
                place = dice.randrange(len(forged["path"]))
                flipped = int(forged["path"][place], 16) ^ (1 << dice.randrange(256))
                forged["path"][place] = f"{flipped:064x}"
        try:
            verifier.compare([forged], [right], "proofs")
            accepted += 1
        except verifier.Failed:
            pass
    print(f"seed {SEED}: {accepted} of {tries} accepted")
    assert accepted == 0


def test_a_proof_is_checked_in_its_bundle(bundle: Files, forge: Forge) -> None:
    def swap(files: Files) -> None:
        rows = files["choices.json"]
        rows[0]["proof"], rows[1]["proof"] = rows[1]["proof"], rows[0]["proof"]

    assert forge.judge(change(bundle, swap)) == 15


def test_a_prohibited_fact_is_refused(bundle: Files, forge: Forge) -> None:
    def ban(fact: str) -> int:
        def edit(files: Files) -> None:
            files["rules.json"]["rules"]["prohibitions"][0]["fact"] = fact

        return forge.judge(change(bundle, edit, ledger=True))

    for fact in ("signed_early", "home_area_per_person_sqm", "persons", "confirmed_area_sqm"):
        assert ban(fact) == 2, fact
    assert ban("barrier-free") == 2
    assert ban("seniority") == 0


# --- controls: with a check off, its forgery is accepted -----------------------------------------


def forgery(number: int) -> Any:
    """Give an edit that only this check sees, and whether the ledger is made anew over it."""

    def expected(name: str, value: Any) -> Any:
        return lambda files: files["draws.json"][0]["expected"].update({name: value})

    def proof(files: Files) -> None:
        files["choices.json"][0]["proof"]["path"][0] = "0" * 64

    return {
        7: (expected("R", "0" * 64), True),
        8: (expected("commitments", {}), True),
        9: (expected("A", "0" * 64), True),
        10: (expected("seed", "0" * 64), True),
        11: (expected("disputed_would_stand_before", []), True),
        15: (proof, False),
    }[number]


@pytest.mark.parametrize("number", [7, 8, 9, 10, 11, 15])
def test_control_with_its_check_off_a_forgery_is_accepted(
    number: int, bundle: Files, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit, ledger = forgery(number)
    changed = change(bundle, edit, ledger=ledger)
    assert forge.judge(changed) == number
    switch_off(monkeypatch, number)
    assert forge.judge(changed) == 0


@pytest.mark.threat("T-05")
@pytest.mark.threat("T-09")
def test_control_without_the_input_checks_a_rehearsal_passes_as_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_load(b: Any) -> None:
        b.draws = verifier.load(b, "draws", [verifier.DRAW])
        verifier.load_amendments(b)

    files = change(make_bundle(scheme=REHEARSAL, signed=False), relabel)
    write_bundle(tmp_path, files)
    assert judge(tmp_path) == 6
    switch_off(monkeypatch, 6, only_load)
    assert judge(tmp_path) == 0


def test_control_without_root_key_and_receipt_checks_anything_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = receipts("D")
    held[0]["salt"] = "0" * 32
    for number, pinned in (
        (16, {"root": "0" * 64}),
        (17, {"key": PUBLIC_KEY}),
        (18, {"held": held}),
    ):
        assert judge(folder, **pinned) == number
        switch_off(monkeypatch, number)
        assert judge(folder, **pinned) == 0


def test_control_with_comparing_off_changed_results_are_accepted(
    bundle: Files, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def richer(files: Files) -> None:
        files["choices.json"][0]["units"] = ["1-101"]

    changed = change(bundle, richer)
    assert forge.judge(changed) == 13
    monkeypatch.setattr(verifier, "compare", lambda *_: None)
    assert forge.judge(changed) == 0
