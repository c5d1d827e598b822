"""A certificate as it is handed over: one file of JSON, with its proof and the register's word.

The word of the register (:class:`SignedState`) is signed with the registry's key, lives a day, and
shows that what it rests on stands in the public log. It names nobody, so anyone who holds the
certificate's random id may fetch a fresh one and carry it to a desk without a net.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from anju_rules.certificates.judging import (
    SIGNATURE_CLAUSE,
    Answer,
    CertificateFile,
    CertificateVerdict,
    Holds,
    IssuerKey,
    LedgerProof,
    Question,
    judge_certificate,
)
from anju_rules.certificates.register import REGISTER_PREVAILS, RegisterState, Status
from anju_rules.hashing import canonical
from anju_rules.ledger import hash_entry, write_moment
from anju_rules.merkle import verify_inclusion
from anju_rules.notes import IsSigned, NoteKey, open_note
from anju_rules.values import Finding, Refusal

FILE_FORMAT = "anju-certificate-file-1"
STATE_FORMAT = "anju-certificate-state-1"
STATE_LASTS = timedelta(days=1)
"""How long the register's word is taken for fresh."""
_TOLD = (
    "as_of",
    "authority",
    "certificate",
    "clause",
    "digest",
    "event",
    "format",
    "number",
    "replaced_by",
    "since",
    "status",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryInLog:
    """That an entry stands in the public log; its body is not told."""

    header: dict[str, object]
    commit: bytes
    index: int
    path: Sequence[bytes]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedState:
    """The register's word on one certificate; nothing of it is believed yet."""

    told: dict[str, object]
    public: bytes
    signature: bytes
    proof: EntryInLog | None

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What came in one file: the certificate, and the register's word if there is one."""

    file: CertificateFile
    state: SignedState | None


def tell_state(
    state: RegisterState, *, certificate: str, authority: str, event: str
) -> dict[str, object]:
    """Write how a certificate stands as the record that the registry signs.

    ``event``: the ledger entry of what was entered last about it.
    """
    return {
        "format": STATE_FORMAT,
        "certificate": certificate,
        "number": state.number,
        "digest": state.digest,
        "status": state.status.value,
        "since": write_moment(state.since),
        "clause": state.clause,
        "replaced_by": state.replaced_by,
        "as_of": write_moment(state.as_of),
        "authority": authority,
        "event": event,
    }


def open_state(
    signed: SignedState,
    *,
    county: str,
    keys: Collection[IssuerKey],
    holds: Holds,
    log_key: NoteKey,
    is_log_signed: IsSigned,
) -> RegisterState:
    """Give how a certificate stands, if a registry known for its county said so.

    Refuses with ``certificates.state-malformed``, ``certificates.state-forged`` (not signed by that
    registry, or with a key it did not use then) and ``certificates.state-unproven`` (what it rests
    on is not shown to stand in the log).
    """
    try:
        state, authority = open_told(signed.told)
        message = signed.message
    except (Refusal, KeyError, TypeError, ValueError) as error:
        raise Refusal("certificates.state-malformed") from error
    on = state.as_of.date()
    is_known = any(
        (key.public, key.authority, key.county) == (signed.public, authority, county)
        and key.from_on <= on + timedelta(days=1)
        and (key.until_on is None or on <= key.until_on + timedelta(days=1))
        for key in keys
    )
    if not is_known or not holds(signed.public, message, signed.signature):
        raise Refusal("certificates.state-forged", number=state.number)
    proof = signed.proof
    if proof is None or not _stands_in_log(
        proof, event=signed.told["event"], log_key=log_key, is_log_signed=is_log_signed
    ):
        raise Refusal("certificates.state-unproven", number=state.number)
    return state


def judge_handed_over(
    handed: HandedOver,
    *,
    keys: Collection[IssuerKey],
    holds: Holds,
    log_key: NoteKey,
    is_log_signed: IsSigned,
    at: datetime,
    freshest: timedelta = STATE_LASTS,
    is_paper_untouched: bool | None = None,
    beside: SignedState | None = None,
) -> CertificateVerdict:
    """Answer the three questions of what came in one file, without asking anybody.

    ``beside``: another word of the register that came with it. Words that do not hold count as
    none, so that none of them hides one that does; a fault is told where no word holds.
    ``is_paper_untouched``: where it came as a PDF, whether its own signature covers all of it.
    """
    number, unit_code = (_text_in(handed.file.record, name) for name in ("number", "unit_code"))
    words, fault = [], ""
    for word in (handed.state, beside):
        try:
            if word is not None:
                opened = open_state(
                    word,
                    county=unit_code[:6],
                    keys=keys,
                    holds=holds,
                    log_key=log_key,
                    is_log_signed=is_log_signed,
                )
                if opened.number == number:  # another's word says nothing of this one
                    words.append(opened)
        except Refusal as refusal:
            fault = refusal.code
    state = max(words, key=_weight, default=None)
    verdict = judge_certificate(
        handed.file,
        keys=keys,
        holds=holds,
        log_key=log_key,
        is_log_signed=is_log_signed,
        state=state,
        at=at,
        freshest=freshest,
    )
    if is_paper_untouched is not None:
        verdict = replace(verdict, intact=_with_paper(verdict.intact, is_met=is_paper_untouched))
    if not fault or state is not None:
        return verdict
    told = Finding(fault, REGISTER_PREVAILS, met=False, facts={})
    return replace(verdict, in_force=Question(answer=Answer.UNKNOWN, findings=(told,)))


def _text_in(record: object, name: str) -> str:
    """Give a field of a record as it came; whether it holds is judged elsewhere."""
    told = record.get(name) if isinstance(record, Mapping) else None
    return told if isinstance(told, str) else ""


def _weight(state: RegisterState) -> tuple[bool, datetime]:
    """Say which word counts: a no keeps, and of the others the latest."""
    return state.status in (Status.REVOKED, Status.REPLACED), state.as_of


def _with_paper(intact: Question, *, is_met: bool) -> Question:
    """Add what the paper's own signature says: good data on a changed paper are not intact."""
    told = Finding("certificates.paper-altered", SIGNATURE_CLAUSE, met=is_met)
    answer = intact.answer if is_met else Answer.NO
    return Question(answer=answer, findings=(*intact.findings, told))


def show_handed_over(handed: HandedOver) -> dict[str, object]:
    """Write a certificate with its proof and the register's word as one JSON value."""
    file, proof = handed.file, handed.file.proof
    return {
        "format": FILE_FORMAT,
        "record": file.record,
        "public": file.public.hex(),
        "signature": file.signature.hex(),
        "proof": None
        if proof is None
        else {
            "header": proof.header,
            "salt": proof.salt.hex(),
            "body": proof.body,
            "index": proof.index,
            "path": [one.hex() for one in proof.path],
            "note": proof.note,
        },
        "state": None if handed.state is None else show_state(handed.state),
    }


def show_state(signed: SignedState) -> dict[str, object]:
    """Write the register's word as a JSON value."""
    proof = signed.proof
    return {
        "told": signed.told,
        "public": signed.public.hex(),
        "signature": signed.signature.hex(),
        "proof": None
        if proof is None
        else {
            "header": proof.header,
            "commit": proof.commit.hex(),
            "index": proof.index,
            "path": [one.hex() for one in proof.path],
            "note": proof.note,
        },
    }


def read_handed_over(told: object) -> HandedOver:
    """Read what :func:`show_handed_over` wrote; a stranger may have written anything.

    Refuses with ``certificates.not-a-certificate-file``.
    """
    try:
        return _read(told)
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("certificates.not-a-certificate-file") from error


def read_state(told: object) -> SignedState:
    """Read what :func:`show_state` wrote; refuses with ``certificates.state-malformed``."""
    try:
        return _read_state(_mapping(told))
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("certificates.state-malformed") from error


def _read(told: object) -> HandedOver:
    given = _mapping(told)
    if given["format"] != FILE_FORMAT:
        raise ValueError
    proof = None if given["proof"] is None else _mapping(given["proof"])
    state = None if given["state"] is None else _read_state(_mapping(given["state"]))
    return HandedOver(
        file=CertificateFile(
            record=given["record"],
            public=_bytes(given["public"]),
            signature=_bytes(given["signature"]),
            proof=None
            if proof is None
            else LedgerProof(
                header=dict(_mapping(proof["header"])),
                salt=_bytes(proof["salt"]),
                body=dict(_mapping(proof["body"])),
                index=_whole(proof["index"]),
                path=[_bytes(one) for one in _listed(proof["path"])],
                note=_text(proof["note"]),
            ),
        ),
        state=state,
    )


def _read_state(given: Mapping[str, Any]) -> SignedState:
    proof = None if given["proof"] is None else _mapping(given["proof"])
    return SignedState(
        told=dict(_mapping(given["told"])),
        public=_bytes(given["public"]),
        signature=_bytes(given["signature"]),
        proof=None
        if proof is None
        else EntryInLog(
            header=dict(_mapping(proof["header"])),
            commit=_bytes(proof["commit"]),
            index=_whole(proof["index"]),
            path=[_bytes(one) for one in _listed(proof["path"])],
            note=_text(proof["note"]),
        ),
    )


def open_told(told: Mapping[str, Any]) -> tuple[RegisterState, str]:
    """Read what a word of the register tells, and who says so; its signature is not asked.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else.
    """
    if sorted(told) != list(_TOLD) or told["format"] != STATE_FORMAT:
        raise ValueError
    if not all(type(value) is str for value in told.values()):
        raise TypeError
    state = RegisterState(
        number=told["number"],
        digest=told["digest"],
        status=Status(told["status"]),
        since=_moment(told["since"]),
        clause=told["clause"],
        as_of=_moment(told["as_of"]),
        replaced_by=told["replaced_by"],
    )
    return state, told["authority"]


def _stands_in_log(
    proof: EntryInLog, *, event: object, log_key: NoteKey, is_log_signed: IsSigned
) -> bool:
    if proof.header.get("id") != event:
        return False
    try:
        checkpoint = open_note(proof.note, key=log_key, is_signed=is_log_signed)
        leaf = hash_entry(header=proof.header, commitment=proof.commit)
    except (Refusal, ValueError):
        return False
    return verify_inclusion(
        leaf=leaf,
        index=proof.index,
        size=checkpoint.size,
        path=proof.path,
        root=checkpoint.root,
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    if write_moment(moment) != text:
        raise ValueError
    return moment


def _mapping(told: object) -> Mapping[str, Any]:
    if not isinstance(told, Mapping) or not all(type(name) is str for name in told):
        raise TypeError
    return told


def _listed(told: object) -> list[object]:
    if type(told) is not list or len(told) > 64:
        raise TypeError
    return told


def _bytes(told: object) -> bytes:
    return bytes.fromhex(_text(told))


def _text(told: object) -> str:
    if type(told) is not str:
        raise TypeError
    return told


def _whole(told: object) -> int:
    if type(told) is not int or told < 0:
        raise TypeError
    return told
