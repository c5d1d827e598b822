"""The real draw on one laptop: freeze, commit, announce, reveal, and what each refuses."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from anju.resettlement.offline import drawing
from anju.resettlement.offline.plan import Plan, read_plan
from anju_rules.draws import Scheme, commit_secret
from anju_rules.hashing import digest
from anju_rules.values import Refusal
from tests.support.plans import write_small_plan

BEACON = ["07 41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000"]
COMMITTERS = ("operator", "notary", "supervisor", "rep-1")


def secret_of(who: str, place: int) -> bytes:
    return digest(f"{who} {place}".encode())


def commit_all(folder: Path, plan: Plan) -> Plan:
    """Write every committer's commitments into the plan, as a clerk would."""
    told = []
    for who in COMMITTERS:
        commitments = [
            commit_secret(
                scheme=Scheme.REAL,
                draw_id=drawing.draw_id_of(plan, place=place, scheme=Scheme.REAL),
                who=who,
                secret=secret_of(who, place),
            ).hex()
            for place in range(len(plan.project.strata))
        ]
        told.append(
            f'[[draw.committers]]\nwho = "{who}"\ncommitments = {json.dumps(commitments)}\n'
        )
    file = folder / "plan.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + "\n".join(told), encoding="utf-8")
    return read_plan(folder)


def write_reveals(file: Path, plan: Plan, **changed: list[str]) -> Path:
    secrets = {
        who: [secret_of(who, place).hex() for place in range(len(plan.project.strata))]
        for who in COMMITTERS
    }
    told = {"beacon": BEACON, "secrets": {**secrets, **changed}}
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


@pytest.fixture
def announced(tmp_path: Path) -> tuple[Path, Plan]:
    """A plan whose draw is frozen, committed to and announced."""
    folder = tmp_path / "plan"
    plan = write_small_plan(folder)
    drawing.freeze_plan(folder, plan)
    plan = commit_all(folder, plan)
    drawing.announce_plan(folder, plan)
    return folder, plan


@pytest.mark.req("DRW-1", "DRW-2", "DRW-5")
def test_a_draw_goes_from_the_frozen_list_to_the_order(
    announced: tuple[Path, Plan], tmp_path: Path
) -> None:
    folder, plan = announced
    entries, draws = drawing.draw_for_real(
        folder, plan, reveals=write_reveals(tmp_path / "reveals.json", plan)
    )
    assert len(entries) == len(plan.households)
    told = json.loads((folder / "frozen" / "announcement.json").read_bytes())
    assert [row["A"] for row in told] == [result.announcement.hex() for _, result in draws]
    assert sum(len(result.order) for _, result in draws) == len(plan.households)
    assert len({row["draw_id"] for row in told}) == len(plan.project.strata)


@pytest.mark.pitfall("P1")
@pytest.mark.threat("T-02")
def test_a_second_freeze_or_announcement_is_refused(announced: tuple[Path, Plan]) -> None:
    folder, plan = announced
    with pytest.raises(Refusal) as frozen:
        drawing.freeze_plan(folder, plan)
    assert frozen.value.code == "draw.already-frozen"
    with pytest.raises(Refusal) as again:
        drawing.announce_plan(folder, plan)
    assert again.value.code == "draw.already-announced"


@pytest.mark.pitfall("P16")
@pytest.mark.threat("T-04")
@pytest.mark.parametrize("change", ["add", "drop", "alter"])
def test_an_entry_changed_after_the_freeze_is_refused(
    announced: tuple[Path, Plan], tmp_path: Path, change: str
) -> None:
    folder, _ = announced
    file = folder / "households.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    if change == "add":
        lines.append(lines[-1].replace(lines[-1].split(",")[0], "LATE-1").replace("1", "1", 1))
        lines[-1] = _without_identity(lines)
    elif change == "drop":
        number = lines.pop().split(",")[0]
        wishes = folder / "wishes.csv"
        kept = [
            line
            for line in wishes.read_text(encoding="utf-8-sig").splitlines()
            if number not in line
        ]
        wishes.write_text("\n".join(kept) + "\n", encoding="utf-8")
    else:
        heads = lines[0].split(",")
        row = lines[1].split(",")
        place = heads.index("按期搬迁")
        row[place] = "否" if row[place] == "是" else "是"
        lines[1] = ",".join(row)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    changed = read_plan(folder)
    with pytest.raises(Refusal) as refused:
        drawing.draw_for_real(folder, changed, reveals=write_reveals(tmp_path / "r.json", changed))
    assert refused.value.code == "draw.list-changed"


def _without_identity(lines: list[str]) -> str:
    heads, row = lines[0].split(","), lines[-1].split(",")
    row[heads.index("身份证号")] = ""
    return ",".join(row)


@pytest.mark.threat("T-03")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"notary": ["ab" * 32, "ab" * 32]}, "draw.commit-invalid"),
        ({"notary": []}, "draw.secret-missing"),
        ({"notary": ["AB" * 32, "AB" * 32]}, "value.not-a-digest"),
    ],
)
def test_a_secret_withheld_or_garbled_gives_no_draw(
    announced: tuple[Path, Plan], tmp_path: Path, changed: dict[str, list[str]], code: str
) -> None:
    folder, plan = announced
    reveals = write_reveals(tmp_path / "reveals.json", plan, **changed)
    with pytest.raises(Refusal) as refused:
        drawing.draw_for_real(folder, plan, reveals=reveals)
    assert refused.value.code == code


@pytest.mark.threat("T-01")
def test_terms_changed_after_the_announcement_are_refused(
    announced: tuple[Path, Plan], tmp_path: Path
) -> None:
    folder, _ = announced
    file = folder / "plan.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("2026-11-26T15:30:00", "2026-11-27T15:30:00"), encoding="utf-8")
    plan = read_plan(folder)
    reveals = write_reveals(tmp_path / "reveals.json", plan)
    with pytest.raises(Refusal) as refused:
        drawing.draw_for_real(folder, plan, reveals=reveals)
    assert refused.value.code == "draw.announcement-differs"
    # Control: without the announcement on file, the later beacon would pass unseen.
    (folder / "frozen" / "announcement.json").unlink()
    drawing.announce_plan(folder, plan)
    assert drawing.draw_for_real(folder, plan, reveals=reveals)


def test_a_draw_before_its_time_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    plan = write_small_plan(folder)
    reveals = write_reveals(tmp_path / "reveals.json", plan)
    with pytest.raises(Refusal) as unfrozen:
        drawing.draw_for_real(folder, plan, reveals=reveals)
    assert unfrozen.value.code == "draw.not-frozen"
    drawing.freeze_plan(folder, plan)
    with pytest.raises(Refusal) as unannounced:
        drawing.draw_for_real(folder, plan, reveals=reveals)
    assert unannounced.value.code == "draw.not-announced"
    with pytest.raises(Refusal) as uncommitted:
        drawing.announce_plan(folder, plan)
    assert uncommitted.value.code == "draw.no-committer"


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"beacon": [], "secrets": []}', "\x00", '{"beacon": 1}']
)
def test_reveals_that_are_no_reveals_are_refused(
    announced: tuple[Path, Plan], tmp_path: Path, text: str
) -> None:
    folder, plan = announced
    file = tmp_path / "reveals.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        drawing.draw_for_real(folder, plan, reveals=file)
    assert refused.value.code in {"draw.reveals-unreadable", "draw.reveals-malformed"}


@pytest.mark.req("SEC-2")
def test_receipts_are_for_their_owner_only_and_the_list_names_nobody(
    announced: tuple[Path, Plan],
) -> None:
    folder, plan = announced
    receipts = folder / "frozen" / "receipts.json"
    assert stat.S_IMODE(receipts.stat().st_mode) == 0o600
    public = (folder / "frozen" / "list.json").read_text(encoding="utf-8")
    for registered in plan.households.values():
        assert registered.name not in public
        assert registered.identity_number not in public
