"""Taking the log out: headers, commitments and checkpoints, never a body.

An export can be verified anywhere, by anyone, without a database: ``entries.jsonl`` and
``checkpoints.jsonl`` (canonical JSON, a line each) and ``checkpoint.txt``, the newest signed note
with its witnesses' lines, to keep and to compare later.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anju.foundation.core.files import write_folder
from anju.foundation.ledger.cosigning import note_with_cosignatures
from anju.foundation.ledger.keys import is_signed
from anju.foundation.ledger.queries import latest_checkpoint
from anju.foundation.ledger.rows import Row, stream_rows
from anju.foundation.ledger.verification import ALIAS, CHECKPOINT_ROWS, read_entries
from anju_rules.hashing import canonical
from anju_rules.log_audit import Audit, Policy, StoredCheckpoint, StoredEntry, audit_log
from anju_rules.values import Refusal

ENTRIES = "entries.jsonl"
CHECKPOINTS = "checkpoints.jsonl"
NOTE = "checkpoint.txt"


def export_log(*, folder: Path, replace: bool = False) -> int:
    """Write the log up to its newest checkpoint into ``folder``; gives the size.

    Refuses with ``files.folder-not-empty``, and with ``ledger.entry-missing`` a log with holes.
    """
    newest = latest_checkpoint()
    size = newest.size if newest else 0
    signed = latest_checkpoint(signed=True)

    def fill(fresh: Path) -> None:
        with (fresh / ENTRIES).open("wb") as file:
            for entry in read_entries():
                if entry.index >= size:
                    break
                file.write(canonical(_show_entry(entry)) + b"\n")
        with (fresh / CHECKPOINTS).open("wb") as file:
            for row in stream_rows(CHECKPOINT_ROWS, [size], alias=ALIAS):
                file.write(canonical(_show_checkpoint(row)) + b"\n")
        if signed is not None and (note := note_with_cosignatures(size=signed.size)):
            (fresh / NOTE).write_text(note, encoding="utf-8")

    write_folder(folder, fill, replace=replace)
    return size


def verify_export(*, folder: Path, policy: Policy) -> Audit:
    """Verify an export; refuses with ``ledger.export-malformed`` what is none."""
    return audit_log(
        entries=_read_entries(folder),
        checkpoints=list(_read_checkpoints(folder)),
        policy=policy,
        is_signed=is_signed,
    )


def _show_entry(entry: StoredEntry) -> dict[str, object]:
    if entry.header is None or entry.commit is None:
        raise Refusal("ledger.entry-missing", index=entry.index)
    return {
        "index": entry.index,
        "header": entry.header.decode(),
        "commit": entry.commit.hex(),
        "leaf": entry.placed.hex(),
    }


def _show_checkpoint(row: Row) -> dict[str, object]:
    size, prev_size, root, frontier, note = row
    return {
        "size": size,
        "prev_size": prev_size,
        "root": bytes(root).hex(),
        "frontier": bytes(frontier).hex(),
        "note": note,
    }


def _read_entries(folder: Path) -> Iterator[StoredEntry]:
    for told in _read_lines(folder / ENTRIES):
        try:
            leaf = bytes.fromhex(told["leaf"])
            header = told["header"].encode()
            entry = StoredEntry(
                index=told["index"],
                event_id=str(json.loads(header)["id"]),
                placed=leaf,
                header=header,
                commit=bytes.fromhex(told["commit"]),
                leaf=leaf,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refusal("ledger.export-malformed", file=ENTRIES) from error
        yield entry


def _read_checkpoints(folder: Path) -> Iterator[StoredCheckpoint]:
    for told in _read_lines(folder / CHECKPOINTS):
        try:
            row = StoredCheckpoint(
                size=int(told["size"]),
                prev_size=int(told["prev_size"]),
                root=bytes.fromhex(told["root"]),
                frontier=bytes.fromhex(told["frontier"]),
                note=None if told["note"] is None else str(told["note"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal("ledger.export-malformed", file=CHECKPOINTS) from error
        yield row


def _read_lines(file: Path) -> Iterator[Any]:
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal("ledger.export-malformed", file=file.name) from error
