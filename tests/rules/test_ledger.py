"""Entries and checkpoints of the ledger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import ledger
from anju_rules.hashing import digest
from anju_rules.values import Refusal

HEADER = {"action": "selection.home.chosen", "target": "YS-2026-00001"}


@pytest.mark.req("CRT-2")
@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4),
    st.binary(min_size=16, max_size=16),
)
def test_a_body_can_be_bound_without_being_shown(body: dict[str, str], salt: bytes) -> None:
    bound = ledger.commit_body(salt=salt, body=body)
    assert bound == ledger.commit_body(salt=salt, body=dict(reversed(body.items())))
    assert bound != ledger.commit_body(salt=salt, body={**body, "more": "1"})
    assert bound != ledger.commit_body(salt=digest(salt)[:16], body=body)


def test_a_leaf_binds_header_and_body() -> None:
    commitment = ledger.commit_body(salt=bytes(16), body={"unit": "6-1204"})
    leaf = ledger.hash_entry(header=HEADER, commitment=commitment)
    assert leaf != ledger.hash_entry(header={**HEADER, "target": "X"}, commitment=commitment)
    assert leaf != ledger.hash_entry(header=HEADER, commitment=digest(commitment))


@given(st.integers(0, 10**15), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back_as_written(size: int, root: bytes) -> None:
    checkpoint = ledger.Checkpoint("anju/YS-2026", size, root)
    assert ledger.read_note(ledger.write_note(checkpoint)) == checkpoint


@pytest.mark.threat("T-20")
@pytest.mark.parametrize(
    "spelling",
    [
        lambda note: note + "\n",
        lambda note: note.rstrip("\n"),
        lambda note: note.replace("\n3\n", "\n03\n"),
        lambda note: note.replace("\n3\n", "\n+3\n"),
        lambda note: note.replace("\n3\n", "\n3 \n"),
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note.replace("=", ""),
        lambda note: note.replace("anju/YS", ""),
        lambda note: "\n" + note,
        lambda note: note.replace("A=", "B="),
    ],
)
def test_a_checkpoint_has_one_spelling(spelling: object) -> None:
    note = ledger.write_note(ledger.Checkpoint("anju/YS", 3, bytes(32)))
    changed = spelling(note)  # type: ignore[operator]
    assert changed != note
    with pytest.raises(Refusal) as refused:
        ledger.read_note(changed)
    assert refused.value.code == "ledger.note-malformed"
