"""The bundle: whole or not at all, without personal data, and every change of it found."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from anju.foundation.core.crypto import new_key_pair, tested_provider
from anju.resettlement.offline import bundle as bundles
from anju.resettlement.offline.allocate import allocate_plan
from anju.resettlement.offline.drawing import rehearse_draw
from anju.resettlement.offline.entries import Entry, show_receipts
from anju.resettlement.offline.plan import Plan
from anju_rules.hashing import canonical, digest
from anju_rules.values import Refusal
from anju_rules.verify import proofs
from anju_rules.verify.bundle import Pins, verify_bundle
from tests.support.plans import write_small_bundle, write_small_plan

PINNED = Pins()


def never(*_: object) -> bool:
    return False


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan, tuple[Entry, ...]]:
    """A small plan and its bundle."""
    folder = tmp_path_factory.mktemp("bundle")
    plan = write_small_plan(folder / "plan", homes=24, households=20)
    entries, _ = write_small_bundle(folder / "bundle", plan)
    return folder / "bundle", plan, entries


def failed(files: dict[str, bytes], pins: Pins = PINNED) -> int | None:
    """Give the number of the check that fails, or None where all are met."""
    checks = verify_bundle(files, pins=pins, is_signed=never)
    return None if checks[-1].met else checks[-1].number


@pytest.mark.req("DRW-3", "SCO-3")
@pytest.mark.threat("T-07")
def test_a_bundle_passes_every_check(made: tuple[Path, Plan, tuple[Entry, ...]]) -> None:
    folder, plan, entries = made
    files = bundles.read_bundle(folder)
    root = json.loads(files["manifest.json"])["root"]
    pins = Pins(root=root, receipts=show_receipts(entries).encode())
    checks = verify_bundle(files, pins=pins, is_signed=never)
    assert [check.number for check in checks if check.met] == [*range(1, 17), 18]
    assert len(json.loads(files["choices.json"])) == len(plan.households)


@pytest.mark.req("SEC-2")
@pytest.mark.threat("T-35")
def test_no_name_identity_number_or_telephone_stands_in_it(
    made: tuple[Path, Plan, tuple[Entry, ...]],
) -> None:
    folder, plan, entries = made
    whole = b"".join(bundles.read_bundle(folder).values()).decode(errors="replace")
    for registered in plan.households.values():
        for secret in (registered.name, registered.identity_number, registered.phone):
            assert secret
            assert secret not in whole
    for entry in entries:
        assert entry.salt.hex() not in whole
    for fact in ("is_low_income", "has_disability", "has_member_over_70"):
        assert f'"{fact}":' not in (folder / "roster.json").read_text(encoding="utf-8")


def each_change(value: Any, chance: random.Random) -> Any:
    """Give the value with one thing changed, somewhere in it."""
    if isinstance(value, dict) and value:
        key = chance.choice(sorted(value))
        if chance.random() < 0.1:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: each_change(value[key], chance)}
    if isinstance(value, list) and value:
        place = chance.randrange(len(value))
        kind = chance.random()
        if kind < 0.08:
            return value[:place] + value[place + 1 :]
        if kind < 0.16:
            return [*value[:place], value[place], *value[place:]]
        if kind < 0.24 and len(value) > 1:
            other = (place + 1) % len(value)
            swapped = list(value)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            return swapped
        return [*value[:place], each_change(value[place], chance), *value[place + 1 :]]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice([-1, 1])
    if isinstance(value, str) and value:
        place = chance.randrange(len(value))
        return value[:place] + chance.choice("0a9Z王 ") + value[place + 1 :]
    return "changed"


def sealed_again(files: dict[str, bytes]) -> dict[str, bytes]:
    """Write the manifest's digests anew, as a forger would."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: digest(raw).hex() for name, raw in files.items() if name != "manifest.json"
    }
    return {**files, "manifest.json": canonical(manifest)}


RESULT_FILES = ("units", "roster", "scores", "draws", "order", "choices", "ledger", "rules")


@pytest.mark.req("DRW-3")
@pytest.mark.threat("T-01")
def test_every_forged_file_is_found_even_with_the_manifest_forged_too(
    made: tuple[Path, Plan, tuple[Entry, ...]],
) -> None:
    """400 forgeries; the seed is 400. Each is found by its own check or, at last, by the ledger."""
    files = bundles.read_bundle(made[0])
    chance = random.Random(400)
    found: Counter[int] = Counter()
    tried = 0
    while tried < 400:
        name = f"{chance.choice(RESULT_FILES)}.json"
        changed = each_change(json.loads(files[name]), chance)
        if canonical(changed) == files[name]:
            continue
        tried += 1
        number = failed(sealed_again({**files, name: canonical(changed)}))
        assert number is not None, name
        found[number] += 1
    assert sum(found.values()) == 400
    assert len(found) >= 8, found


def test_with_the_ledger_check_off_some_forgeries_would_pass(
    made: tuple[Path, Plan, tuple[Entry, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a changed street or orientation decides nothing; only the ledger knows."""
    files = bundles.read_bundle(made[0])
    roster = json.loads(files["roster.json"])
    roster[0]["street"] = "另一条街"
    forged = sealed_again({**files, "roster.json": canonical(roster)})
    assert failed(forged) == 14
    monkeypatch.setattr(proofs, "check_ledger", lambda _: None)
    assert failed(forged) is None


def test_a_changed_file_is_found_by_the_manifest(
    made: tuple[Path, Plan, tuple[Entry, ...]],
) -> None:
    files = bundles.read_bundle(made[0])
    for name in files:
        if name != "manifest.json":
            assert failed({**files, name: files[name] + b" "}) == 1
            assert failed({one: raw for one, raw in files.items() if one != name}) == 1
    assert failed({**files, "more.html": b""}) == 1
    assert failed({}) == 1


def test_reserved_homes_that_open_after_nobody_are_found(
    made: tuple[Path, Plan, tuple[Entry, ...]],
) -> None:
    files = bundles.read_bundle(made[0])
    forged = files["rules.json"].replace(
        '"reserved_opens_after_stratum":"优先户"'.encode(),
        '"reserved_opens_after_stratum":"无人"'.encode(),
    )
    assert forged != files["rules.json"]
    assert failed(sealed_again({**files, "rules.json": forged})) == 2


@pytest.mark.threat("T-09")
def test_a_rehearsal_cannot_be_passed_off_as_real(
    made: tuple[Path, Plan, tuple[Entry, ...]],
) -> None:
    files = bundles.read_bundle(made[0])
    manifest = json.loads(files["manifest.json"])
    real = canonical({**manifest, "rehearsal": False})
    assert failed({**files, "manifest.json": real}) == 6
    renamed = json.loads(files["draws.json"])
    for row in renamed:
        row["scheme"] = "anju-draw-1"
    forged = sealed_again({**files, "manifest.json": real, "draws.json": canonical(renamed)})
    assert failed(forged) == 6


RUBBISH = (
    b"",
    b"{",
    b"\xff\xfe",
    b'{"a":1,"a":2}',
    b"[" * 5000,
    b"1e400",
    b"[1.5]",
    b"9" * 5000,
    b"null",
    b'"\\ud800"',
    b"[NaN]",
)


@pytest.mark.parametrize("name", ["manifest.json", "draws.json", "ledger.json", "rules.json"])
def test_rubbish_in_any_file_is_a_failed_check_and_never_an_error(
    made: tuple[Path, Plan, tuple[Entry, ...]], name: str
) -> None:
    files = bundles.read_bundle(made[0])
    for raw in RUBBISH:
        forged = {**files, name: raw}
        assert failed(forged if name == "manifest.json" else sealed_again(forged)) is not None, raw


@pytest.mark.req("DRW-5", "CRT-3")
def test_a_signed_bundle_says_who_signed_it(tmp_path: Path) -> None:
    plan = write_small_plan(tmp_path / "plan", homes=20, households=16)
    entries, draws = rehearse_draw(plan)
    allocation = allocate_plan(plan, entries=entries, results=[result for _, result in draws])
    provider, pair = tested_provider(), new_key_pair()
    bundles.write_bundle(
        tmp_path / "b", plan=plan, draws=draws, allocation=allocation, signing=(provider, pair)
    )
    files = bundles.read_bundle(tmp_path / "b")

    def is_signed(key: str, message: bytes, signature: str) -> bool:
        return provider.sm2_verify(
            public_key=bytes.fromhex(key), message=message, signature=bytes.fromhex(signature)
        )

    def verdict(changed: dict[str, bytes], key: str) -> str:
        checks = verify_bundle(changed, pins=Pins(key=key), is_signed=is_signed)
        return checks[-1].code

    assert verdict(files, pair.public.hex()) == ""
    assert verdict(files, new_key_pair().public.hex()) == "verify.key-differs"
    other = json.loads(files["signature.json"])
    flipped = f"{int(other['signature'][0], 16) ^ 1:x}{other['signature'][1:]}"
    forged = {**files, "signature.json": canonical({**other, "signature": flipped})}
    assert verdict(forged, pair.public.hex()) == "verify.signature-wrong"
    unsigned = {name: raw for name, raw in files.items() if name != "signature.json"}
    assert verdict(unsigned, pair.public.hex()) == "verify.signature-missing"


def test_a_receipt_opens_its_own_commitment_only(
    made: tuple[Path, Plan, tuple[Entry, ...]],
) -> None:
    folder, _, entries = made
    files = bundles.read_bundle(folder)
    told = json.loads(show_receipts(entries))
    assert failed(files, Pins(receipts=json.dumps(told[:1]).encode())) is None
    told[0]["record"]["facts"]["is_low_income"] = not told[0]["record"]["facts"]["is_low_income"]
    assert failed(files, Pins(receipts=json.dumps(told).encode())) == 18
    told[0]["ticket"] = "NOBODY"
    assert failed(files, Pins(receipts=json.dumps(told).encode())) == 18
    for raw in (b"", b"{}", b"[1]", b"[" * 9999, b"[1.5]"):
        assert failed(files, Pins(receipts=raw)) == 18


def test_another_root_than_the_readers_is_found(
    made: tuple[Path, Plan, tuple[Entry, ...]],
) -> None:
    assert failed(bundles.read_bundle(made[0]), Pins(root="00" * 32)) == 16


def test_a_bundle_is_written_whole_or_not_at_all(
    made: tuple[Path, Plan, tuple[Entry, ...]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = made[1]

    def breaks(_: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(bundles, "write_pages", breaks)
    with pytest.raises(OSError, match="disk full"):
        write_small_bundle(tmp_path / "out", plan)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(
    made: tuple[Path, Plan, tuple[Entry, ...]], tmp_path: Path
) -> None:
    _, plan, _ = made
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep", encoding="utf-8")
    _, draws = entries_and_draws = rehearse_draw(plan)
    allocation = allocate_plan(
        plan, entries=entries_and_draws[0], results=[result for _, result in draws]
    )
    for replace, code in ((False, "files.folder-not-empty"), (True, "files.folder-not-a-bundle")):
        with pytest.raises(Refusal) as refused:
            bundles.write_bundle(
                tmp_path / "mine", plan=plan, draws=draws, allocation=allocation, replace=replace
            )
        assert refused.value.code == code
    assert (tmp_path / "mine" / "letter.txt").read_text(encoding="utf-8") == "keep"


def test_a_link_out_of_the_folder_is_not_followed(
    made: tuple[Path, Plan, tuple[Entry, ...]], tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_bytes((made[0] / "manifest.json").read_bytes())
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    with pytest.raises(Refusal) as refused:
        bundles.read_bundle(tmp_path)
    assert refused.value.code == "files.strange-file"
