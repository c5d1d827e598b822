"""Witnesses: whose lines count, when a quorum is one, and which head may be cosigned."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import notes, witnessing
from anju_rules.hashing import digest
from anju_rules.ledger import Checkpoint, write_note
from anju_rules.merkle import merkle_root, prove_consistency
from anju_rules.values import Refusal

SEED = 20260601
FORGERIES = 2_000
AT = 1_780_300_800
TEXT = write_note(Checkpoint("anju/log", 3, digest(b"root")))
LOG = notes.NoteKey("anju/log", notes.KeyKind.ED25519, bytes(range(32)))


def keys_of(name: str) -> tuple[notes.NoteKey, notes.NoteKey]:
    """Give a witness's two keys."""
    half = digest(name.encode())
    return (
        notes.NoteKey(name, notes.KeyKind.ED25519_COSIGN, half),
        notes.NoteKey(name, notes.KeyKind.SM2_COSIGN, b"\x04" + half + digest(half)),
    )


def sign(key: notes.NoteKey, message: bytes) -> bytes:
    """A signature that only tells keys and messages apart."""
    return digest(key.public + message)


def is_signed(key: notes.NoteKey, message: bytes, signature: bytes) -> bool:
    return signature == sign(key, message)


def line(key: notes.NoteKey, *, at: int = AT, text: str = TEXT) -> tuple[notes.NoteKey, bytes]:
    """Sign as a witness does."""
    message = witnessing.cosigned_message(text, seconds=at)
    return key, witnessing.join_time(sign(key, message), seconds=at)


NAMES = ("notary", "residents", "archive")
POLICY = witnessing.WitnessPolicy(
    2, tuple(witnessing.Witness(name, keys_of(name), f"{name}处") for name in NAMES)
)


def judge(*lines: tuple[notes.NoteKey, bytes]) -> witnessing.CosignatureVerdict:
    note = notes.join_note(TEXT, [(LOG, sign(LOG, TEXT.encode())), *lines])
    return witnessing.judge_cosignatures(note, policy=POLICY, is_signed=is_signed)


def test_two_of_three_are_a_quorum_each_with_its_own_moment() -> None:
    first = [line(key) for key in keys_of("notary")]
    assert not judge(*first).is_quorum
    both = judge(*first, *(line(key, at=AT + 5) for key in keys_of("archive")))
    assert [one.name for one in both.cosigned] == ["notary", "archive"]
    assert (both.missing, both.is_quorum) == (("residents",), True)
    assert both.cosigned[1].at == datetime.fromtimestamp(AT + 5, UTC)


def test_one_witness_counts_once_however_often_it_signs() -> None:
    lines = [line(key, at=AT + late) for late in range(4) for key in keys_of("notary")]
    verdict = judge(*lines)
    assert [one.at for one in verdict.cosigned] == [datetime.fromtimestamp(AT, UTC)]
    assert not verdict.is_quorum


def test_every_key_of_a_witness_must_have_signed_at_one_time() -> None:
    ed25519, sm2 = keys_of("notary")
    assert not judge(line(ed25519)).cosigned
    assert not judge(line(ed25519), line(sm2, at=AT + 1)).cosigned
    assert judge(line(ed25519), line(sm2), line(sm2, at=AT + 1)).cosigned


def test_the_log_cannot_pass_for_a_witness() -> None:
    """The same key material as a log's and as a witness's has other names and other bytes."""
    ed25519, _ = keys_of("notary")
    as_log = notes.NoteKey("notary", notes.KeyKind.ED25519, ed25519.public)
    assert as_log.key_id != ed25519.key_id
    policy = witnessing.WitnessPolicy(1, (witnessing.Witness("notary", (ed25519,)),))
    note = notes.join_note(TEXT, [(as_log, sign(as_log, TEXT.encode()))])
    assert not witnessing.judge_cosignatures(note, policy=policy, is_signed=is_signed).is_quorum


@pytest.mark.threat("T-20")
def test_forged_cosignatures_count_nothing() -> None:
    chance = random.Random(SEED)
    honest = [line(key) for name in NAMES for key in keys_of(name)]
    assert len(judge(*honest).cosigned) == 3
    refused = 0
    for _ in range(FORGERIES):
        victim = chance.randrange(len(honest))
        key, signature = honest[victim]
        place = chance.randrange(len(signature))
        changed = bytearray(signature)
        changed[place] ^= 1 << chance.randrange(8)
        other = honest[(victim + chance.randrange(1, 6)) % 6]
        kinds = (
            (key, bytes(changed)),
            (key, other[1]),
            (key, signature[:place]),
            (key, signature + b"\0"),
            line(key, text=TEXT.replace("\n3\n", "\n4\n")),
        )
        forged = [kinds[chance.randrange(len(kinds))] if n == victim else one
                  for n, one in enumerate(honest)]  # fmt: skip
        try:
            cosigned = {one.name for one in judge(*forged).cosigned}
        except Refusal as refusal:
            cosigned = set() if refusal.code == "ledger.note-malformed" else {key.name}
        refused += key.name not in cosigned
    print(f"seed {SEED}: forged cosignatures refused {refused} of {FORGERIES}")  # noqa: T201
    assert refused == FORGERIES


def test_control_without_the_check_every_forgery_counts() -> None:
    forged = [(key, witnessing.join_time(bytes(64), seconds=AT)) for name in NAMES
              for key in keys_of(name)]  # fmt: skip
    note = notes.join_note(TEXT, forged)
    believed = witnessing.judge_cosignatures(note, policy=POLICY, is_signed=lambda *_: True)
    assert believed.is_quorum
    assert not judge(*forged).is_quorum


def test_a_policy_is_read_as_it_was_written() -> None:
    assert witnessing.read_policy(witnessing.write_policy(POLICY)) == POLICY


WRITTEN = witnessing.write_policy(POLICY)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "quorum = 2",
        "quorum = 2\nwitness = []",
        "quorum = 2\nwitness = [1, 2, 3]",
        WRITTEN.replace("quorum = 2", "quorum = true"),
        WRITTEN.replace("quorum = 2", "quorum = 0"),
        WRITTEN.replace("quorum = 2", "quorum = 4"),
        WRITTEN.replace("quorum = 2", ""),
        WRITTEN.replace('name = "notary"', 'name = "residents"'),
        WRITTEN.replace('title = "notary处"', f'title = "{"长" * 41}"'),
        WRITTEN.replace('title = "notary处"', "title = 1"),
        WRITTEN.replace("keys = [", "keys = [3, ", 1),
        WRITTEN.replace(keys_of("archive")[0].write(), LOG.write()),
        WRITTEN.replace(keys_of("archive")[0].write(), "nonsense"),
        WRITTEN.replace(keys_of("archive")[1].write(), keys_of("archive")[0].write()),
        (WRITTEN + WRITTEN.partition("\n\n")[2]).replace("quorum = 2", "quorum = 4"),
        "[" * 10_000,
    ],
)
def test_what_is_no_policy_is_refused(told: str) -> None:
    with pytest.raises(Refusal) as refused:
        witnessing.read_policy(told)
    assert refused.value.code == "witness.policy-malformed"


@pytest.mark.threat("T-14")
def test_a_quorum_that_two_strangers_could_fill_is_refused() -> None:
    """Every quorum that is read meets every other in a witness; below half they need not."""
    for count in range(1, 8):
        witnesses = tuple(witnessing.Witness(f"w{n}", keys_of(f"w{n}")) for n in range(count))
        for quorum in range(1, count + 1):
            told = witnessing.write_policy(witnessing.WitnessPolicy(quorum, witnesses))
            groups = [set(group) for group in combinations(range(count), quorum)]
            do_meet = all(one & other for one in groups for other in groups)
            if do_meet:
                assert witnessing.read_policy(told).quorum == quorum
            else:
                with pytest.raises(Refusal) as refused:
                    witnessing.read_policy(told)
                assert refused.value.code == "witness.quorum-splits"


def leaves_of(count: int, *, mark: str = "") -> list[bytes]:
    return [digest(f"{mark}{n}".encode()) for n in range(count)]


def head_of(leaves: list[bytes], *, origin: str = "anju/log") -> Checkpoint:
    return Checkpoint(origin, len(leaves), merkle_root(leaves))


@given(st.integers(1, 80), st.integers(0, 80))
def test_a_log_that_only_grows_is_cosigned(old: int, more: int) -> None:
    leaves = leaves_of(old + more)
    path = prove_consistency(leaves=leaves, old_size=old) if more else ()
    offered = head_of(leaves)
    assert witnessing.judge_head(last=head_of(leaves[:old]), offered=offered, path=path) == offered
    assert witnessing.judge_head(last=None, offered=offered, path=()) == offered


@pytest.mark.threat("T-13")
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_a_rebuilt_log_is_refused_whatever_the_proof(
    old: int, more: int, data: st.DataObject
) -> None:
    honest = leaves_of(old)
    rebuilt = [*honest, *leaves_of(more, mark="x")]
    rebuilt[data.draw(st.integers(0, old - 1))] = digest(b"changed afterwards")
    path = prove_consistency(leaves=rebuilt, old_size=old)
    with pytest.raises(Refusal) as refused:
        witnessing.judge_head(last=head_of(honest), offered=head_of(rebuilt), path=path)
    assert refused.value.code == "witness.not-continued"


@pytest.mark.parametrize(
    ("offered", "code"),
    [
        (head_of(leaves_of(8, mark="x")), "witness.two-heads"),
        (head_of(leaves_of(7)), "witness.head-older"),
        (head_of(leaves_of(9)), "witness.not-continued"),
        (head_of(leaves_of(9), origin="anju/other"), "witness.wrong-log"),
    ],
)
def test_what_does_not_continue_is_refused(offered: Checkpoint, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        witnessing.judge_head(last=head_of(leaves_of(8)), offered=offered, path=())
    assert refused.value.code == code
