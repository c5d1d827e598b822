"""A witness's memory: its key, the last head it cosigned, and evidence of two histories.

Check and store are one act: under a lock, read from the disk, judged, and on the disk again before
the signature leaves. So of two heads of one size that come at once only one is ever cosigned, and a
witness that is killed has either signed nothing or remembers that it did.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from anju_rules.hashing import digest
from anju_rules.ledger import Checkpoint
from anju_rules.notes import NoteKey, open_note, read_key, split_note
from anju_rules.values import Refusal
from anju_rules.witnessing import judge_head
from anju_witness.keys import WitnessKey, has_cosigned, is_signed, new_key, read_key_file

KEY = "witness.key"
HEAD = "head.json"
SETTINGS = "witness.toml"
EVIDENCE = "evidence"
_LOCK = "lock"
_RUNNING = "running"
_OTHERS = 0o077
_MOST_EVIDENCE = 1_000
_DAMNING = frozenset({"witness.two-heads", "witness.not-continued"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a witness was told when it was set up."""

    log: NoteKey
    """The log's pinned key, from a notice or a poster."""
    url: str
    """Where the log speaks to the public."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last head a witness cosigned."""

    checkpoint: Checkpoint | None
    """None: it has seen none yet."""
    note: str
    """As the log signed it."""
    signature: str
    """The witness's own lines."""
    seconds: int

    @property
    def size(self) -> int:
        """The size of the log that it vouches for."""
        return self.checkpoint.size if self.checkpoint else 0


def set_up(folder: Path, *, name: str, log: str, url: str) -> WitnessKey:
    """Make a witness in ``folder``, whole or not at all, and give its key.

    Refuses with ``witness.already-there``, ``witness.name-malformed`` or ``ledger.key-malformed``.
    """
    if folder.exists():
        raise Refusal("witness.already-there", folder=str(folder))
    read_key(log)
    key = new_key(name)
    for public in key.public_keys:
        try:
            read_key(public.write())
        except Refusal as refusal:
            raise Refusal("witness.name-malformed", name=name) from refusal
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        settings = f"log = {json.dumps(log.strip())}\nurl = {json.dumps(url.rstrip('/'))}\n"
        _write(fresh / SETTINGS, settings)
        _write(fresh / HEAD, _show_head(Head(None, "", "", 0)))
        _write(fresh / KEY, key.write())
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return key


def read_settings(folder: Path) -> Settings:
    """Read what the witness was told; refuses with ``witness.settings-unreadable``."""
    try:
        told = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        return Settings(read_key(str(told["log"])), str(told["url"]))
    except (OSError, ValueError, KeyError, Refusal) as error:
        raise Refusal("witness.settings-unreadable", file=str(folder / SETTINGS)) from error


def read_own_key(folder: Path) -> WitnessKey:
    """Read the witness's key.

    Refuses with ``witness.not-set-up``, ``witness.key-readable-by-others`` or
    ``witness.key-unreadable``.
    """
    file = folder / KEY
    try:
        if file.stat().st_mode & _OTHERS:
            raise Refusal("witness.key-readable-by-others", file=str(file))
        return read_key_file(file.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise Refusal("witness.not-set-up", folder=str(folder)) from error


def read_head(folder: Path, *, key: WitnessKey) -> Head:
    """Read the last head, which the witness's own key must have signed.

    Refuses with ``witness.head-lost`` where there is none: a witness that forgot what it signed
    could sign a second history, so its key is at an end. ``witness.head-unreadable``: likewise.
    """
    unreadable = Refusal("witness.head-unreadable", file=str(folder / HEAD))
    try:
        told = json.loads((folder / HEAD).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refusal("witness.head-lost", folder=str(folder)) from error
    except ValueError as error:
        raise unreadable from error
    try:
        note, signature, seconds = str(told["note"]), str(told["signature"]), int(told["seconds"])
        if not note and not signature:
            return Head(None, "", "", 0)
        if not has_cosigned(key, note + signature):
            raise unreadable
        return Head(split_note(note).checkpoint, note, signature, seconds)
    except (ValueError, KeyError, TypeError, Refusal) as error:
        raise unreadable from error


def cosign(folder: Path, *, note: str, path: Sequence[bytes], seconds: int) -> Head:
    """Cosign the head that ``note`` speaks of, if it continues the last one; remember it first.

    The head it has already is given back as it stands. Refuses as
    :func:`anju_rules.witnessing.judge_head` does, and keeps both notes of two histories; refuses
    with ``ledger.signature-wrong`` or ``ledger.wrong-origin`` what the pinned log did not sign.
    """
    settings = read_settings(folder)
    with _locked(folder):
        key = read_own_key(folder)
        last = read_head(folder, key=key)
        offered = open_note(note, key=settings.log, is_signed=is_signed)
        try:
            judge_head(last=last.checkpoint, offered=offered, path=path)
        except Refusal as refusal:
            if refusal.code in _DAMNING:
                _keep_evidence(folder, last=last.note, offered=note, path=path, why=refusal.code)
            raise
        if offered == last.checkpoint:
            return last
        # A clock that was set back must not make this head older than the one before.
        moment = max(seconds, last.seconds)
        head = Head(offered, note, key.cosign(_text_of(note), seconds=moment), moment)
        _write(folder / HEAD, _show_head(head))
        return head


def list_evidence(folder: Path) -> tuple[Path, ...]:
    """Give the files of evidence, oldest name first."""
    return tuple(sorted((folder / EVIDENCE).glob("*.json")))


def _text_of(note: str) -> str:
    return note.partition("\n\n")[0] + "\n"


def _show_head(head: Head) -> str:
    told = {"note": head.note, "signature": head.signature, "seconds": head.seconds}
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _keep_evidence(
    folder: Path, *, last: str, offered: str, path: Sequence[bytes], why: str
) -> None:
    """Keep two notes, both signed by the log, that one history cannot hold."""
    store = folder / EVIDENCE
    store.mkdir(mode=0o700, exist_ok=True)
    # By what they say, not by their signatures: the same story signed again is no new evidence.
    name = digest((_text_of(last) + _text_of(offered)).encode()).hex()[:16]
    file = store / f"{split_note(offered).checkpoint.size}-{name}.json"
    if file.exists() or len(list_evidence(folder)) >= _MOST_EVIDENCE:
        return
    told = {"why": why, "cosigned": last, "offered": offered, "path": [one.hex() for one in path]}
    _write(file, json.dumps(told, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold the folder for one running witness; refuses with ``witness.already-running``."""
    opened = os.open(folder / _RUNNING, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal("witness.already-running", folder=str(folder)) from error
        yield
    finally:
        os.close(opened)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder against every other thread and process; the lock goes with its process."""
    opened = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _write(file: Path, text: str) -> None:
    """Write a file whole or not at all, on the disk before anybody acts on it."""
    fresh = file.with_name(f".{file.name}.new")
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
    where = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(where)
    finally:
        os.close(where)
