"""The demo's witnesses: three programs with folders of their own, so that one sees how it goes.

On one machine they attest nothing to anybody: in service each stands in other hands, makes its key
there, and only its public lines come here (docs/operations/running.md).
"""

from __future__ import annotations

from pathlib import Path

from anju.foundation.core.clock import read_clock
from anju.foundation.ledger.keys import read_log_key
from anju_rules.witnessing import Witness, WitnessPolicy, write_policy
from anju_witness.folder import cosign, read_head, read_own_key, set_up

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


def witness_everything(home: Path) -> int:
    """Place, sign and cosign all that waits, at once; gives the size.

    For the making of a demo, while none of the programs runs that do so in service. Django is set
    up by the caller.
    """
    from anju.foundation.ledger.cosigning import take_cosignature  # noqa: PLC0415
    from anju.foundation.ledger.queries import (  # noqa: PLC0415
        consistency_between,
        latest_checkpoint,
    )
    from anju.foundation.ledger.sequencing import drain_inbox  # noqa: PLC0415
    from anju.foundation.ledger.signing import Signer  # noqa: PLC0415

    while drain_inbox(at=read_clock()).taken:
        pass
    Signer(read_log_key(home)).sign_next()
    newest = latest_checkpoint(signed=True)
    if newest is None or newest.note is None:
        return 0
    for name in NAMES:
        folder, at = witness_folder(home, name), read_clock()
        since = read_head(folder, key=read_own_key(folder)).size
        path = (
            consistency_between(old_size=since, new_size=newest.size)
            if 0 < since < newest.size
            else ()
        )
        head = cosign(folder, note=newest.note, path=path, seconds=int(at.timestamp()))
        take_cosignature(size=head.size, signature=head.signature, at=at)
    return newest.size
