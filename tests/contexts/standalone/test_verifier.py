"""The stand-alone verifier: accepts what was worked out by hand; root, key and receipts pin it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from anju.resettlement.offline.standalone import verify_bundle as verifier
from tests.support.bundles import (
    REAL,
    REHEARSAL,
    Files,
    change,
    make_bundle,
    receipts,
    write_bundle,
)
from tests.support.forging import Forge, judge, put
from tests.support.real_data import real_data
from tests.support.sm2_example import PUBLIC_KEY, sign

pytestmark = pytest.mark.req("DRW-3")


# --- what is right is accepted -------------------------------------------------------------------


@pytest.mark.parametrize("scheme", [REAL, REHEARSAL])
@pytest.mark.parametrize("mode", ["score", "lottery"])
def test_a_bundle_worked_out_by_hand_is_valid(scheme: str, mode: str, tmp_path: Path) -> None:
    files = make_bundle(scheme=scheme, mode=mode)
    write_bundle(tmp_path, files)
    root = files["manifest.json"]["root"]
    assert judge(tmp_path, root=root, key=PUBLIC_KEY) == 0


def test_receipts_that_open_their_lines_are_valid(folder: Path) -> None:
    assert judge(folder, held=receipts()) == 0
    assert judge(folder, held=receipts("AD")) == 0


@pytest.mark.threat("T-07")
def test_every_case_of_the_protocol_is_recomputed() -> None:
    cases = json.loads(real_data("vectors/draw.json").read_text(encoding="utf-8"))["cases"]
    assert len(cases) == 3
    for case in cases:
        assert verifier.draw_again(REAL, case["input"]) == case["expected"]


# --- the single parts ----------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_its_own_sm3_is_that_of_openssl(data: bytes) -> None:
    assert verifier.own_sm3(data) == hashlib.new("sm3", data).digest()


def test_its_own_sm3_is_the_standards() -> None:
    for vector in json.loads(real_data("vectors/sm3_sm4.json").read_text("utf-8"))["sm3"]:
        assert verifier.own_sm3(vector["msg_utf8"].encode()).hex() == vector["digest"]


def test_own_sm3_is_taken_where_openssl_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(name: str, data: bytes = b"") -> object:
        raise ValueError(name, data)

    assert verifier.choose_sm3() is not verifier.own_sm3
    assert verifier.choose_sm3(own=True) is verifier.own_sm3
    monkeypatch.setattr(hashlib, "new", lacks)
    assert verifier.choose_sm3() is verifier.own_sm3


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_its_canonical_form_is_rfc_8785(value: Any) -> None:
    raw = rfc8785.dumps(value)
    assert verifier.canonical(value) == raw
    assert verifier.read_json(raw) == value


def test_the_standards_signature_is_valid_and_any_other_is_not() -> None:
    message = b"message digest"
    good = sign(message)
    assert good == (
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )
    assert verifier.sm2_is_valid(PUBLIC_KEY, good, message)
    assert not verifier.sm2_is_valid(PUBLIC_KEY, good, message + b".")
    assert not verifier.sm2_is_valid("04" + PUBLIC_KEY[66:] + PUBLIC_KEY[2:66], good, message)
    zero, order = "0" * 64, f"{verifier.N:064x}"
    for r, s in ((zero, good[64:]), (good[:64], zero), (order, good[64:]), (good[:64], order)):
        assert not verifier.sm2_is_valid(PUBLIC_KEY, r + s, message)
    complement = f"{verifier.N - int(good[:64], 16):064x}"
    assert not verifier.sm2_is_valid(PUBLIC_KEY, good[:64] + complement, message)
    for bit in range(0, 512, 7):
        flipped = f"{int(good, 16) ^ (1 << bit):0128x}"
        assert not verifier.sm2_is_valid(PUBLIC_KEY, flipped, message), bit


# --- root, key, receipts -------------------------------------------------------------------------


def test_another_root_than_the_pinned_is_refused(folder: Path) -> None:
    assert judge(folder, root="0" * 64) == 16


@pytest.mark.threat("T-13")
def test_a_bundle_signed_by_nobody_or_another_is_refused(folder: Path, tmp_path: Path) -> None:
    assert judge(folder, key=PUBLIC_KEY) == 17
    files = make_bundle()
    signature = files["signature.json"]["signature"]
    for place, (name, value, key) in enumerate(
        [
            ("signature", signature[::-1], PUBLIC_KEY),
            ("signature", signature[::-1], None),
            ("signature", signature.upper(), None),
            ("key", "04" + "0" * 128, None),
            ("key", PUBLIC_KEY.upper(), None),
            ("extra", "", None),
        ]
    ):
        changed = change(files, lambda _: None)
        changed["signature.json"][name] = value
        assert judge(write_bundle(tmp_path / str(place), changed), key=key) == 17
    right = write_bundle(tmp_path / "right", files)
    assert judge(right, key=PUBLIC_KEY) == 0
    assert judge(right, key=PUBLIC_KEY[:-1] + "0") == 17


def test_a_receipt_that_tells_another_story_is_refused(folder: Path) -> None:
    for path, value in (
        (("salt",), "0" * 32),
        (("ticket",), "YS-000"),
        (("record", "name"), "王某"),
        (("record", "facts", "veterans"), 2),
        (("record", "wishes"), []),
    ):
        held = receipts("D")
        put(held[0], path, value)
        assert judge(folder, held=held) == 18, path


def test_care_is_possible_without_receipts_and_exact_with_them(bundle: Files, forge: Forge) -> None:
    def care(tenths: int) -> Files:
        def edit(files: Files) -> None:
            sheet = files["scores.json"][[row["ticket"] for row in receipts("D")] == [] or place]
            sheet["total"] += tenths - sheet["lines"][-1]["tenths"]
            sheet["lines"][-1]["tenths"] = tenths
            totals = {row["ticket"]: row["total"] for row in files["scores.json"]}
            for row in files["order.json"]:
                row["total"] = totals[row["ticket"]]

        return change(bundle, edit, ledger=True)

    ticket = receipts("D")[0]["ticket"]
    place = [row["ticket"] for row in bundle["scores.json"]].index(ticket)
    for possible in (0, 10, 20):  # D stays the last of its stratum, so the order stays
        assert forge.judge(care(possible)) == 0
        assert forge.judge(care(possible), held=receipts("D")) == (0 if possible == 0 else 5)
    for impossible in (-10, 1, 30, 71, 80, 1000):
        assert forge.judge(care(impossible)) == 5


# --- as a program --------------------------------------------------------------------------------


def run_alone(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the file by itself: no site packages, no environment, no Anju."""
    program = tmp_path / "alone" / "verify_bundle.py"
    program.parent.mkdir(exist_ok=True)
    shutil.copy(str(verifier.__file__), program)
    return subprocess.run(
        [sys.executable, "-I", "-S", str(program), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={"PYTHONUTF8": "1", "PATH": os.environ.get("PATH", "")},
        cwd=tmp_path,
    )


def test_it_runs_alone_and_answers_with_its_exit_code(folder: Path, tmp_path: Path) -> None:
    root = json.loads((folder / "manifest.json").read_bytes())["root"]
    held = tmp_path / "receipts.json"
    held.write_text(json.dumps(receipts(), ensure_ascii=False, indent=1), encoding="utf-8")
    pinned = ["--root", root, "--receipts", str(held), "--own-sm3"]
    good = run_alone(tmp_path, str(folder), *pinned, "--lang", "en")
    assert (good.returncode, good.stderr) == (0, "")
    assert f"VALID: root {root}" in good.stdout
    bad = run_alone(tmp_path, str(folder), "--root", "0" * 64)
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "无效，第 16 项" in bad.stdout
    assert "NOT VALID, check 16" in bad.stdout


def test_wrong_use_is_not_a_verdict(folder: Path, tmp_path: Path) -> None:
    """Asked in this process, and once alone: whatever is no refusal would be seen here."""
    (tmp_path / "broken.json").write_text('[{"ticket":"A"}]', encoding="utf-8")
    for arguments in (
        [str(tmp_path)],
        [str(tmp_path / "nowhere")],
        [str(folder), "--root", "ABC"],
        [str(folder), "--key", "04"],
        [str(folder), "--receipts", str(tmp_path / "nowhere.json")],
        [str(folder), "--receipts", str(tmp_path / "broken.json")],
    ):
        with pytest.raises(SystemExit) as left:
            verifier.main(arguments)
        assert left.value.code == 2, arguments
    answer = run_alone(tmp_path)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr


def test_a_rehearsal_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = write_bundle(tmp_path / "bundle", make_bundle(scheme=REHEARSAL))
    assert verifier.main([str(place)]) == 0
    assert "THIS IS A REHEARSAL" in capsys.readouterr().out
