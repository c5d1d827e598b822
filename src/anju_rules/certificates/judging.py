"""What a verifier says of a certificate: is it intact, is it in force, and by whom. Three answers.

They are kept apart because they fail apart: a true copy may have been revoked, an altered one may
carry a living number, and without a fresh word from the register nobody knows. **What is not known
is never a yes.** How signatures are checked is given by the caller, so that the same judge runs in
the platform, at a desk without a net, and in one HTML file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from anju_rules.certificates.content import CertificateContent, read_content
from anju_rules.certificates.register import REGISTER_PREVAILS, RegisterState, Status
from anju_rules.ledger import commit_body, hash_entry
from anju_rules.merkle import verify_inclusion
from anju_rules.notes import IsSigned, NoteKey, open_note
from anju_rules.values import Finding, Refusal

SIGNATURE_CLAUSE = "e-signature-law/13"
ISSUE_ACTION = "titles.certificate.issued"

LABELS = (
    ("certificates.label-register-prevails", REGISTER_PREVAILS),
    ("certificates.label-no-statutory-seal", SIGNATURE_CLAUSE),
    ("certificates.label-ledger-time", "online-litigation-rules/16"),
)
"""What every certificate says of itself, with the clause: what it is, and what it is not."""

Holds = Callable[[bytes, bytes, bytes], bool]
"""Whether a public key's (first) signature (third) over a message (second) holds: SM2."""


class Answer(StrEnum):
    """An answer to one of the three questions."""

    YES = "yes"
    LIMITED = "limited"
    """In force, and something stands against the home: no green page, and no no."""
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKey:
    """A key that a registry is known to sign with; told to the verifier, never by the paper."""

    public: bytes
    authority: str
    """The registry's credit code."""
    name: str
    county: str
    """Whose register it speaks for: the first six digits of a unit code."""
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerProof:
    """What shows that the issue stands in the public log: entry, path, signed state of the log."""

    header: dict[str, object]
    salt: bytes
    body: dict[str, object]
    index: int
    path: Sequence[bytes]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFile:
    """A certificate as a stranger holds it; nothing of it is believed yet."""

    record: object
    """The structured data, as read from JSON."""
    public: bytes
    """The key that it names."""
    signature: bytes
    proof: LedgerProof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with its answer and the reasons."""

    answer: Answer
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateVerdict:
    """The three answers."""

    content: CertificateContent | None
    intact: Question
    in_force: Question
    by_whom: Question
    issuer: IssuerKey | None
    as_of: datetime | None = None
    """The moment of the register's word that was taken; None: there was none."""

    @property
    def is_good(self) -> bool:
        """Whether all three answers are yes; only then may a page be green."""
        answers = {self.intact.answer, self.in_force.answer, self.by_whom.answer}
        return answers == {Answer.YES}


def judge_certificate(
    file: CertificateFile,
    *,
    keys: Collection[IssuerKey],
    holds: Holds,
    log_key: NoteKey,
    is_log_signed: IsSigned,
    state: RegisterState | None,
    at: datetime,
    freshest: timedelta,
) -> CertificateVerdict:
    """Answer the three questions of a certificate.

    ``state``: what the register said last, or None where it could not be asked; older than
    ``freshest`` it is no yes any more, though a no stays a no: what was revoked stays revoked.
    Every answer but yes has its reason among the unmet findings (``certificates.*``).
    """
    try:
        content = read_content(file.record)
    except Refusal as refusal:
        malformed = Finding("certificates.malformed", "", met=False, facts={"reason": refusal.code})
        unread = Question(answer=Answer.UNKNOWN, findings=(malformed,))
        return CertificateVerdict(
            content=None,
            intact=Question(answer=Answer.NO, findings=(malformed,)),
            in_force=unread,
            by_whom=unread,
            issuer=None,
        )
    issuer = _issuer_of(content, [key for key in keys if key.public == file.public])
    return CertificateVerdict(
        content=content,
        intact=_answer(
            _judge_intact(file, content, holds=holds, log_key=log_key, is_log_signed=is_log_signed)
        ),
        in_force=_answer(_judge_state(content, state, at=at, freshest=freshest)),
        by_whom=_answer(_judge_issuer(content, issuer)),
        issuer=issuer,
        as_of=state.as_of if state is not None else None,
    )


_UNKNOWN = {
    "certificates.no-proof",
    "certificates.register-not-asked",
    "certificates.state-old",
    "certificates.suspended",
    "certificates.key-unknown",
}
"""What leaves a question open; everything else that is unmet answers it with no."""
_LIMITED = {"certificates.limited"}
"""What is a yes with a limit to it."""


def _answer(findings: Iterator[Finding]) -> Question:
    told = tuple(findings)
    unmet = {finding.code for finding in told if not finding.met}
    answer = Answer.YES
    if unmet:
        answer = Answer.UNKNOWN if unmet <= _UNKNOWN | _LIMITED else Answer.NO
        if unmet <= _LIMITED:
            answer = Answer.LIMITED
    return Question(answer=answer, findings=told)


def _judge_intact(
    file: CertificateFile,
    content: CertificateContent,
    *,
    holds: Holds,
    log_key: NoteKey,
    is_log_signed: IsSigned,
) -> Iterator[Finding]:
    yield Finding(
        "certificates.altered",
        SIGNATURE_CLAUSE,
        met=holds(file.public, content.message, file.signature),
        facts={"number": content.number.text},
    )
    proof = file.proof
    yield Finding("certificates.no-proof", SIGNATURE_CLAUSE, met=proof is not None)
    if proof is not None:
        yield Finding(
            "certificates.proof-wrong",
            SIGNATURE_CLAUSE,
            met=_is_proven(proof, content, log_key=log_key, is_log_signed=is_log_signed),
            facts={"number": content.number.text},
        )


def _is_proven(
    proof: LedgerProof,
    content: CertificateContent,
    *,
    log_key: NoteKey,
    is_log_signed: IsSigned,
) -> bool:
    """Whether the log holds the issue of just this content."""
    if proof.body.get("digest") != content.digest or proof.header.get("action") != ISSUE_ACTION:
        return False
    try:
        checkpoint = open_note(proof.note, key=log_key, is_signed=is_log_signed)
        commitment = commit_body(salt=proof.salt, body=proof.body)
        leaf = hash_entry(header=proof.header, commitment=commitment)
    except (Refusal, ValueError):  # a stranger may have written anything, half a letter too
        return False
    return verify_inclusion(
        leaf=leaf,
        index=proof.index,
        size=checkpoint.size,
        path=proof.path,
        root=checkpoint.root,
    )


def _judge_state(
    content: CertificateContent,
    state: RegisterState | None,
    *,
    at: datetime,
    freshest: timedelta,
) -> Iterator[Finding]:
    clause = REGISTER_PREVAILS
    yield Finding("certificates.register-not-asked", clause, met=state is not None)
    if state is None:
        return
    told: dict[str, object] = {
        "number": state.number,
        "since": state.since.isoformat(),
        "as_of": state.as_of.isoformat(),
        "replaced_by": state.replaced_by,
        "clause": state.clause,
    }
    is_this = state.number == content.number.text and state.digest == content.digest
    yield Finding("certificates.not-this-issue", clause, met=is_this, facts=told)
    for status, code in (
        (Status.REVOKED, "certificates.revoked"),
        (Status.REPLACED, "certificates.replaced"),
        (Status.SUSPENDED, "certificates.suspended"),
        (Status.LIMITED, "certificates.limited"),
    ):
        yield Finding(code, state.clause, met=state.status is not status, facts=told)
    is_fresh = timedelta(0) <= at - state.as_of <= freshest
    yield Finding("certificates.state-old", clause, met=is_fresh, facts=told)


def _issuer_of(content: CertificateContent, keys: Collection[IssuerKey]) -> IssuerKey | None:
    """Give the entry of a key that fits best: an installation has one for all its counties."""
    tests = (_is_authority, _is_county, _is_then)
    return max(keys, key=lambda key: [is_met(key, content) for is_met in tests], default=None)


def _is_authority(issuer: IssuerKey, content: CertificateContent) -> bool:
    return issuer.authority == content.authority


def _is_county(issuer: IssuerKey, content: CertificateContent) -> bool:
    return issuer.county == content.unit.county


def _is_then(issuer: IssuerKey, content: CertificateContent) -> bool:
    on = content.registered_on
    return issuer.from_on <= on and (issuer.until_on is None or on <= issuer.until_on)


def _judge_issuer(content: CertificateContent, issuer: IssuerKey | None) -> Iterator[Finding]:
    told = {"authority": content.authority_name}
    yield Finding("certificates.key-unknown", SIGNATURE_CLAUSE, met=issuer is not None, facts=told)
    if issuer is None:
        return
    told = {**told, "signer": issuer.name, "county": content.unit.county}
    for code, is_met in (
        ("certificates.key-of-another", _is_authority),
        ("certificates.key-of-other-county", _is_county),
        ("certificates.key-not-then", _is_then),
    ):
        yield Finding(code, SIGNATURE_CLAUSE, met=is_met(issuer, content), facts=told)
