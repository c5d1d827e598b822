"""The main job as a clerk does it: from an empty folder to a result a stranger checks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from anju.cli.app import app
from tests.contexts.test_real_draw import BEACON, COMMITTERS, secret_of
from tests.support.real_data import real_data


def anju(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def told(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def stand_alone(bundle: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own verifier as a stranger would: plain Python, nothing of ours in reach."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(bundle / "verify_bundle.py"), str(bundle), *more],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.req("DRW-3", "SCO-3", "CRT-2")
@pytest.mark.pitfall("P24")
def test_a_rehearsal_from_an_example_to_two_verifiers(tmp_path: Path) -> None:
    plan, bundle = tmp_path / "plan", tmp_path / "result"
    told(anju("example", plan, "--homes", 130, "--households", 110, "--json"))
    ran = told(anju("run", plan, "--out", bundle, "--rehearsal", "--json"))
    assert ran["households"] == 110
    assert isinstance(ran["placed"], int)
    assert 55 < ran["placed"] <= 110
    verdict = told(
        anju("verify", bundle, "--root", ran["root"], "--receipts", ran["receipts"], "--json")
    )
    assert verdict["valid"] is True
    alone = stand_alone(bundle, "--root", str(ran["root"]), "--receipts", str(ran["receipts"]))
    assert alone.returncode == 0, alone.stdout + alone.stderr

    shown = anju("verify", bundle)
    assert "成立" in shown.output
    choices = (bundle / "choices.json").read_bytes()
    (bundle / "choices.json").write_bytes(choices.replace(b'"batch":1', b'"batch":2', 1))
    refused = anju("verify", bundle)
    assert refused.exit_code == 1
    assert "第 1 项" in refused.output
    assert stand_alone(bundle).returncode == 1


@pytest.mark.req("DRW-1", "DRW-2", "DRW-5")
def test_a_real_draw_signed_and_checked_by_a_stranger(tmp_path: Path) -> None:
    plan, bundle, key = tmp_path / "plan", tmp_path / "result", tmp_path / "office.key"
    told(anju("example", plan, "--homes", 60, "--households", 50, "--json"))
    public = str(told(anju("key", key, "--json"))["public"])
    frozen = told(anju("freeze", plan, "--json"))
    strata: list[dict[str, str]] = frozen["strata"]  # type: ignore[assignment]
    lines = []
    for who in COMMITTERS:
        commitments = [
            told(
                anju(
                    "commit", row["draw_id"], who, "--secret", secret_of(who, place).hex(), "--json"
                )
            )["commitment"]
            for place, row in enumerate(strata)
        ]
        lines.append(f'[[draw.committers]]\nwho = "{who}"\ncommitments = {json.dumps(commitments)}')
    file = plan / "plan.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + "\n".join(lines), encoding="utf-8")
    told(anju("announce", plan, "--json"))
    reveals = tmp_path / "reveals.toml"
    secrets = "\n".join(
        f"{who} = {json.dumps([secret_of(who, place).hex() for place in range(len(strata))])}"
        for who in COMMITTERS
    )
    reveals.write_text(f"beacon = {json.dumps(BEACON)}\n[secrets]\n{secrets}\n", encoding="utf-8")

    ran = told(anju("run", plan, "--out", bundle, "--reveals", reveals, "--key", key, "--json"))
    assert ran["rehearsal"] is False
    assert told(anju("verify", bundle, "--key", public, "--json"))["valid"] is True
    alone = stand_alone(bundle, "--key", public)
    assert alone.returncode == 0, alone.stdout + alone.stderr
    other = str(told(anju("key", tmp_path / "other.key", "--json"))["public"])
    assert anju("verify", bundle, "--key", other).exit_code == 1
    assert stand_alone(bundle, "--key", other).returncode == 1

    again = told(anju("run", plan, "--out", tmp_path / "again", "--reveals", reveals, "--json"))
    assert again["root"] == ran["root"]


@pytest.mark.req("DRW-3")
def test_a_published_draw_is_recomputed_on_the_command_line(tmp_path: Path) -> None:
    cases = json.loads(real_data("vectors/draw.json").read_text(encoding="utf-8"))["cases"]
    for case in cases:
        file = tmp_path / "draw.json"
        file.write_text(json.dumps(case["input"]), encoding="utf-8")
        assert told(anju("recompute", "anju-draw-1", file, "--json")) == case["expected"]
    file = tmp_path / "faulty.json"
    file.write_text('{"draw_id": 1}', encoding="utf-8")
    refused = anju("recompute", "anju-draw-1", file, "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["refused"][0]["code"] == "draw.input-malformed"


def test_a_run_says_what_is_wrong_and_writes_nothing(tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    told(anju("example", plan, "--homes", 30, "--households", 20, "--json"))
    neither = anju("run", plan, "--out", tmp_path / "out")
    assert neither.exit_code == 1
    both = anju(
        "run", plan, "--out", tmp_path / "out", "--rehearsal", "--reveals", plan / "plan.toml"
    )
    assert both.exit_code == 1
    households = plan / "households.csv"
    lines = households.read_text(encoding="utf-8-sig").splitlines()
    place = lines[0].split(",").index("户籍人口")
    for number in (3, 5):
        row = lines[number].split(",")
        row[place] = "三口"
        lines[number] = ",".join(row)
    households.write_text("\n".join(lines) + "\n", encoding="utf-8")
    faulty = anju("run", plan, "--out", tmp_path / "out", "--rehearsal", "--json")
    assert faulty.exit_code == 1
    faults = json.loads(faulty.stdout)["faults"]
    assert [(fault["row"], fault["column"], fault["value"]) for fault in faults] == [
        (4, "户籍人口", "三口"),
        (6, "户籍人口", "三口"),
    ]
    assert not (tmp_path / "out").exists()
    assert anju("verify", tmp_path).exit_code == 1
    assert (
        anju("run", tmp_path / "nowhere", "--out", tmp_path / "out", "--rehearsal").exit_code == 1
    )


def test_the_committed_example_runs(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "liuan-village"
    shutil.copytree(example, tmp_path / "plan")
    ran = told(anju("run", tmp_path / "plan", "--out", tmp_path / "out", "--rehearsal", "--json"))
    assert ran["households"] == 50
    assert stand_alone(tmp_path / "out").returncode == 0
