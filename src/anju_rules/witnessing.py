"""Witnesses: who cosigned the head of a log, when, and whether that is enough.

A witness is in other hands than the log. It cosigns a head only if that head continues the last one
it cosigned, so two who see heads under the same quorum see one history. The form is that of the
public logs (C2SP tlog-cosignature v1): the line's signature begins with the time, 8 bytes, and
signs ``cosignature/v1``, that time and the note's text. SM2 lines, ours, sign the same bytes.

Which witnesses count, and how many, is the reader's own :class:`WitnessPolicy`, brought along as
the log's key is. A policy taken from the server that is checked proves nothing.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anju_rules.ledger import Checkpoint
from anju_rules.merkle import verify_consistency
from anju_rules.notes import IsSigned, NoteKey, NoteSignature, SignedNote, read_key, split_note
from anju_rules.values import Refusal

_TIME_BYTES = 8
_MOST_SECONDS = 253_402_300_799
"""The last second of the year 9999: a time beyond it is none."""
_MOST_WITNESSES = 50
_LONGEST_TITLE = 40


@dataclass(frozen=True, slots=True)
class Witness:
    """One witness as a policy knows it: every key given for it must have signed."""

    name: str
    keys: tuple[NoteKey, ...]
    title: str = ""
    """What people call it, e.g. 市公证处; empty: its name."""


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """Whom the reader believes, and how many of them must agree."""

    quorum: int
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """That one witness cosigned a head."""

    name: str
    at: datetime
    """The witness's own clock, UTC, whole seconds; bound by its signature."""


@dataclass(frozen=True, slots=True)
class CosignatureVerdict:
    """Who cosigned a note, and whether that is enough."""

    cosigned: tuple[Cosigned, ...]
    """In the order of the policy, each witness once."""
    missing: tuple[str, ...]
    quorum: int

    @property
    def is_quorum(self) -> bool:
        """Whether enough witnesses cosigned."""
        return len(self.cosigned) >= self.quorum


def read_policy(text: str) -> WitnessPolicy:
    """Read a policy: TOML with ``quorum``, and of each ``[[witness]]`` its name, title and keys.

    Refuses with ``witness.policy-malformed``, and with ``witness.quorum-splits`` a quorum that two
    groups without a common member could fill: they could attest two histories.
    """
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refusal("witness.policy-malformed", part="toml") from error
    rows, quorum = told.get("witness"), told.get("quorum")
    if not isinstance(rows, list) or not 0 < len(rows) <= _MOST_WITNESSES:
        raise Refusal("witness.policy-malformed", part="witness")
    if type(quorum) is not int or not 0 < quorum <= len(rows):
        raise Refusal("witness.policy-malformed", part="quorum")
    if 2 * quorum <= len(rows):
        raise Refusal("witness.quorum-splits", quorum=quorum, witnesses=len(rows))
    witnesses = tuple(_read_witness(row) for row in rows)
    # One key under two names, or one name twice, would let one hand fill a quorum.
    keys = [key.public for witness in witnesses for key in witness.keys]
    if len({witness.name for witness in witnesses}) < len(rows) or len(set(keys)) < len(keys):
        raise Refusal("witness.policy-malformed", part="name")
    return WitnessPolicy(quorum, witnesses)


def write_policy(policy: WitnessPolicy) -> str:
    """Write a policy as the file that :func:`read_policy` reads."""
    lines = [f"quorum = {policy.quorum}\n"]
    for witness in policy.witnesses:
        keys = "".join(f'  "{key.write()}",\n' for key in witness.keys)
        title = (
            f"title = {json.dumps(witness.title, ensure_ascii=False)}\n" if witness.title else ""
        )
        lines.append(f'\n[[witness]]\nname = "{witness.name}"\n{title}keys = [\n{keys}]\n')
    return "".join(lines)


def _read_witness(row: object) -> Witness:
    malformed = Refusal("witness.policy-malformed", part="keys")
    if not isinstance(row, Mapping):
        raise malformed
    named: Mapping[str, Any] = row
    name, keys, title = named.get("name"), named.get("keys"), named.get("title", "")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise malformed
    if not isinstance(title, str) or len(title) > _LONGEST_TITLE:
        raise malformed
    try:
        read = tuple(read_key(key) for key in keys)
    except Refusal as refusal:
        raise malformed from refusal
    if any(key.name != name or not key.kind.is_cosigning for key in read):
        raise malformed
    if len({key.kind for key in read}) < len(read):
        raise malformed
    return Witness(str(name), read, title)


def cosigned_message(text: str, *, seconds: int) -> bytes:
    r"""Give the bytes a witness signs at a time (seconds since 1970).

    >>> cosigned_message("anju/log\n", seconds=7)
    b'cosignature/v1\ntime 7\nanju/log\n'
    """
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def join_time(signature: bytes, *, seconds: int) -> bytes:
    """Put the time before a signature, as it stands in a witness's line."""
    return seconds.to_bytes(_TIME_BYTES, "big") + signature


def judge_cosignatures(
    note: str, *, policy: WitnessPolicy, is_signed: IsSigned
) -> CosignatureVerdict:
    """Judge which witnesses of ``policy`` cosigned ``note``, and when.

    A witness counts if each of its keys signed this very text at one and the same time. Lines of
    other keys are nothing to us. Refuses with ``ledger.note-malformed``.
    """
    opened = split_note(note)
    cosigned: list[Cosigned] = []
    missing: list[str] = []
    for witness in policy.witnesses:
        at = _time_of(opened, witness, is_signed)
        if at is None:
            missing.append(witness.name)
        else:
            cosigned.append(Cosigned(witness.name, datetime.fromtimestamp(at, UTC)))
    return CosignatureVerdict(tuple(cosigned), tuple(missing), policy.quorum)


def _time_of(note: SignedNote, witness: Witness, is_signed: IsSigned) -> int | None:
    """Give the earliest second at which all keys of a witness signed; None if there is none."""
    common: set[int] | None = None
    for key in witness.keys:
        times = {
            seconds
            for line in note.signatures
            if (line.name, line.key_id) == (key.name, key.key_id)
            and (seconds := _signed_at(note.text, line, key, is_signed)) is not None
            and (common is None or seconds in common)
        }
        common = times if common is None else common & times
        if not common:
            return None
    return min(common) if common else None


def _signed_at(text: str, line: NoteSignature, key: NoteKey, is_signed: IsSigned) -> int | None:
    seconds = int.from_bytes(line.signature[:_TIME_BYTES], "big")
    if len(line.signature) <= _TIME_BYTES or not 0 < seconds <= _MOST_SECONDS:
        return None
    signature = line.signature[_TIME_BYTES:]
    return seconds if is_signed(key, cosigned_message(text, seconds=seconds), signature) else None


def judge_head(
    *, last: Checkpoint | None, offered: Checkpoint, path: Sequence[bytes]
) -> Checkpoint:
    """Judge whether a witness whose last head is ``last`` may cosign ``offered``; gives it back.

    ``path`` proves that the longer log continues the shorter (RFC 9162 section 2.1.4.2). The same
    head once more is no new head. Refuses with ``witness.wrong-log``, ``witness.head-older``,
    ``witness.two-heads`` (one size, two roots) or ``witness.not-continued``.
    """
    if last is None:
        return offered
    if offered.origin != last.origin:
        raise Refusal("witness.wrong-log", origin=offered.origin, expected=last.origin)
    if offered.size < last.size:
        raise Refusal("witness.head-older", size=offered.size, last=last.size)
    if offered.size == last.size:
        if offered.root != last.root:
            raise Refusal("witness.two-heads", size=offered.size)
        return offered
    continued = last.size == 0 or verify_consistency(
        old_size=last.size,
        old_root=last.root,
        new_size=offered.size,
        new_root=offered.root,
        path=path,
    )
    if not continued:
        raise Refusal("witness.not-continued", size=offered.size, last=last.size)
    return offered
