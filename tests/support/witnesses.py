"""Witnesses for tests: three keys in memory, listed in this run's home, that cosign on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from anju.foundation.ledger.cosigning import take_cosignature
from anju.foundation.ledger.queries import latest_checkpoint
from anju.foundation.ledger.signing import Signer
from anju.foundation.ledger.types import CosignRow
from anju.foundation.ledger.witnesses import witnesses_file
from anju_rules.witnessing import Witness, WitnessPolicy, write_policy
from anju_witness.keys import WitnessKey, new_key
from tests.support.ledgers import NOW, log_key, place_all

TITLES = {"notary-office": "市公证处", "residents": "被征收人代表会", "archive": "市档案馆"}


@cache
def witness_keys() -> tuple[WitnessKey, ...]:
    """Give three keys for the whole run."""
    return tuple(new_key(name) for name in TITLES)


def witness_policy(*, quorum: int = 2) -> WitnessPolicy:
    """Give the policy of a reader who believes the three."""
    return WitnessPolicy(
        quorum,
        tuple(Witness(key.name, key.public_keys, TITLES[key.name]) for key in witness_keys()),
    )


@contextmanager
def known_to_the_installation() -> Iterator[WitnessPolicy]:
    """Let this run's installation know the three witnesses while the block lasts."""
    file = witnesses_file(Path(settings.HOME))
    file.write_text(write_policy(witness_policy()), encoding="utf-8")
    try:
        yield witness_policy()
    finally:
        file.unlink()


def cosign_newest(*, at: datetime = NOW, by: Sequence[WitnessKey] | None = None) -> list[CosignRow]:
    """Let ``by`` (default: all three) cosign the newest signed head; gives what was taken in."""
    newest = latest_checkpoint(signed=True)
    assert newest is not None
    assert newest.note is not None
    text = newest.note.partition("\n\n")[0] + "\n"
    return [
        take_cosignature(
            size=newest.size,
            signature=key.cosign(text, seconds=int(at.timestamp())),
            at=at,
        )
        for key in (witness_keys() if by is None else by)
    ]


def witness_all(*, at: datetime = NOW) -> int:
    """Place, sign and cosign all that waits; gives the size. For use inside the block above."""
    size = place_all()
    Signer(log_key()).sign_next()
    cosign_newest(at=at)
    return size
