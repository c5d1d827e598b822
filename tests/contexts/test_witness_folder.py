"""One witness by itself: what it remembers, what it refuses, what it keeps as evidence."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from textwrap import dedent
from threading import Barrier, Lock
from typing import Any

import pytest

from anju.foundation.core.crypto import new_key_pair, new_secret
from anju.foundation.ledger.keys import LogKey, is_signed
from anju_rules.hashing import digest
from anju_rules.ledger import Checkpoint, write_note
from anju_rules.merkle import merkle_root, prove_consistency
from anju_rules.notes import join_note, open_note
from anju_rules.values import Refusal
from anju_rules.witnessing import Witness, WitnessPolicy, judge_cosignatures, judge_head
from anju_witness import folder as memory
from anju_witness.main import main

LOG = LogKey(new_key_pair(), new_secret())
PIN = LOG.public_keys[0]
ROUNDS = 6
RIVALS = 6
AT = 1_780_300_800


def note_of(leaves: Sequence[bytes], *, key: LogKey = LOG) -> str:
    """Sign the head of some leaves as the log does."""
    text = write_note(Checkpoint(key.origin, len(leaves), merkle_root(leaves)))
    return join_note(text, key.sign(text.encode()))


def leaves_of(count: int, *, mark: str = "") -> list[bytes]:
    return [digest(f"{mark}{n}".encode()) for n in range(count)]


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """Give the folder of a fresh witness."""
    place = tmp_path / "notary"
    memory.set_up(place, name="notary", log=PIN.write(), url="http://127.0.0.1:1")
    return place


def cosign(place: Path, leaves: Sequence[bytes], *, since: int = 0, at: int = AT) -> memory.Head:
    path = prove_consistency(leaves=leaves, old_size=since) if 0 < since < len(leaves) else ()
    return memory.cosign(place, note=note_of(leaves), path=path, seconds=at)


def refusal_of(place: Path, leaves: Sequence[bytes], *, since: int = 0) -> str:
    with pytest.raises(Refusal) as refused:
        cosign(place, leaves, since=since)
    return refused.value.code


def test_a_growing_log_is_cosigned_and_remembered(witness: Path) -> None:
    key = memory.read_own_key(witness)
    leaves = leaves_of(40)
    for since, size in ((0, 3), (3, 4), (4, 17), (17, 40)):
        head = cosign(witness, leaves[:size], since=since)
        assert memory.read_head(witness, key=key) == head
        policy = WitnessPolicy(1, (Witness("notary", key.public_keys),))
        note = head.note + head.signature
        # The platform's own code reads the lines of a program it shares nothing with but the rules.
        assert judge_cosignatures(note, policy=policy, is_signed=is_signed).is_quorum
        assert open_note(note, key=PIN, is_signed=is_signed).size == size
    again = cosign(witness, leaves, at=AT + 100)
    assert (again.size, again.seconds) == (40, AT), "the same head is not signed a second time"
    assert (witness / memory.KEY).stat().st_mode & 0o777 == 0o600


def test_a_clock_that_was_set_back_does_not_turn_the_order_round(witness: Path) -> None:
    leaves = leaves_of(5)
    cosign(witness, leaves[:3], at=AT)
    assert cosign(witness, leaves, since=3, at=AT - 86_400).seconds == AT


@pytest.mark.threat("T-14")
@pytest.mark.threat("T-11")
def test_the_second_head_of_one_size_is_refused_and_both_notes_are_kept(witness: Path) -> None:
    honest, other = leaves_of(9), leaves_of(9, mark="x")
    cosign(witness, honest)
    for _ in range(3):
        assert refusal_of(witness, other) == "witness.two-heads"
    (file,) = memory.list_evidence(witness)
    kept = json.loads(file.read_text(encoding="utf-8"))
    roots = {open_note(kept[side], key=PIN, is_signed=is_signed).root
             for side in ("cosigned", "offered")}  # fmt: skip
    # Anybody with the log's key sees from the two notes alone that it told two histories.
    assert roots == {merkle_root(honest), merkle_root(other)}
    assert cosign(witness, [*honest, digest(b"next")], since=9).size == 10


@pytest.mark.threat("T-13")
def test_a_whole_tree_rebuilt_and_signed_is_refused_by_the_witness_own_head(witness: Path) -> None:
    honest = leaves_of(20)
    cosign(witness, honest)
    for changed in range(20):
        rebuilt = [*honest, *leaves_of(5, mark="more")]
        rebuilt[changed] = digest(b"changed afterwards")
        assert refusal_of(witness, rebuilt, since=20) == "witness.not-continued"
        assert refusal_of(witness, rebuilt) == "witness.not-continued"
        assert refusal_of(witness, rebuilt[:19]) == "witness.head-older"
    assert memory.read_head(witness, key=memory.read_own_key(witness)).size == 20
    assert memory.list_evidence(witness)


@pytest.mark.threat("T-13")
def test_control_a_witness_without_its_own_head_cosigns_the_rebuilt_tree(
    witness: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = leaves_of(20)
    cosign(witness, honest)
    rebuilt = [digest(b"changed afterwards"), *honest[1:], digest(b"more")]
    monkeypatch.setattr(memory, "judge_head", lambda **told: told["offered"])
    assert cosign(witness, rebuilt, since=20).size == 21


def offer(place: Path, mark: int) -> str:
    """Offer one of several heads of one size; gives its root if it was cosigned."""
    leaves = leaves_of(7, mark=str(mark))
    try:
        cosign(place, leaves)
    except Refusal as refusal:
        assert refusal.code == "witness.two-heads"  # noqa: PT017 - in a thread or process
        return ""
    return merkle_root(leaves).hex()


_OFFER = dedent("""
    import sys
    from pathlib import Path

    from anju_rules.values import Refusal
    from anju_witness import folder

    print("ready", flush=True)
    sys.stdin.readline()
    try:
        folder.cosign(Path(sys.argv[1]), note=sys.argv[2], path=(), seconds=int(sys.argv[3]))
    except Refusal as refusal:
        print(refusal.code)
""")


def offer_from_processes(place: Path, notes: Sequence[str]) -> list[str]:
    """Offer each note from a process of its own, all at once; gives what each was refused with.

    They are started anew and not forked: a fork of a process with threads may never run.
    """
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", _OFFER, str(place), note, str(AT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for note in notes
    ]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "ready\n"
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    return [rival.communicate(timeout=60)[0].strip() for rival in rivals]


@pytest.mark.threat("T-14")
def test_of_heads_of_one_size_that_come_at_once_one_is_cosigned(tmp_path: Path) -> None:
    for number in range(ROUNDS):
        place = tmp_path / str(number)
        memory.set_up(place, name="notary", log=PIN.write(), url="http://127.0.0.1:1")
        with ThreadPoolExecutor(RIVALS) as pool:
            won = [root for root in pool.map(partial(offer, place), range(RIVALS)) if root]
        assert len(won) == 1
        assert len(memory.list_evidence(place)) == RIVALS - 1
    place = tmp_path / "processes"
    memory.set_up(place, name="notary", log=PIN.write(), url="http://127.0.0.1:1")
    outcomes = offer_from_processes(place, [note_of(leaves_of(7, mark=str(n))) for n in range(4)])
    assert sorted(outcomes) == ["", *["witness.two-heads"] * 3]
    print(f"one of {RIVALS} heads cosigned in {ROUNDS} of {ROUNDS} rounds")  # noqa: T201


@pytest.mark.threat("T-14")
def test_control_without_the_lock_several_are_cosigned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "unlocked"
    memory.set_up(place, name="notary", log=PIN.write(), url="http://127.0.0.1:1")
    judge, write, all_judged, one_writes = judge_head, memory._write, Barrier(RIVALS), Lock()

    def judge_together(**told: Any) -> Checkpoint:
        judged = judge(**told)
        all_judged.wait(timeout=60)
        return judged

    def write_alone(path: Path, text: str) -> None:
        with one_writes:  # they share the name of a file that is begun
            write(path, text)

    monkeypatch.setattr(memory, "judge_head", judge_together)
    monkeypatch.setattr(memory, "_write", write_alone)
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    with ThreadPoolExecutor(RIVALS) as pool:
        won = set(pool.map(partial(offer, place), range(RIVALS)))
    assert len(won) == RIVALS


def test_what_the_pinned_log_did_not_sign_is_not_cosigned(witness: Path) -> None:
    other = LogKey(new_key_pair(), new_secret())
    with pytest.raises(Refusal) as refused:
        memory.cosign(witness, note=note_of(leaves_of(3), key=other), path=(), seconds=AT)
    assert refused.value.code == "ledger.wrong-origin"
    forged = note_of(leaves_of(3)).replace("\n3\n", "\n4\n")
    with pytest.raises(Refusal) as refused:
        memory.cosign(witness, note=forged, path=(), seconds=AT)
    assert refused.value.code == "ledger.signature-wrong"
    assert memory.list_evidence(witness) == ()


@pytest.mark.threat("T-13")
def test_a_witness_that_lost_its_head_retires_its_key(
    witness: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cosign(witness, leaves_of(9))
    (witness / memory.HEAD).unlink()
    assert main(["run", str(witness), "--once"]) == 1
    assert "到此作废" in capsys.readouterr().err
    assert refusal_of(witness, leaves_of(9, mark="x")) == "witness.head-lost"
    # Nor does it help to set it up again over the old key.
    assert main(["init", str(witness), "--name", "notary", "--log", PIN.write(), "--url", "x"]) == 1


@pytest.mark.parametrize("told", ["", "{", "[]", '{"note": "", "signature": "x", "seconds": 0}'])
def test_a_head_that_cannot_be_read_is_none(witness: Path, told: str) -> None:
    cosign(witness, leaves_of(9))
    (witness / memory.HEAD).write_text(told)
    assert refusal_of(witness, leaves_of(10), since=9) == "witness.head-unreadable"


def test_a_head_of_another_hand_is_none(witness: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    memory.set_up(other, name="notary", log=PIN.write(), url="x")
    cosign(other, leaves_of(2))
    (witness / memory.HEAD).write_bytes((other / memory.HEAD).read_bytes())
    assert refusal_of(witness, leaves_of(3), since=2) == "witness.head-unreadable"


def test_a_key_that_others_can_read_is_not_used(witness: Path) -> None:
    (witness / memory.KEY).chmod(0o640)
    assert refusal_of(witness, leaves_of(1)) == "witness.key-readable-by-others"
    (witness / memory.KEY).unlink()
    assert main(["run", str(witness), "--once"]) == 1
    assert main(["key", str(witness)]) == 1


def test_the_command_shows_what_it_holds(witness: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["head", str(witness)]) == 0
    cosign(witness, leaves_of(4))
    assert main(["key", str(witness)]) == main(["head", str(witness)]) == 0
    told = capsys.readouterr().out
    note = told.partition("\n")[2].partition("\n")[2]
    assert open_note(note, key=PIN, is_signed=is_signed).size == 4
    assert main(["evidence", str(witness)]) == 0
    assert main(["init", str(witness / "x"), "--name", "a b", "--log", PIN.write(),
                 "--url", "x"]) == 1  # fmt: skip
    assert main(["run", str(witness), "--once"]) == 1  # nobody listens there


KILLED = """
import os, sys
from pathlib import Path
from anju_rules.hashing import digest
from anju_witness import folder as memory

place, notes, when = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

def die_at(name, real):
    def call(*told, **named):
        if when == name + "-before":
            os.kill(os.getpid(), 9)
        done = real(*told, **named)
        if when == name + "-after":
            os.kill(os.getpid(), 9)
        return done
    return call

os.fsync = die_at("fsync", os.fsync)
Path.replace = die_at("replace", Path.replace)
memory._write = die_at("write", memory._write)
head = memory.cosign(place, note=open(notes).read(), path=(), seconds=9)
print(head.signature)
"""


@pytest.mark.threat("T-14")
@pytest.mark.parametrize(
    "when",
    [f"{step}-{side}" for step in ("fsync", "replace", "write") for side in ("before", "after")],
)
def test_a_witness_killed_while_it_writes_signs_one_history(tmp_path: Path, when: str) -> None:
    """Whatever left it before the kill, and whatever it is offered after it: one root a size."""
    place = tmp_path / "notary"
    memory.set_up(place, name="notary", log=PIN.write(), url="x")
    first, second = leaves_of(6), leaves_of(6, mark="x")
    (tmp_path / "note").write_text(note_of(first), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", dedent(KILLED), str(place), str(tmp_path / "note"), when],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    assert ran.stdout == "", "nothing leaves before it is remembered"
    head = memory.read_head(place, key=memory.read_own_key(place))
    if head.size:
        assert refusal_of(place, second) == "witness.two-heads"
        assert cosign(place, first) == head
    else:
        assert cosign(place, second).size == 6
        assert refusal_of(place, first) == "witness.two-heads"
