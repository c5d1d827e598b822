"""The stand-alone verifier of one draw: what is right is valid, and nothing else."""

from __future__ import annotations

import ast
import hashlib
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju.foundation.draws.standalone import verify_draw
from anju.foundation.draws.verifiers import VERIFIERS, verifier_digests
from anju_rules.draw_bundle import judge_bundle
from anju_rules.draws import Scheme
from tests.support.draw_bundles import (
    REAL,
    REHEARSAL,
    SEED,
    change_values,
    clash,
    forge_each,
    fuzz,
    loose,
    make_bundle,
    mend,
    raw_of,
    recommit,
)

alone: Any = verify_draw
"""The program itself, which is without annotations."""
pytestmark = [pytest.mark.req("DRW-3"), pytest.mark.long]
MUTATED, CLASHES, FUZZED = 5_000, 1_000, 2_000


def test_a_draw_worked_out_elsewhere_is_valid() -> None:
    for size in (1, 2, 3, 5, 12, 33):
        for disputed in (0, 1, 4):
            assert alone.judge(raw_of(make_bundle(size=size, disputed=disputed))) == 0


def test_both_programs_have_at_most_a_hundred_lines() -> None:
    page = VERIFIERS["verify_draw.html"].read_text(encoding="utf-8")
    script = page.split("<script>\n")[1].split("</script>")[0]
    assert len(script.splitlines()) <= 100
    assert len(VERIFIERS["verify_draw.py"].read_text(encoding="utf-8").splitlines()) <= 100


def test_the_python_program_takes_nothing_but_the_standard_library() -> None:
    tree = ast.parse(VERIFIERS["verify_draw.py"].read_text(encoding="utf-8"))
    taken = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert taken <= sys.stdlib_module_names


def test_the_digests_are_those_of_the_files() -> None:
    for name, told in verifier_digests().items():
        assert told == hashlib.new("sm3", VERIFIERS[name].read_bytes()).hexdigest()


@given(st.binary(max_size=300))
def test_its_own_sm3_is_that_of_openssl(data: bytes) -> None:
    assert alone.own_sm3(data) == hashlib.new("sm3", data).digest()


@pytest.mark.threat("T-01")
def test_no_mutated_draw_is_valid() -> None:
    """0 of 10,000: half changed as they stand, half mended by a forger against the pinned ``A``."""
    dice, accepted, tried, unpinned = random.Random(SEED), [], 0, 0
    bundles = [make_bundle(size=size, salt=str(size)) for size in (3, 4, 5)]
    while tried < 2 * MUTATED:
        bundle = dice.choice(bundles)
        right, pin = raw_of(bundle), bundle["expected"]["A"]
        mended = tried >= MUTATED
        changed = change_values(bundle, dice, results=not mended)
        if mended:
            try:
                changed = recommit(changed) if tried % 2 else mend(changed)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                continue
        raw = loose(changed)
        if raw == right:
            continue
        tried += 1
        unpinned += mended and tried % 4 == 0 and alone.judge(raw) == 0
        if alone.judge(raw, REAL, pin) == 0 or judge_bundle(raw, announcement=pin).is_valid:
            accepted.append(raw)
    assert accepted == []
    assert unpinned > 20, "control: without the pin a forger's own announcement is valid"


@pytest.mark.threat("T-05")
def test_every_clash_is_found() -> None:
    """1,000 of 1,000 lists in which two households share a ticket or an entry fail check 4."""
    dice = random.Random(SEED)
    forged = [raw_of(clash(dice)) for _ in range(CLASHES)]
    assert [alone.judge(raw) for raw in forged] == [4] * CLASHES
    assert {judge_bundle(raw).number for raw in forged} == {4}
    passed = sum(judge_without(raw, 4) == 0 for raw in forged)
    assert passed == CLASHES, "control: with check 4 off every one is valid"


def judge_without(raw: bytes, number: int, *, scheme: str = REAL, pin: str | None = None) -> int:
    """Give the verdict of the program with one check taken out."""
    for made, met in enumerate(alone.checks(raw, scheme, pin), start=1):
        if made != number and not met:
            return made
    return 0


def test_each_check_alone_keeps_its_forgery_out() -> None:
    """Control: with its check off, the forgery is valid; so every check is needed."""
    bundle = make_bundle()
    seen = set()
    for number, what, raw in forge_each(bundle):
        assert alone.judge(raw) == number, what
        assert judge_bundle(raw).number == number, what
        assert judge_without(raw, number) == 0, what
        seen.add(number)
    assert seen == set(range(1, 13)) - {9}


@pytest.mark.threat("T-09")
@pytest.mark.parametrize("made", [REAL, REHEARSAL])
def test_a_rehearsal_is_never_real_nor_the_reverse(made: str) -> None:
    other = REHEARSAL if made == REAL else REAL
    for size in range(1, 41):
        bundle = make_bundle(size=size, scheme=Scheme(made), salt=made)
        raw = raw_of(bundle)
        assert alone.judge(raw, made) == 0
        assert alone.judge(raw, other) == judge_bundle(raw, scheme=Scheme(other)).number == 3
        relabelled = {**bundle, "scheme": other}
        assert alone.judge(raw_of(relabelled), other) == 3
        mended = raw_of(recommit(relabelled))
        assert alone.judge(mended, other) == 3
        assert judge_without(mended, 3, scheme=other) == 0, "control: only check 3 keeps it out"


@pytest.mark.parametrize("scheme", [Scheme.REAL, Scheme.REHEARSAL])
def test_a_void_draw_is_void_only_for_a_true_cause(scheme: Scheme) -> None:
    bundle = make_bundle(scheme=scheme)
    empty = {"seed": "", "order": [], "disputed_would_stand_before": []}
    void = {**bundle, "expected": {**bundle["expected"], **empty}, "beacon": []}
    cards = bundle["committers"]
    garbled = [{**cards[0], "secret": "0" * 64}, *cards[1:]]
    unread = [{**cards[0], "secret": ""}, *cards[1:]]
    for cause, opened, number in (
        ("custody", cards, 9),
        ("custody", unread, 9),
        ("commit-invalid:operator", garbled, 9),
        ("commit-invalid:operator", cards, 8),
        ("commit-invalid:operator", unread, 8),
        ("commit-invalid:notary", garbled, 8),
        ("commit-invalid:nobody", garbled, 8),
        ("", unread, 2),
        ("disliked", cards, 2),
        ("commit-invalid:", cards, 2),
    ):
        raw = raw_of({**void, "void": cause, "committers": opened})
        assert alone.judge(raw, str(scheme)) == number, cause
        assert judge_bundle(raw, scheme=scheme).number == number, cause
    for name, value in bundle["expected"].items():
        if name in empty and value:
            held = {**void, "void": "custody", "expected": {**void["expected"], name: value}}
            assert alone.judge(raw_of(held), str(scheme)) == 2


def test_rules_and_program_agree_on_strange_files() -> None:
    dice, numbers = random.Random(SEED), set()
    bundles = [make_bundle(size=size) for size in (3, 4, 5)]
    for place in range(FUZZED):
        raw = fuzz(bundles[place % 3], dice)
        number = alone.judge(raw)
        assert number == judge_bundle(raw).number, raw
        numbers.add(number)
    assert numbers >= {0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 12}


@pytest.mark.parametrize("raw", [b"[" * 200_000, b'{"a":' * 200_000, b"9" * 5_000])
def test_deep_and_long_input_is_a_verdict(raw: bytes) -> None:
    assert alone.judge(raw) == judge_bundle(raw).number == 1


def test_it_runs_alone_and_answers_with_its_exit_code(tmp_path: Path) -> None:
    bundle = make_bundle()
    good, bad = tmp_path / "draw.json", tmp_path / "bad.json"
    good.write_bytes(raw_of(bundle))
    bad.write_bytes(raw_of({**bundle, "expected": {**bundle["expected"], "seed": "0" * 64}}))
    program = tmp_path / "verify_draw.py"
    program.write_bytes(VERIFIERS["verify_draw.py"].read_bytes())

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-S", "-X", "utf8", str(program), *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    right = run(good, "--announcement", bundle["expected"]["A"])
    assert (right.returncode, right.stderr) == (0, "")
    assert judge_bundle(raw_of(bundle)).order_digest in right.stdout
    wrong = run(bad)
    assert wrong.returncode == 1
    assert "第 11 项" in wrong.stderr
    assert run(good, "--announcement", "0" * 64).returncode == 1
    assert run(good, "--rehearsal").returncode == 1
    assert run().returncode == run(tmp_path / "nowhere").returncode == 2
