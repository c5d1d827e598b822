"""The demo's witnesses: three programs with folders of their own, so that one sees how it goes.

On one machine they attest nothing to anybody: in service each stands in other hands, makes its key
there, and only its public lines come here (docs/operations/running.md).
"""

from __future__ import annotations

from pathlib import Path

from anju.foundation.ledger.keys import read_log_key
from anju_rules.witnessing import Witness, WitnessPolicy, write_policy
from anju_witness.folder import read_own_key, set_up

NAMES = {"notary-office": "市公证处", "residents": "被征收人代表会", "archive": "市档案馆"}
"""Name and title of each."""
QUORUM = 2


def witness_folder(home: Path, name: str) -> Path:
    """Say where a demo witness keeps its key and its head."""
    return home / "witnesses" / name


def keep_demo_witnesses(home: Path, *, url: str) -> None:
    """Set up what is missing of the three, and list them in ``witnesses.toml`` if no list is there.

    A list that is there stays: who is a witness is decided once, not at every start.
    """
    file = home / "witnesses.toml"
    log = read_log_key(home).public_keys[0].write()
    witnesses = []
    for name, title in NAMES.items():
        folder = witness_folder(home, name)
        if not folder.exists():
            set_up(folder, name=name, log=log, url=url)
        if not file.exists():
            witnesses.append(Witness(name, read_own_key(folder).public_keys, title))
    if not file.exists():
        file.write_text(write_policy(WitnessPolicy(QUORUM, tuple(witnesses))), encoding="utf-8")
